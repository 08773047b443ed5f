"""Filmed practices: what the detector said of instructors and students, and what is true."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from coach_server.body.angles import Angle
from coach_server.coaching.cue import Direction, Joint, Side
from coach_server.errors import InputError
from scripts.cue_scores.faults import Fault
from scripts.lifter_scores.sightings import Sighting, sighting
from scripts.studio.practices.shooting import PACKS
from scripts.studio.training.record import FIELDS, Record, unpacked
from scripts.studio.trials.packing import records

ENTERED_S: Final = 1.0
"""On the way into a pose a fault is there before the pose is."""
FRONTAL_DEG: Final = 15.0
INSTRUCTOR: Final = "instructor"


@dataclass(frozen=True, slots=True)
class Practice:
    """One person doing a routine.

    Attributes:
        name: of its record.
        role: instructor, right or faults.
        key: of the routine.
        film: what the detector said, and every joint.
        truth: holds and faults, as `studio.truth` has them.
        digest: of all of it.
    """

    name: str
    role: str
    key: str
    film: Sighting
    truth: dict[str, Any]
    digest: str

    @property
    def yaw_deg(self) -> float:
        """How far aside the camera stands."""
        return abs(float(self.truth["camera"]["yaw_deg"]))

    @property
    def aside(self) -> str:
        """By which views are told apart."""
        return "15 to 30" if self.yaw_deg > FRONTAL_DEG else "0 to 15"

    @property
    def duration_s(self) -> float:
        """Of the film."""
        return len(self.film.found) / self.film.fps

    def faults(self) -> tuple[Fault, ...]:
        """What should be said; faults that the camera cannot see do not count."""
        return tuple(_fault(known, self) for known in self.truth["faults"])


def practices(name: str, cache: Path, packs: Path = PACKS) -> list[Practice]:
    """All practices of a set, by name: from the pack in git, else as they were shot.

    Raises:
        InputError: there is neither, or no instructor.
    """
    folder = cache / "studio" / "practices" / name
    if (packs / f"{name}.npz").exists():
        found = [_practice(key, record) for key, record in records(name, packs)]
    else:
        found = [_practice(path.stem, _read(path)) for path in sorted(folder.glob("*.npz"))]
    if not any(one.role == INSTRUCTOR for one in found):
        raise InputError(
            f"There are no filmed practices {name}.",
            hint="Shoot them: python -m scripts.shoot_practices, or leave T2 out with --tier.",
        )
    return found


def pairs(found: list[Practice]) -> Iterator[tuple[Practice, Practice]]:
    """(instructor, student) of all students whose instructor is there."""
    instructors = {one.key: one for one in found if one.role == INSTRUCTOR}
    for one in found:
        if one.role != INSTRUCTOR and one.key in instructors:
            yield instructors[one.key], one


def _read(path: Path) -> Record:
    with np.load(path, allow_pickle=False) as data:
        return unpacked({field: data[field] for field in FIELDS})


def _practice(name: str, record: Record) -> Practice:
    digest = hashlib.sha256(json.dumps(record.take, sort_keys=True).encode())
    for part in (record.found, record.pixels, record.score, record.world, record.joints):
        digest.update(np.ascontiguousarray(part).tobytes())
    return Practice(
        name=name,
        role=record.take["kind"],
        key=record.take["routine"],
        film=sighting(name, record),
        truth=record.take["truth"],
        digest=digest.hexdigest(),
    )


def _fault(known: dict[str, Any], practice: Practice) -> Fault:
    mended = known["mended"]
    return Fault(
        angle=Angle[known["angle"].upper()],
        degrees=known["deviation_deg"],
        joint=Joint(known["joint"]),
        side=Side(known["side"]),
        direction=Direction(known["direction"]),
        start=known["start"] - ENTERED_S,
        arrived=known["start"],
        end=known["end"] if mended is None else mended,
        mended=mended,
        seen=known["seen"],
        also={Angle[name.upper()]: degrees for name, degrees in known["also_deg"].items()},
        tags={"yaw": practice.aside, "body": practice.name},
    )
