"""Instructors and students of whom all is known, as tracks: as they are seen, and as they are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle
from coach_server.coaching.cue import Joint, Side
from coach_server.coaching.track import Track
from coach_server.inference.engines import Engines
from coach_server.inference.lifters import LoadedLifter
from coach_server.library.progress import FrameProgress
from coach_server.library.track_file import load_track, save_track
from coach_server.library.tracking import track_film
from scripts.cue_scores.films import EXACT_M, PLAIN, TRUE_JOINTS, TRUE_LIMBS, Way, routine_of
from scripts.cue_scores.practices import INSTRUCTOR, Practice, pairs, practices
from scripts.studio import truth_file
from scripts.studio.truth_file import FilmTruth

WAYS: Final = (PLAIN, TRUE_LIMBS, TRUE_JOINTS)
"""What is replaced by the truth: nothing, the detector's limbs, or what the lifter says as well."""


@dataclass(frozen=True, slots=True)
class PutIn:
    """A fault that was put in, seconds of the student's film."""

    angle: Angle
    joint: Joint
    side: Side
    degrees: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Person:
    """One film.

    Attributes:
        name: of it.
        knots: (2 H,) seconds at which holds begin and end, in turn.
        faults: what was put in.
        track: gives the track of one of `WAYS`; None where that cannot be had.
    """

    name: str
    knots: NDArray[np.float64]
    faults: tuple[PutIn, ...]
    track: Callable[[str], Track | None]


def of_set(
    folder: Path, engines: Engines, cache: Path, progress: Callable[[str], FrameProgress]
) -> Iterator[tuple[Person, Person]]:
    """(instructor, student) of the films of a set that have faults; tracks are kept in `cache`."""
    for path in sorted(folder.glob("*.faults*.json")):
        base = path.name.split(".")[0]
        instructor = folder / f"{base}.{INSTRUCTOR}.json"
        if instructor.exists():
            one, other = (_of_film(truth, engines, cache, progress) for truth in (instructor, path))
            yield one, other


def of_pack(name: str, cache: Path, lifter: LoadedLifter) -> Iterator[tuple[Person, Person]]:
    """(instructor, student) of filmed practices; students who do all right have no faults."""
    for instructor, student in pairs(practices(name, cache)):
        yield _of_practice(instructor, lifter), _of_practice(student, lifter)


def _of_film(
    path: Path, engines: Engines, cache: Path, progress: Callable[[str], FrameProgress]
) -> Person:
    truth = truth_file.read(path)
    kept = cache / f"{truth.name}.npz"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        film = path.with_suffix(".mp4")
        found = track_film(film, engines.new_detector(), engines.new_lifter(), progress(truth.name))
        save_track(found, kept)
    seen = load_track(kept)
    ways = {PLAIN: seen, TRUE_JOINTS: _true(seen, truth)}
    knots = np.array([t for hold in truth.holds for t in (hold.start, hold.end)])
    faults = tuple(
        PutIn(
            angle=Angle[fault.angle.upper()],
            joint=Joint(fault.joint),
            side=Side(fault.side),
            degrees=fault.deviation_deg,
            start=fault.start,
            end=fault.end,
        )
        for fault in truth.faults
    )
    return Person(truth.name, knots, faults, ways.get)


def _true(seen: Track, truth: FilmTruth) -> Track:
    joints = truth.tracks.camera - truth.tracks.camera[:, :1]
    return replace(
        seen,
        joints=np.asarray(joints, np.float32),
        joints_sigma=np.full_like(seen.joints, EXACT_M),
    )


def _of_practice(practice: Practice, lifter: LoadedLifter) -> Person:
    knots = np.array([t for hold in practice.truth["holds"] for t in (hold["start"], hold["end"])])
    faults = tuple(
        PutIn(fault.angle, fault.joint, fault.side, fault.degrees, fault.arrived, fault.end)
        for fault in practice.faults()
        if fault.seen and fault.meant
    )
    return Person(
        practice.name, knots, faults, lambda way: routine_of(Way(way, lifter), practice).track
    )
