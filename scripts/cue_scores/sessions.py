"""A session as the coach sees it, with what is true of it: joints exact (T0) or misread (T1)."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.skeleton import JOINTS
from coach_server.coaching.choices import Choices
from coach_server.coaching.holds import find_holds
from coach_server.coaching.routine import Routine
from coach_server.coaching.track import Track
from scripts.cue_scores.faults import Fault
from scripts.cue_scores.figure import COCO_FROM_H36M, IMAGE_SIZE, Array, joints_of, points_of
from scripts.cue_scores.hiding import Hidden, hide
from scripts.cue_scores.manner import Manner
from scripts.cue_scores.noise import Case, Noise
from scripts.cue_scores.playing import Played, play
from scripts.cue_scores.poses import LEAST, MOST
from scripts.cue_scores.reading import read_as
from scripts.cue_scores.routines import SEED, Score
from scripts.cue_scores.students import student, sway

FILM_FPS: Final = 30.0
SWAY_DEG: Final = 0.7
"""An instructor sways as well, root mean square."""
HIDDEN_SCORE: Final = 0.08


@dataclass(frozen=True, slots=True)
class Instructor:
    """A routine with its film.

    Attributes:
        score: what is held when.
        routine: as the product has it after watching the film.
        cases: how each pose is misread; None where joints are exact.
    """

    score: Score
    routine: Routine
    cases: list[Case] | None


@dataclass(frozen=True, slots=True)
class Session:
    """T frames of a student, and what is true of them.

    Attributes:
        instructor: who is followed.
        played: the film, and when frames were taken.
        keypoints: T of them.
        joints: (T, 17, 3) metres, camera axes.
        sigma: (T, 17, 3) metres.
        choices: of the student.
        place_s: (T,) seconds on the routine's clock that the student is at; NaN on the way to
            where the film has jumped.
        faults: what should be said.
        hidden: of what nothing may be said.
    """

    instructor: Instructor
    played: Played
    keypoints: tuple[Keypoints, ...]
    joints: FloatArray
    sigma: FloatArray
    choices: Choices
    place_s: Array
    faults: tuple[Fault, ...]
    hidden: tuple[Hidden, ...]

    @property
    def duration_s(self) -> float:
        """From the first frame to the last."""
        return float(self.played.t[-1] - self.played.t[0])


def instructor(score: Score, noise: Noise | None, number: int) -> Instructor:
    """Who does a routine, filmed and tracked."""
    rng = np.random.default_rng([SEED, 6, number])
    cases = None if noise is None else noise.drawn(rng, joints_of(score.poses))
    time_s = np.arange(int(score.duration_s * FILM_FPS) + 1) / FILM_FPS
    joints = joints_of(np.clip(score.done(time_s) + SWAY_DEG * sway(time_s, rng), LEAST, MOST))
    points = points_of(joints)
    said = None if cases is None else [case.instructor for case in cases]
    read, sigma = read_as(joints, time_s, time_s, score, said, noise, rng)
    track = Track(
        fps=FILM_FPS,
        time_s=time_s,
        image_size=IMAGE_SIZE,
        keypoints=points * np.array([*IMAGE_SIZE, 1], np.float32),
        depth=np.zeros(points.shape[:2], np.float32),
        joints=read,
        joints_sigma=sigma,
        present=np.ones(len(time_s), np.bool_),
    )
    return Instructor(score, Routine(track, find_holds(track)), cases)


def session(
    lead: Instructor,
    manner: Manner,
    noise: Noise | None,
    number: int,
    choices: Choices,
) -> Session:
    """The session of a number; its faults and lags are the same whatever else differs."""
    score = lead.score
    played = play(score.duration_s, manner, np.random.default_rng([SEED, 7, number]))
    rng = np.random.default_rng([SEED, 8, number])
    who = student(score, manner, played, number)
    angles, unseen = who.angles, np.zeros((len(played.t), JOINTS), np.bool_)
    hidden: tuple[Hidden, ...] = ()
    if manner.hides:
        angles, unseen, hidden = hide(score, played.t, who.place_s, angles, rng)
    joints = joints_of(angles, who.proportions, who.yaw_deg)
    points = points_of(joints)
    points[unseen, 2] = HIDDEN_SCORE
    said = None
    if noise is not None and lead.cases is not None:
        said = noise.students(
            lead.cases,
            rng,
            joints_of(score.poses, yaw_deg=np.full(len(score.poses), who.yaw_deg)),
            yaw_deg=who.yaw_deg,
            mirrored=manner.mirrored,
        )
    place = np.where(np.isnan(who.place_s), played.player_t, who.place_s)
    read, sigma = read_as(joints, played.t, place, score, said, noise, rng)
    depth = read[:, list(COCO_FROM_H36M), 2]
    return Session(
        instructor=lead,
        played=played,
        keypoints=tuple(
            Keypoints(p, d, None, IMAGE_SIZE) for p, d in zip(points, depth, strict=True)
        ),
        joints=read,
        sigma=sigma,
        choices=choices,
        place_s=who.place_s,
        faults=who.faults,
        hidden=hidden,
    )
