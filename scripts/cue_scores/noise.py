"""The lifter's own errors, measured on the studio's trials: what T1 adds to exact joints.

An error is a joint as the product's lifter has it minus where it is, pelvis at the origin, camera
axes. Errors have long tails, and who is read badly is mostly said to be doubtful: so they are not
drawn from a normal distribution. Each pose that is held is given what was said of one trial, its
mean error with the spread that the lifter stated; a student is given that of a student of the same
trial as the instructor's, so that both share as much as they do in truth. About the mean, errors
flicker as a first order process with the covariance that is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import mirrored_joints
from coach_server.body.skeleton import H36M_MIRROR
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.recipe import Recipes
from coach_server.settings import Settings
from scripts.cue_scores.figure import Array
from scripts.lifter_scores.sightings import Sighting, of_kind, sightings
from scripts.lifter_scores.sources import Lifted, engine

SLOTS_S: Final = 30.0
"""Flicker is drawn on a grid of so many a second."""
FEWEST: Final = 5
"""Frames of a trial that tell something of it."""
VIEW_DEG: Final = 30.0
"""Students are seen from so far aside at the most."""
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
    """One pose, of one student seen from several sides, and of an instructor."""

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

    def drawn(self, rng: np.random.Generator, count: int) -> list[Case]:
        """A case for each of so many poses, seen in a mirror as often as not."""
        picked = rng.integers(len(self.cases), size=count)
        flips = rng.random(count) < 0.5
        return [
            _mirrored(self.cases[i]) if flip else self.cases[i]
            for i, flip in zip(picked, flips, strict=True)
        ]

    def students(
        self, cases: Sequence[Case], rng: np.random.Generator, *, yaw_deg: float, mirrored: bool
    ) -> list[Said]:
        """What is said of a student whose instructor was drawn so."""
        if abs(yaw_deg) > ALIKE_DEG:
            cases = self.drawn(rng, len(cases))
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


def measured(split: str = "dev") -> Noise:
    """The errors of the product's own lifter on the trials of a set."""
    settings = Settings()
    trials = sightings(f"{settings.keypoints}-{split}")
    chosen = [
        trial
        for trial in of_kind(trials, "fault", "instructor")
        if trial.take.get("view_deg", 0.0) <= VIEW_DEG
    ]
    lift = engine(LoadedLifter.load(Recipes.known(settings.cache), settings.lifter, "cpu"))
    return fitted(chosen, [lift(trial) for trial in chosen])


def fitted(trials: Sequence[Sighting], said: Sequence[Lifted]) -> Noise:
    """The errors of what was said of trials of faults and of their instructors."""
    known = {
        trial.name: (trial, *_residuals(trial, lifted))
        for trial, lifted in zip(trials, said, strict=True)
        if lifted.present.sum() >= FEWEST
    }
    away = {name: off - off.mean(axis=0) for name, (_, off, _) in known.items()}
    every = np.concatenate(list(away.values())).reshape(-1, 51)
    usual = float(np.sqrt((every**2).mean()))
    of = {
        name: Said(
            np.asarray(off.mean(axis=0), np.float32),
            np.asarray(np.median(sigma, axis=0), np.float32),
            float(np.sqrt((away[name] ** 2).mean())) / usual,
        )
        for name, (_, off, sigma) in known.items()
    }
    people: dict[str, list[Said]] = {}
    for name, (trial, _, _) in known.items():
        if trial.kind == "fault":
            people.setdefault(name.rpartition("-")[0], []).append(of[name])
    cases = [
        Case(of[f"{person}-instructor"], tuple(views))
        for person, views in people.items()
        if f"{person}-instructor" in of
    ]
    carried = [_carried(away[name], trial.fps) for name, (trial, _, _) in known.items()]
    unit = [away[name].reshape(-1, 51) / of[name].flicker for name in away]
    return Noise(tuple(cases), np.cov(np.concatenate(unit).T), float(np.median(carried)))


def _residuals(trial: Sighting, lifted: Lifted) -> tuple[FloatArray, FloatArray]:
    """Errors (N, 17, 3) and stated spreads of the N frames in which something is said."""
    off = (lifted.joints - lifted.joints[:, :1]) - (trial.joints - trial.joints[:, :1])
    return off[lifted.present], lifted.sigma[lifted.present]


def _carried(away: FloatArray, fps: int) -> float:
    """Correlation from a slot to the next, of frames at another rate."""
    of = float((away[1:] * away[:-1]).sum() / (away**2).sum())
    return float(np.clip(of, 0.0, 0.999) ** (fps / SLOTS_S))


def _mirrored(case: Case) -> Case:
    return Case(case.instructor.mirrored, tuple(said.mirrored for said in case.students))


def _root(covariance: Array) -> NDArray[np.float64]:
    """R with R @ R.T the covariance; the pelvis, which never errs, makes it singular."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
