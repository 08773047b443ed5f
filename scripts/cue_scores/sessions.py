"""A session as the coach sees it, with what is true of it: joints exact (T0) or misread (T1)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle
from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.skeleton import JOINTS, Coco
from coach_server.coaching.choices import Choices
from coach_server.coaching.cue import Joint, Side
from coach_server.coaching.holds import find_holds
from coach_server.coaching.routine import Routine
from coach_server.coaching.track import Track
from scripts.cue_scores.faults import Fault
from scripts.cue_scores.figure import COCO_FROM_H36M, IMAGE_SIZE, Array, joints_of, points_of
from scripts.cue_scores.manner import Manner
from scripts.cue_scores.noise import Case, Noise, Said
from scripts.cue_scores.playing import Played, play
from scripts.cue_scores.poses import LEAST, MOST
from scripts.cue_scores.routines import SEED, Score
from scripts.cue_scores.students import student, sway

FILM_FPS: Final = 30.0
SWAY_DEG: Final = 0.7
"""An instructor sways as well, root mean square."""
EXACT_M: Final = 0.002
"""The spread that is stated of exact joints."""
HIDDEN_SCORE: Final = 0.08
HIDDEN_IN: Final = 0.4
"""Share of the poses in which a limb is hidden, where limbs are."""
MISREAD_DEG: Final = 50.0
"""By so much the bend of a hidden limb is read off."""
_LIMBS: Final = (
    (Angle.LEFT_ELBOW_FLEXION, Side.LEFT, (Joint.ELBOW, Joint.SHOULDER), "ELBOW", "WRIST"),
    (Angle.RIGHT_ELBOW_FLEXION, Side.RIGHT, (Joint.ELBOW, Joint.SHOULDER), "ELBOW", "WRIST"),
    (Angle.LEFT_KNEE_FLEXION, Side.LEFT, (Joint.KNEE, Joint.HIP), "KNEE", "ANKLE"),
    (Angle.RIGHT_KNEE_FLEXION, Side.RIGHT, (Joint.KNEE, Joint.HIP), "KNEE", "ANKLE"),
)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A limb that cannot be seen: nothing may be said of it."""

    start: float
    end: float
    joints: tuple[Joint, ...]
    side: Side


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
    read, sigma = _read(joints, time_s, time_s, score, said, noise, rng)
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
    rng = np.random.default_rng([SEED, 7, number])
    score = lead.score
    played = play(score.duration_s, manner, rng)
    who = student(score, manner, played, number)
    angles, unseen = who.angles, np.zeros((len(played.t), JOINTS), np.bool_)
    hidden: tuple[Hidden, ...] = ()
    if manner.hides:
        angles, unseen, hidden = _hidden(score, played.t, who.place_s, angles, rng)
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
    read, sigma = _read(joints, played.t, place, score, said, noise, rng)
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


def _read(
    joints: FloatArray,
    t: Array,
    place: Array,
    score: Score,
    said: list[Said] | None,
    noise: Noise | None,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Joints as the lifter has them, (T, 17, 3), and the spread it states.

    Args:
        joints: (T, 17, 3) exact.
        t: (T,) seconds.
        place: (T,) seconds on the routine's clock.
        score: the poses.
        said: how each of them is misread; None where joints are exact.
        noise: the flicker.
        rng: of the flicker.
    """
    if noise is None or said is None:
        return joints, np.full(joints.shape, EXACT_M, np.float32)
    parts = [(s.error.ravel(), s.sigma.ravel(), [s.flicker]) for s in said]
    error, sigma, size = (
        score.between(np.array(part, np.float64), place) for part in zip(*parts, strict=True)
    )
    off = error.reshape(joints.shape) + noise.flicker(rng, t) * size[..., None]
    return (
        np.asarray(joints + off, np.float32),
        np.asarray(sigma.reshape(joints.shape), np.float32),
    )


def _hidden(
    score: Score, t: Array, place: Array, angles: Array, rng: np.random.Generator
) -> tuple[Array, NDArray[np.bool_], tuple[Hidden, ...]]:
    """Limbs that are hidden in some poses, and misread there.

    Returns:
        (T, 17) angles, whether each of (T, 17) keypoints is hidden, and of what nothing may be
        said.
    """
    angles, unseen = angles.copy(), np.zeros((len(t), JOINTS), np.bool_)
    found = []
    for start, end in zip(score.starts[1:], score.ends[1:], strict=True):
        if rng.random() >= HIDDEN_IN:
            continue
        angle, side, joints, *keypoints = _LIMBS[int(rng.integers(len(_LIMBS)))]
        rows = (place >= start) & (place <= end)
        if not rows.any():
            continue
        now = angles[rows, angle]
        angles[rows, angle] = np.where(now > 90.0, now - MISREAD_DEG, now + MISREAD_DEG)
        columns = [Coco[f"{side.upper()}_{name}"] for name in keypoints]
        unseen[np.ix_(rows, columns)] = True
        found.append(Hidden(float(t[rows][0]), float(t[rows][-1]), joints, side))
    return angles, unseen, tuple(found)
