"""Consistent and sensitive: the same movement from several sides, and known faults.

A source that falls back on what bodies usually do is steady from every side, and blind; one that
believes every pixel sees all and trembles. So both stand in one table. Frames in which a source
says nothing count as misses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np

from coach_server.body.angles import Angle, joint_angles, wrap_degrees
from coach_server.body.keypoints import FloatArray
from scripts.lifter_scores.errors import judged
from scripts.lifter_scores.sightings import Sighting
from scripts.lifter_scores.sources import Lifted
from scripts.studio import sight
from scripts.studio.trials.trial import HOLD_S, INSTRUCTOR_S, READ_S, RIGHT_S

APART_DEG: Final = (15.0, 45.0)
"""How far apart the cameras of a pair may stand."""
FAULTS_UP_TO_DEG: Final = 30.0
"""Faults are read from cameras up to this far aside."""
SETTLED_S: Final = 0.6
"""A trial is compared from here on: the person has been seen for a while."""
MISSED_DEG: Final = 180.0
"""A frame that is missing is as far apart as angles can be."""
SLOPE_RANGE: Final = (0.6, 1.3)
FALSE_DEG: Final = 15.0
NOTHING_DEG: Final = 5.0
"""Who reads more than the first where in truth there is less than the second makes a false cue."""
_SIDES: Final = ("LEFT_", "RIGHT_")


@dataclass(frozen=True, slots=True)
class Watched:
    """A trial with what a source says of it."""

    trial: Sighting
    said: Lifted

    def angles(self) -> FloatArray:
        """(T, 17) degrees; NaN where the source is silent."""
        angles = joint_angles(self.said.joints)
        return np.where(self.said.present[:, None], angles, np.float32(np.nan))

    def read(self, until_s: float) -> FloatArray:
        """(17,) degrees as read in the last part of what is held until then; NaN when silent."""
        return _median(self.angles()[self._part(until_s)])

    def true(self, until_s: float) -> FloatArray:
        """(17,) degrees as they are in that part; NaN where the angle is not judged."""
        part = self._part(until_s)
        angles = _median(joint_angles(self.trial.joints[part]))
        known = judged(self.trial.joints[part]).all(axis=0)
        return np.where(known, angles, np.float32(np.nan))

    def _part(self, until_s: float) -> slice:
        end = round(until_s * self.trial.fps)
        return slice(end - round(READ_S * self.trial.fps), end)


def _median(angles: FloatArray) -> FloatArray:
    """(17,) of (T, 17), the short way round; NaN where more than half of the frames are silent."""
    silent = np.isnan(angles).mean(axis=0) > 0.5
    filled = np.where(np.isnan(angles), np.float32(0), angles)
    at = np.argmax(~np.isnan(angles), axis=0)
    first = np.take_along_axis(filled, at[None], axis=0)[0]
    away = np.where(np.isnan(angles), np.float32(np.nan), wrap_degrees(angles - first))
    away[:, silent] = 0
    return np.where(silent, np.float32(np.nan), wrap_degrees(first + np.nanmedian(away, axis=0)))


def by_person(watched: Sequence[Watched]) -> Mapping[str, dict[float | str, Watched]]:
    """Trial of a fault -> view in degrees, or `instructor` -> what was seen."""
    people: dict[str, dict[float | str, Watched]] = {}
    for one in watched:
        if one.trial.kind in ("fault", "instructor"):
            person, _, _ = one.trial.name.rpartition("-")
            people.setdefault(person, {})[one.trial.take.get("view_deg", "instructor")] = one
    return people


def consistency(people: Mapping[str, dict[float | str, Watched]]) -> dict[str, Any]:
    """Differences of the angles of one movement seen at once by cameras 15 to 45 degrees apart."""
    differences: list[FloatArray] = []
    pairs, misses = 0, 0
    for views in people.values():
        degrees = sorted(view for view in views if not isinstance(view, str))
        for one, other in combinations(degrees, 2):
            if not APART_DEG[0] <= other - one <= APART_DEG[1]:
                continue
            first, second = views[one], views[other]
            start = round(SETTLED_S * first.trial.fps)
            apart = np.abs(wrap_degrees(first.angles() - second.angles()))[start:]
            known = judged(first.trial.joints[start:])
            missing = np.isnan(apart) & known
            pairs, misses = pairs + int(known.sum()), misses + int(missing.sum())
            apart[missing], apart[~known] = MISSED_DEG, np.nan
            differences.append(apart)
    every = np.concatenate(differences)
    return {
        "pairs": pairs,
        "missing": misses / pairs,
        "median_deg": float(np.nanpercentile(every, 50)),
        "p90_deg": float(np.nanpercentile(every, 90)),
        "angles": {
            angle.name.lower(): {
                "median_deg": float(np.percentile(apart, 50)),
                "p90_deg": float(np.percentile(apart, 90)),
            }
            for angle in Angle
            if len(apart := every[~np.isnan(every[:, angle]), angle])
        },
    }


def sensitivity(people: Mapping[str, dict[float | str, Watched]]) -> dict[str, Any]:
    """Slopes of what is read of faults against what is true, up to 30 degrees aside."""
    rows = []
    for name, views in people.items():
        for view, one in views.items():
            if isinstance(view, str) or view > FAULTS_UP_TO_DEG:
                continue
            angle = Angle[one.trial.take["angle"]]
            true = wrap_degrees(one.true(HOLD_S) - one.true(RIGHT_S))[angle]
            read = wrap_degrees(one.read(HOLD_S) - one.read(RIGHT_S))[angle]
            rows.append(
                {
                    "trial": name,
                    "view_deg": view,
                    "pose": one.trial.take["pose"],
                    "angle": angle.name.lower(),
                    "true_deg": float(true),
                    "read_deg": float(read),
                    "slope": float(read / true),
                    "seen": can_be_seen(one.trial),
                }
            )
    known = [row for row in rows if np.isfinite(row["true_deg"])]
    seen = [row for row in known if row["seen"]]
    silent = [row for row in seen if not np.isfinite(row["slope"])]
    slopes = np.array([row["slope"] if np.isfinite(row["slope"]) else 0.0 for row in seen])
    within = (slopes >= SLOPE_RANGE[0]) & (slopes <= SLOPE_RANGE[1])
    kinds = sorted({_kind(row["angle"]) for row in seen})
    return {
        "faults": len(known),
        "cannot_be_seen": 1 - len(seen) / len(known),
        "silent": len(silent) / len(seen),
        "slope_median": float(np.median(slopes)),
        "within": float(within.mean()),
        "angles": {
            kind: {
                "faults": sum(_kind(row["angle"]) == kind for row in seen),
                "slope_median": float(
                    np.median(
                        [s for s, r in zip(slopes, seen, strict=True) if _kind(r["angle"]) == kind]
                    )
                ),
                "within": float(
                    np.mean(
                        [w for w, r in zip(within, seen, strict=True) if _kind(r["angle"]) == kind]
                    )
                ),
            }
            for kind in kinds
        },
        "shallow_chair": [
            {key: row[key] for key in ("view_deg", "angle", "true_deg", "read_deg")}
            for row in known
            if row["pose"] == "chair" and "knee" in row["angle"]
        ],
        "rows": rows,
    }


def false_readings(people: Mapping[str, dict[float | str, Watched]]) -> dict[str, Any]:
    """Student against instructor, another body: what is read where there is next to nothing."""
    false: dict[float, list[bool]] = {}
    errors: dict[float, list[float]] = {}
    for views in people.values():
        instructor = views.get("instructor")
        if instructor is None:
            continue
        said, true = instructor.read(INSTRUCTOR_S), instructor.true(INSTRUCTOR_S)
        for view, one in views.items():
            if isinstance(view, str):
                continue
            for until in (RIGHT_S, HOLD_S):
                truly = wrap_degrees(one.true(until) - true)
                read = wrap_degrees(one.read(until) - said)
                known = np.isfinite(truly) & np.isfinite(read)
                errors.setdefault(view, []).extend(np.abs(wrap_degrees(read - truly))[known])
                nothing = known & (np.abs(truly) < NOTHING_DEG)
                false.setdefault(view, []).extend(np.abs(read[nothing]) > FALSE_DEG)
    return {
        "pairs": sum(map(len, false.values())),
        "false": float(np.mean([wrong for every in false.values() for wrong in every])),
        "views": {
            f"{view:.0f}": {
                "pairs": len(false[view]),
                "false": float(np.mean(false[view])),
                "error_median_deg": float(np.median(errors[view])),
                "error_p90_deg": float(np.percentile(errors[view], 90)),
            }
            for view in sorted(false)
        },
    }


def can_be_seen(trial: Sighting) -> bool:
    """Whether the camera can see the fault of a trial, by the truth."""
    before, after = round(RIGHT_S * trial.fps) - 1, round(HOLD_S * trial.fps) - 1
    flags = np.array(trial.take["visibility"])
    return sight.can_be_seen(trial.places[before], trial.places[after], flags, trial.focal)


def _kind(angle: str) -> str:
    for side in _SIDES:
        angle = angle.removeprefix(side.lower())
    return angle
