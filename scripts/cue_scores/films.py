"""T2: filmed practices through the product's own tracker, lifter and pipeline."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.pose import Pose
from coach_server.body.skeleton import JOINTS
from coach_server.coaching.cue import CueEvent, Direction, Joint, Side
from coach_server.coaching.holds import find_holds
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.routine import Routine
from coach_server.coaching.track import Track
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.protocols import Lifter
from coach_server.pipeline.student import StudentPipeline
from coach_server.pipeline.tracker import PoseTracker
from scripts.cue_scores.practices import Practice
from scripts.cue_scores.rivals import rivals
from scripts.cue_scores.scoring import Cue, cues_of
from scripts.cue_scores.seen import Seen
from scripts.lifter_scores.sightings import Sighting, with_true_limbs
from scripts.lifter_scores.sources import NO_PICTURE, Replay

EXACT_M: Final = 0.002
PLAIN, TRUE_LIMBS, TRUE_JOINTS = "as filmed", "true limbs", "true joints"
WAYS: Final = (PLAIN, TRUE_LIMBS, TRUE_JOINTS)
"""What is replaced by the truth: nothing, the detector's limbs, or what the lifter says as well."""


class TrueLifter:
    """A lifter that says what is true."""

    name = fingerprint = "truth"

    def __init__(self, film: Sighting) -> None:
        self._film = film

    def lift(self, keypoints: Keypoints, t: float) -> Pose:
        """The joints of the frame taken at `t`."""
        del keypoints
        joints = self._film.joints[round(t * self._film.fps)]
        return Pose(joints.copy(), np.full((JOINTS, 3), EXACT_M, np.float32))

    def reset(self) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """There is nothing to give back."""


@dataclass(frozen=True, slots=True)
class Way:
    """A practice as somebody sees it.

    Attributes:
        name: of `WAYS`.
        lifter: the product's.
    """

    name: str
    lifter: LoadedLifter

    def film(self, practice: Practice) -> Sighting:
        """What the detector says."""
        return practice.film if self.name == PLAIN else with_true_limbs(practice.film)

    def new(self, film: Sighting) -> Lifter:
        """What lifts it."""
        return TrueLifter(film) if self.name == TRUE_JOINTS else self.lifter.new()


def routine_of(way: Way, instructor: Practice) -> Routine:
    """The routine as the product makes it of an instructor's film."""
    film = way.film(instructor)
    tracker = PoseTracker(Replay(film.keypoints), way.new(film))
    count = len(film.keypoints)
    points = np.zeros((count, JOINTS, 3), np.float32)
    joints, sigma = np.full((2, count, JOINTS, 3), np.nan, np.float32)
    depth = np.full((count, JOINTS), np.nan, np.float32)
    present = np.zeros(count, np.bool_)
    times = np.arange(count) / film.fps
    for i, t in enumerate(times.tolist()):
        tracked = tracker.step(NO_PICTURE, t)
        if tracked is not None:
            points[i], depth[i] = tracked.keypoints.pixels, tracked.keypoints.depth
            joints[i], sigma[i] = tracked.pose.joints, tracked.pose.sigma
            present[i] = True
    track = Track(
        fps=float(film.fps),
        time_s=times,
        image_size=film.image_size,
        keypoints=points,
        depth=depth,
        joints=joints,
        joints_sigma=sigma,
        present=present,
    )
    return Routine(track, find_holds(track))


def watched(way: Way, routine: Routine, student: Practice) -> dict[str, Any]:
    """What coach and rivals say of a student, as JSON holds it."""
    film = way.film(student)
    pipeline = StudentPipeline(Replay(film.keypoints), way.new(film), routine)
    clock = PlayerClock(0.0, playing=True, rate=1.0, at_s=0.0, end_s=routine.duration_s)
    events: list[CueEvent] = []
    silences: dict[str, int] = {}
    cost: list[float] = []
    count = len(film.keypoints)
    joints, points = np.full((count, JOINTS, 3), np.nan, np.float32), _no_points(count)
    times = np.arange(count) / film.fps
    for i, t in enumerate(times.tolist()):
        start = time.thread_time_ns()
        result = pipeline.step(NO_PICTURE, t, clock)
        cost.append((time.thread_time_ns() - start) / 1e6)
        events += result.cues
        silence = "" if result.silence is None else str(result.silence)
        silences[silence] = silences.get(silence, 0) + 1
        if result.pose is not None and result.keypoints is not None:
            joints[i], points[i] = result.pose.joints, result.keypoints.points
    player_t = np.array([clock.position(t) for t in times.tolist()])
    runs = np.array([clock.runs(t) for t in times.tolist()])
    others = rivals(Seen(routine.track, times, player_t, runs, joints, points))
    said = {"coach": cues_of(events)} | {name: one.cues for name, one in others.items()}
    return {
        "cues": {name: [asdict(cue) for cue in cues] for name, cues in said.items()},
        "silences": dict(sorted(silences.items())),
        "cost_ms": cost,
    }


def cues_in(known: dict[str, Any], who: str) -> list[Cue]:
    """The cues of somebody, of what `watched` told."""
    return list(_cues(known["cues"][who]))


def _cues(rows: list[dict[str, Any]]) -> Iterator[Cue]:
    for row in rows:
        way = row["direction"]
        yield replace(
            Cue(**row),
            joint=Joint(row["joint"]),
            side=Side(row["side"]),
            direction=None if way is None else Direction(way),
        )


def _no_points(count: int) -> FloatArray:
    return np.zeros((count, JOINTS, 3), np.float32)
