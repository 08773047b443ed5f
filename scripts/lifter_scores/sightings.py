"""Trials as they are judged: what the detector said of someone, and what is true of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.skeleton import JOINTS, LIMB_KEYPOINTS
from scripts.studio.asanas import ASANAS
from scripts.studio.training.record import Record
from scripts.studio.trials.packing import records


@dataclass(frozen=True, slots=True)
class Sighting:
    """One trial.

    Attributes:
        name: of the trial.
        take: what is in it, as `trials.shooting` wrote it.
        fps: frames a second.
        image_size: (width, height) pixels.
        focal: pixels.
        found: (T,) whether the detector found somebody.
        keypoints: what it said, None where it found nobody.
        joints: (T, 17, 3) the truth, H36M-17, metres, pelvis at the origin, camera axes.
        places: (T, 17, 3) the same from the camera.
        groups: (T,) the group of the pose that is held or gone into.
    """

    name: str
    take: dict[str, Any]
    fps: int
    image_size: tuple[int, int]
    focal: float
    found: NDArray[np.bool_]
    keypoints: tuple[Keypoints | None, ...]
    joints: FloatArray
    places: FloatArray
    groups: NDArray[np.str_]

    @property
    def kind(self) -> str:
        """Routine, fault, instructor or still."""
        return str(self.take["kind"])


def sightings(pack: str) -> list[Sighting]:
    """All trials of a pack.

    Raises:
        InputError: there is no such pack.
    """
    return [sighting(name, record) for name, record in records(pack)]


def of_kind(trials: Iterable[Sighting], *kinds: str) -> list[Sighting]:
    """Those trials that are of one of some kinds."""
    return [trial for trial in trials if trial.kind in kinds]


def sighting(name: str, record: Record) -> Sighting:
    """What a record of the studio holds."""
    camera = record.take["casting"]["camera"]
    size = (camera["width"], camera["height"])
    fractions = record.pixels / np.array(size, np.float32)
    points = np.concatenate([fractions, record.score[..., None]], axis=-1)
    said = [
        Keypoints(points[i], record.world[i, :, 2], record.world[i], size) if found else None
        for i, found in enumerate(record.found)
    ]
    return Sighting(
        name=name,
        take=dict(record.take),
        fps=record.take["fps"],
        image_size=size,
        focal=camera["height"] / 2 / float(np.tan(np.radians(camera["field_deg"]) / 2)),
        found=record.found,
        keypoints=tuple(said),
        joints=record.joints - record.joints[:, :1],
        places=record.joints,
        groups=_groups(record),
    )


def _groups(record: Record) -> NDArray[np.str_]:
    count, take = len(record.found), record.take
    if "truth" in take:  # a practice: its holds tell the poses
        return np.full(count, "")
    if "poses" not in take:
        return np.full(count, ASANAS[take["pose"]].group)
    ends = np.array([end for _, end in take["spans_s"]])
    now = np.minimum(np.searchsorted(ends, np.arange(count) / take["fps"]), len(ends) - 1)
    return np.array([ASANAS[take["poses"][i]].group for i in now])


def with_true_limbs(trial: Sighting) -> Sighting:
    """The same as a detector would say it that is exact: limbs where they are, face as it said."""
    rows, columns = list(LIMB_KEYPOINTS), list(LIMB_KEYPOINTS.values())
    middle = np.array(trial.image_size) / 2
    said: list[Keypoints | None] = []
    for keypoints, place, joints in zip(trial.keypoints, trial.places, trial.joints, strict=True):
        if keypoints is None:
            said.append(None)
            continue
        points, depth = keypoints.points.copy(), keypoints.depth.copy()
        pixels = place[rows, :2] / place[rows, 2:] * trial.focal + middle
        points[columns, :2] = pixels / np.array(trial.image_size)
        depth[columns] = joints[rows, 2]
        world = np.zeros((JOINTS, 3), np.float32) if keypoints.world is None else keypoints.world
        world = world.copy()
        world[columns] = joints[rows]
        said.append(Keypoints(points, depth, world, trial.image_size))
    return Sighting(
        **{name: getattr(trial, name) for name in Sighting.__slots__ if name != "keypoints"},
        keypoints=tuple(said),
    )
