"""What a comparison says of a student, against what is true of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coach_server.coaching.comparing.comparison import Comparison, compare
from coach_server.coaching.comparing.findings import Finding, findings
from coach_server.coaching.comparing.standing_out import standing_out
from coach_server.coaching.comparing.warping import Warp, warped
from coach_server.coaching.corrections import CORRECTIONS
from coach_server.coaching.cue import Side
from coach_server.coaching.holds import find_holds
from coach_server.coaching.routine import Mirror, Routine
from coach_server.coaching.track import Track
from scripts.comparison_scores.people import Person, PutIn


@dataclass(frozen=True, slots=True)
class FaultScore:
    """One fault that was put in.

    Attributes:
        degrees: its size, with its sign.
        read: the deviation that was read of its angle, the median while it lasted; NaN where none.
        rank: the place of its joint and side among all that stood out meanwhile, from 1; None where
            it is not among them.
        found: whether a finding names joint, side and way.
    """

    degrees: float
    read: float
    rank: int | None
    found: bool


@dataclass(frozen=True, slots=True)
class PairScore:
    """One student.

    Attributes:
        name: of the film.
        moving, holding: absolute errors of the aligned time, seconds, of all frames between holds,
            and in them; inf where a frame was given no place.
        faults: in order.
        findings: how many there were in holds in which nothing is wrong.
        clean_s: seconds of such holds.
    """

    name: str
    moving: NDArray[np.float64]
    holding: NDArray[np.float64]
    faults: tuple[FaultScore, ...]
    findings: int
    clean_s: float


def score(
    instructor: Person, student: Person, theirs: Track, ours: Track, *, true_times: bool = False
) -> PairScore:
    """Compare two films and judge the comparison.

    Args:
        instructor: what is true of them.
        student: the same.
        theirs: the instructor's track.
        ours: the student's.
        true_times: whether moments are put together as they truly belong.
    """
    routine = Routine(theirs, find_holds(theirs))
    want = np.interp(ours.time_s, student.knots, instructor.knots)
    warp = warped(theirs, ours, Mirror.AUTO)
    off = np.abs(warp.routine_t - want)
    off[~np.isfinite(off)] = np.inf
    lasts = ours.time_s <= student.knots[-1]
    holding = np.searchsorted(student.knots, ours.time_s, "right") % 2 == 1
    if true_times:
        warp = Warp(want, mirrored=False, distance_deg=np.nan)
    comparison = compare(routine, ours, warp)
    found = findings(comparison, routine)
    faults = tuple(_fault(fault, comparison, found) for fault in student.faults)
    clean = _clean_holds(student)
    return PairScore(
        name=student.name,
        moving=off[lasts & ~holding],
        holding=off[lasts & holding],
        faults=faults,
        findings=sum(
            one.hold >= 0 and any(start <= one.t <= end for start, end in clean) for one in found
        ),
        clean_s=sum(end - start for start, end in clean),
    )


def _clean_holds(student: Person) -> list[tuple[float, float]]:
    """The holds in which nothing was put in."""
    holds = [(float(a), float(b)) for a, b in student.knots.reshape(-1, 2)]
    return [
        (start, end)
        for start, end in holds
        if not any(fault.start < end and fault.end > start for fault in student.faults)
    ]


def _fault(fault: PutIn, comparison: Comparison, found: Sequence[Finding]) -> FaultScore:
    rows = np.flatnonzero((comparison.t >= fault.start) & (comparison.t <= fault.end))
    out = standing_out(comparison, rows)
    parts = list(
        dict.fromkeys((CORRECTIONS[o.angle].joint, CORRECTIONS[o.angle].side) for o in out)
    )
    part = fault.joint, fault.side
    degrees = comparison.degrees[rows, fault.angle]
    named = any(
        one.joint is fault.joint
        and (one.side is fault.side or (one.side is Side.BOTH and fault.side is not Side.CENTER))
        and one.deviation_deg * fault.degrees > 0
        and one.start_s < fault.end
        and one.end_s > fault.start
        for one in found
    )
    return FaultScore(
        degrees=fault.degrees,
        read=float(np.nanmedian(degrees)) if np.isfinite(degrees).any() else np.nan,
        rank=parts.index(part) + 1 if part in parts else None,
        found=named,
    )
