"""A comparison in numbers: as a whole, angle by angle, and pose by pose."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from coach_server.coaching.comparing.comparison import Comparison
from coach_server.coaching.comparing.standing_out import StandsOut, standing_out
from coach_server.coaching.routine import Routine

WORST: Final = 95.0
"""Percentile that stands for the worst: a single frame is none."""


@dataclass(frozen=True, slots=True)
class AngleSummary:
    """One angle over the whole film.

    Attributes:
        angle: which.
        judged: share of the aligned frames in which it was judged.
        mean_deg: mean of the deviations, signed.
        mean_abs_deg: mean of their sizes.
        worst_deg: what 95 % of their sizes stay below.
        within: share of the judged frames within the allowance.
    """

    angle: Angle
    judged: float
    mean_deg: float
    mean_abs_deg: float
    worst_deg: float
    within: float


@dataclass(frozen=True, slots=True)
class PoseSummary:
    """One hold of the instructor, as the student did it.

    Attributes:
        hold: its index.
        name: of the pose; "" where it has none.
        start_s, end_s: on the instructor's film.
        t, end_t: on the student's; None where the student was never there.
        mean_abs_deg: mean size of the deviations that were judged; None where none was.
        worst: the angle furthest over its allowance; None where none was judged.
    """

    hold: int
    name: str
    start_s: float
    end_s: float
    t: float | None
    end_t: float | None
    mean_abs_deg: float | None
    worst: StandsOut | None


def mean_error_deg(comparison: Comparison) -> float | None:
    """Mean size of all deviations that were judged, degrees; None where none was."""
    return _mean_abs(comparison, np.arange(len(comparison.t)))


def angle_summaries(comparison: Comparison) -> tuple[AngleSummary, ...]:
    """Of the angles that were judged at all, in the order of `Angle`."""
    aligned = max(int((comparison.frame >= 0).sum()), 1)
    found = []
    for angle in Angle:
        rows = comparison.judged[:, angle]
        if rows.any():
            degrees = comparison.degrees[rows, angle].astype(np.float64)
            found.append(
                AngleSummary(
                    angle=angle,
                    judged=float(rows.sum()) / aligned,
                    mean_deg=float(degrees.mean()),
                    mean_abs_deg=float(np.abs(degrees).mean()),
                    worst_deg=float(np.percentile(np.abs(degrees), WORST)),
                    within=float((comparison.excess[rows, angle] < 1.0).mean()),
                )
            )
    return tuple(found)


def pose_summaries(comparison: Comparison, routine: Routine) -> tuple[PoseSummary, ...]:
    """Of all holds, in order."""
    found = []
    for i, span in enumerate(routine.holds):
        rows = np.flatnonzero(comparison.hold == i)
        worst = standing_out(comparison, rows)
        found.append(
            PoseSummary(
                hold=i,
                name=routine.name(i),
                start_s=span.start_s,
                end_s=span.end_s,
                t=float(comparison.t[rows[0]]) if len(rows) else None,
                end_t=float(comparison.t[rows[-1]]) if len(rows) else None,
                mean_abs_deg=_mean_abs(comparison, rows),
                worst=worst[0] if worst else None,
            )
        )
    return tuple(found)


def _mean_abs(comparison: Comparison, rows: np.ndarray) -> float | None:
    judged = comparison.judged[rows]
    if not judged.any():
        return None
    return float(np.abs(comparison.degrees[rows][judged].astype(np.float64)).mean())
