"""Frames left out of filmed practices: what that costs in cues, on all students of T2.

The packs have no pictures, so what the gate would see is taken from the truth: a frame counts as
still where no joint has moved by so many pixels since the last one that was read. The packs have 15
frames a second, the least that pages are asked for: half of them is less than is ever sent.
"""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from coach_server.body.keypoints import Keypoints
from coach_server.coaching.cue import CueEvent
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.routine import Routine
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.still_frames import MOST
from coach_server.pipeline.student import StudentPipeline
from scripts.cue_scores.builds import differences
from scripts.cue_scores.films import PLAIN, Way, routine_of
from scripts.cue_scores.practices import Practice, pairs
from scripts.cue_scores.scoring import cues_of
from scripts.cue_scores.tally import Tally
from scripts.lifter_scores.sightings import Sighting
from scripts.lifter_scores.sources import NO_PICTURE, Replay

STILL_PX: Final = (0.0, 1.0, 2.0, 4.0)
"""By how much the joint that moves most may have moved, of 480 rows; 0: each frame is read."""


def read_of(film: Sighting, still_px: float) -> tuple[Keypoints | None, ...]:
    """What is said of each frame where still ones are left out, `MOST` in a row."""
    places = film.focal * film.places[..., :2] / film.places[..., 2:]
    told, last = list(film.keypoints), 0
    for i in range(1, len(told)):
        said = told[last]
        moved = float(np.linalg.norm(places[i] - places[last], axis=-1).max())
        if said is None or i - last > MOST or moved >= still_px:
            last = i
        else:
            told[i] = replace(said, repeated=True)
    return tuple(told)


def judge(
    found: list[Practice], still_px: float, lifter: LoadedLifter, each: int = 1
) -> dict[str, Any]:
    """The figures of the coach, of students with faults and of those who are right.

    Args:
        found: the practices.
        still_px: by how much a joint may have moved in frames that are not read.
        lifter: the product's.
        each: of so many frames of a student one is sent; instructors are seen whole.
    """
    way = Way(PLAIN, lifter)
    faulty, right = Tally(), Tally()
    routines: dict[str, Routine] = {}
    read = frames = 0
    for lead, student in pairs(found):
        if lead.key not in routines:
            routines[lead.key] = routine_of(way, lead)
        told = read_of(student.film, still_px)
        frames += len(told)
        told = told[::each]
        read += sum(one is None or not one.repeated for one in told)
        cues = cues_of(_events(told, student.film.fps / each, routines[lead.key], lifter))
        faults = (*student.faults(), *differences(lead, student))
        tally = right if student.role == "right" else faulty
        tally.add(cues, faults, student.duration_s)
    return {
        "left_out": 1 - read / frames,
        "faults": faulty.figures(),
        "perfect": right.figures(),
    }


def _events(
    told: tuple[Keypoints | None, ...], fps: float, routine: Routine, lifter: LoadedLifter
) -> list[CueEvent]:
    pipeline = StudentPipeline(Replay(told), lifter.new(), routine)
    clock = PlayerClock(0.0, playing=True, rate=1.0, at_s=0.0, end_s=routine.duration_s)
    return [
        event for i in range(len(told)) for event in pipeline.step(NO_PICTURE, i / fps, clock).cues
    ]
