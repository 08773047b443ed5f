"""Suggesting names of the poses that are held, from poses that are known."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.registration import limb_directions, turned_towards
from coach_server.coaching.holds import Hold
from coach_server.coaching.routine import Routine
from coach_server.coaching.track import Track

ALIKE_DEG: Final = 15.0
"""Limbs are off by no more than this, root mean square, where it is that pose."""

CLEARER: Final = 1.3
"""And so many times as far off from the pose that is next."""


@dataclass(frozen=True, slots=True)
class KnownPoses:
    """Poses by name.

    Attributes:
        names: of N poses, English.
        directions: (N, B, 3) of `body.registration.LIMBS`, of a person who faces the camera.
    """

    names: tuple[str, ...]
    directions: NDArray[np.float32]


@cache
def known_poses() -> KnownPoses:
    """Those of `poses.json`, which `scripts/export_poses.py` writes."""
    poses = json.loads(files("coach_server.library").joinpath("poses.json").read_text("utf-8"))
    limbs = np.array([pose["limbs"] for pose in poses], np.float32)
    limbs /= np.linalg.norm(limbs, axis=-1, keepdims=True)
    return KnownPoses(tuple(pose["english"] for pose in poses), limbs)


def suggested_names(track: Track, holds: tuple[Hold, ...]) -> tuple[str, ...]:
    """A name for each hold; "" unless it is surely one of the poses that are known.

    Which way the person faces does not matter.
    """
    known = known_poses()
    poses = limb_directions(Routine(track, holds).hold_joints)
    return tuple(_name(pose, known) for pose in poses)


def _name(pose: NDArray[np.float32], known: KnownPoses) -> str:
    if not np.isfinite(pose).all():
        return ""
    apart = np.linalg.norm(turned_towards(known.directions, pose) - pose, axis=-1)
    off = np.degrees(np.sqrt((apart**2).mean(axis=-1)))
    first, second = np.argsort(off)[:2]
    is_sure = off[first] < ALIKE_DEG and off[second] > CLEARER * off[first]
    return known.names[first] if is_sure else ""
