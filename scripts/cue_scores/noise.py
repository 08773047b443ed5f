"""The lifter's own errors, measured on the studio's trials: what T1 adds to exact joints.

An error is a joint as the product's lifter has it minus where it is, pelvis at the origin, camera
axes. Errors have long tails, and who is read badly is mostly said to be doubtful: so they are not
drawn from a normal distribution. Each pose that is held is given what was said of one trial of a
pose like it, its mean error with the spread that the lifter stated; a student is given that of a
student of the same trial as the instructor's, so that both share as much as they do in truth. About
the mean, errors flicker as a first order process with the covariance that is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import LIMBS, limb_directions, mirrored_joints
from coach_server.body.skeleton import H36M_MIRROR, H36m
from scripts.cue_scores.figure import Array

SLOTS_S: Final = 30.0
"""Flicker is drawn on a grid of so many a second."""
LIKE: Final = 6
"""Each pose is given one of so many that are most like it."""
ALIKE_DEG: Final = 45.0
"""Who stands turned by more than this shares no errors with the instructor."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the lifter said of someone who holds a pose.

    Attributes:
        error: (17, 3) metres, the mean.
        sigma: (17, 3) metres, as stated: the median.
        flicker: how much it flickers, as a multiple of what is usual.
    """

    error: FloatArray
    sigma: FloatArray
    flicker: float

    @property
    def mirrored(self) -> "Said":
        """Of the mirror image."""
        return Said(mirrored_joints(self.error), self.sigma[list(H36M_MIRROR)], self.flicker)


@dataclass(frozen=True, slots=True)
class Case:
    """One pose, of one student seen from several sides, and of an instructor.

    Attributes:
        pose: (B, 3) directions of the instructor's limbs, as they are.
        instructor: what is said of the instructor.
        students: what is said of the student, a view each.
    """

    pose: FloatArray
    instructor: Said
    students: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Noise:
    """What the lifter does to the poses that were measured.

    Attributes:
        cases: the poses.
        fast: (51, 51) covariance of the flicker, of flattened (17, 3), square metres.
        carried: its correlation from one slot to the next.
    """

    cases: tuple[Case, ...]
    fast: Array
    carried: float

    def drawn(self, rng: np.random.Generator, poses: FloatArray) -> list[Case]:
        """A case for each of (H, 17, 3) poses, some of them seen in a mirror."""
        every = [*self.cases, *map(_mirrored, self.cases)]
        known = np.stack([case.pose for case in every])
        apart = 1.0 - np.sum(limb_directions(poses)[:, None] * known, axis=-1)
        order = np.argsort(apart.sum(axis=-1), axis=1, kind="stable")
        picked = rng.integers(min(LIKE, len(every)), size=len(poses))
        return [every[row[i]] for row, i in zip(order, picked, strict=True)]

    def students(
        self,
        cases: Sequence[Case],
        rng: np.random.Generator,
        poses: FloatArray,
        *,
        yaw_deg: float,
        mirrored: bool,
    ) -> list[Said]:
        """What is said of a student whose instructor was drawn so, in (H, 17, 3) poses."""
        if abs(yaw_deg) > ALIKE_DEG:
            cases = self.drawn(rng, poses)
        views = [case.students[int(rng.integers(len(case.students)))] for case in cases]
        return [view.mirrored for view in views] if mirrored else views

    def flicker(self, rng: np.random.Generator, t: Array) -> Array:
        """(T, 17, 3) metres at (T,) seconds, of the usual size."""
        slots = np.round(t * SLOTS_S).astype(np.intp)
        drawn = rng.normal(size=(int(slots.max()) + 1, len(self.fast))) @ _root(self.fast).T
        drawn[1:] *= np.sqrt(1.0 - self.carried**2)
        return np.asarray(lfilter([1.0], [1.0, -self.carried], drawn, axis=0)[slots]).reshape(
            len(t), -1, 3
        )


def _mirrored(case: Case) -> Case:
    pose = case.pose[_MIRRORED_LIMBS] * np.array([-1, 1, 1], np.float32)
    students = tuple(said.mirrored for said in case.students)
    return Case(pose, case.instructor.mirrored, students)


_MIRRORED_LIMBS: Final = [
    LIMBS.index((H36m(H36M_MIRROR[start]), H36m(H36M_MIRROR[end]))) for start, end in LIMBS
]


def _root(covariance: Array) -> NDArray[np.float64]:
    """R with R @ R.T the covariance; the pelvis, which never errs, makes it singular."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
