"""Measures the lifter's errors on the studio's trials."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import limb_directions
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.recipe import Recipes
from coach_server.settings import Settings
from scripts.cue_scores.noise import SLOTS_S, Case, Noise, Said
from scripts.lifter_scores.sightings import Sighting, of_kind, sightings
from scripts.lifter_scores.sources import Lifted, engine
from scripts.studio.trials.trial import INSTRUCTOR_S, RIGHT_S

FEWEST: Final = 5
"""Frames in which something is said that tell something of a pose."""
SETTLED_S: Final = 0.4
"""A trial counts from here on: the lifter has seen the person for a while."""
LEAST_M: Final = 1e-4
VIEW_DEG: Final = 30.0
"""Students are seen from so far aside at the most."""


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
    spans = [
        _Span(trial, *span)
        for trial, lifted in zip(trials, said, strict=True)
        for span in _spans(trial, lifted)
    ]
    usual = float(np.sqrt(np.mean([span.size**2 for span in spans])))
    students: dict[str, list[Said]] = {}
    instructors: dict[str, tuple[FloatArray, Said]] = {}
    for span in spans:
        person, _, _ = span.trial.name.rpartition("-")
        one = Said(span.mean, np.asarray(np.median(span.sigma, axis=0)), span.size / usual)
        if span.trial.kind == "instructor":
            instructors[person] = _pose(span.trial), one
        else:
            students.setdefault(person, []).append(one)
    cases = [
        Case(*instructors[person], tuple(views))
        for person, views in students.items()
        if person in instructors
    ]
    unit = np.concatenate([span.away.reshape(-1, 51) * (usual / span.size) for span in spans])
    carried = float(np.median([_carried(span.away, span.trial.fps) for span in spans]))
    return Noise(tuple(cases), np.cov(unit.T), carried)


@dataclass(frozen=True, slots=True)
class _Span:
    """N frames of a trial in which a pose is held: errors and stated spreads, (N, 17, 3)."""

    trial: Sighting
    off: FloatArray
    sigma: FloatArray

    @property
    def mean(self) -> FloatArray:
        return np.asarray(self.off.mean(axis=0), np.float32)

    @property
    def away(self) -> FloatArray:
        return np.asarray(self.off - self.off.mean(axis=0), np.float32)

    @property
    def size(self) -> float:
        return max(float(np.sqrt((self.away**2).mean())), LEAST_M)


def _spans(trial: Sighting, lifted: Lifted) -> Iterator[tuple[FloatArray, FloatArray]]:
    """What is said while a pose is held right.

    What is said of a fault is left out: it is read at a part of its size, so that the error would
    be most of a fault which the student who is given that error does not have.
    """
    held = [(SETTLED_S, RIGHT_S if trial.kind == "fault" else INSTRUCTOR_S)]
    off = (lifted.joints - lifted.joints[:, :1]) - (trial.joints - trial.joints[:, :1])
    for start, end in held:
        rows = slice(round(start * trial.fps), round(end * trial.fps))
        said = lifted.present[rows]
        if said.sum() >= FEWEST:
            yield off[rows][said], lifted.sigma[rows][said]


def _carried(away: FloatArray, fps: int) -> float:
    """Correlation from a slot to the next, of frames at another rate."""
    of = float((away[1:] * away[:-1]).sum() / max(float((away**2).sum()), 1e-12))
    return float(np.clip(of, 0.0, 0.999) ** (fps / SLOTS_S))


def _pose(trial: Sighting) -> FloatArray:
    return limb_directions(np.asarray(np.median(trial.joints, axis=0), np.float32))
