"""What stands out in a comparison: deviations that last, each named once, the greatest first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label, uniform_filter1d

from coach_server.body.angles import Angle
from coach_server.coaching.comparing.comparison import Comparison
from coach_server.coaching.corrections import CORRECTIONS, EXPLAINED_BY, correction
from coach_server.coaching.cue import Direction, Joint, Side
from coach_server.coaching.cues import LEAVE, PERSISTENCE_S
from coach_server.coaching.report.names import off_by
from coach_server.coaching.routine import Routine
from coach_server.coaching.wording import is_upright, sentence

BRIDGED_S: Final = 0.3
"""A deviation that is gone, or not judged, for no longer than this goes on."""

ON_THE_WAY: Final = 0.3
"""How much a deviation between holds matters beside one of what makes a pose: there are many ways
from one pose to the next."""

TOGETHER: Final = 0.5
"""Share of the shorter of two stretches that both must have for the two to belong together."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A deviation that lasted.

    Attributes:
        joint, side, direction: the correction, in the words of cues; the student's own side.
        angle: the one that is off, or the further off of both sides.
        text: what to do about it.
        off: what is wrong, such as "left knee bent 18° too little".
        deviation_deg: student minus instructor at `t`, over half a second.
        excess: how many times the allowance that is.
        score: by which findings are ranked: the excess by how much the angle makes the pose.
        t: when it was worst, seconds of the student's film.
        routine_t: the same on the instructor's.
        start_s, end_s: from when to when it lasted, seconds of the student's film.
        hold: index of the instructor's hold, -1 on the way between holds.
        pose: name of it; "" where it has none.
    """

    joint: Joint
    side: Side
    direction: Direction
    angle: Angle
    text: str
    off: str
    deviation_deg: float
    excess: float
    score: float
    t: float
    routine_t: float
    start_s: float
    end_s: float
    hold: int
    pose: str

    def overlaps(self, other: "Finding") -> bool:
        """Whether both were there at the same time."""
        shared = min(self.end_s, other.end_s) - max(self.start_s, other.start_s)
        shorter = min(self.end_s - self.start_s, other.end_s - other.start_s)
        return shared >= TOGETHER * shorter


def findings(comparison: Comparison, routine: Routine) -> tuple[Finding, ...]:
    """All that stands out, the greatest first.

    Args:
        comparison: of a student with the routine.
        routine: the instructor, not mirrored.
    """
    routine = routine.followed(mirrored=comparison.mirrored)
    found = [one for angle in Angle for one in _of_angle(angle, comparison, routine)]
    found = [one for one in found if not _explained(one, found)]
    found = _without_ways_there(found)
    return tuple(sorted(_both_sides(found, comparison), key=lambda one: (-one.score, one.t)))


def _of_angle(angle: Angle, comparison: Comparison, routine: Routine) -> Iterator[Finding]:
    """Stretches over the allowance, one for each hold that they reach into."""
    t = comparison.t
    rate = (len(t) - 1) / (t[-1] - t[0]) if len(t) > 1 else 1.0
    window = max(1, round(PERSISTENCE_S * rate))
    excess = uniform_filter1d(comparison.excess[:, angle], window, mode="nearest")
    for rows in _stretches(excess, t):
        holds = comparison.hold[rows]
        parts = {int(hold): rows[holds == hold] for hold in np.unique(holds[holds >= 0])}
        held = {
            hold: part
            for hold, part in parts.items()
            if _lasts(part, t) and excess[part].max() >= 1.0
        }
        for hold, part in (held or {-1: rows}).items():
            if _lasts(part, t):
                yield _finding(angle, hold, part, excess, window, comparison, routine)


def _stretches(excess: NDArray[np.float32], t: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """Rows over the allowance, with what adjoins them and is not yet within it again."""
    runs, count = label(excess >= LEAVE)
    parts = [np.flatnonzero(runs == run) for run in range(1, count + 1)]
    joined: list[NDArray[np.intp]] = []
    for part in parts:
        if joined and t[part[0]] - t[joined[-1][-1]] <= BRIDGED_S:
            joined[-1] = np.arange(joined[-1][0], part[-1] + 1)
        else:
            joined.append(part)
    return [part for part in joined if excess[part].max() >= 1.0]


def _lasts(rows: NDArray[np.intp], t: NDArray[np.float64]) -> bool:
    return bool(t[rows[-1]] - t[rows[0]] >= PERSISTENCE_S - 1e-6)


def _finding(
    angle: Angle,
    hold: int,
    rows: NDArray[np.intp],
    excess: NDArray[np.float32],
    window: int,
    comparison: Comparison,
    routine: Routine,
) -> Finding:
    judged = rows[comparison.judged[rows, angle]]
    at = int(judged[np.argmax(excess[judged])])
    near = judged[np.abs(judged - at) <= window // 2]
    degrees = float(np.median(comparison.degrees[near, angle]))
    reference = comparison.reference[at]
    joint, side, direction = correction(angle, degrees, float(reference[angle]))
    weight = float(routine.importance[hold, angle]) if hold >= 0 else ON_THE_WAY
    found = Finding(
        joint=joint,
        side=side,
        direction=direction,
        angle=angle,
        text="",
        off=off_by(angle, degrees),
        deviation_deg=degrees,
        excess=float(excess[at]),
        score=float(excess[at]) * weight,
        t=float(comparison.t[at]),
        routine_t=float(comparison.routine_t[at]),
        start_s=float(comparison.t[rows[0]]),
        end_s=float(comparison.t[rows[-1]]),
        hold=hold,
        pose=routine.name(hold),
    )
    return replace(found, text=_said(found, comparison))


def _said(found: Finding, comparison: Comparison) -> str:
    """What to do about it."""
    reference = comparison.reference[int(np.searchsorted(comparison.t, found.t))]
    upright = is_upright(float(reference[Angle.TRUNK_FORWARD]), float(reference[Angle.TRUNK_SIDE]))
    return sentence(
        found.joint,
        found.side,
        found.direction,
        float(reference[found.angle]),
        found.deviation_deg,
        upright=upright,
    )


def _explained(one: Finding, found: list[Finding]) -> bool:
    """Whether it follows from another that is named."""
    causes = EXPLAINED_BY.get(one.angle, ())
    return any(other.angle in causes and one.overlaps(other) for other in found)


def _without_ways_there(found: list[Finding]) -> list[Finding]:
    """Without what, on the way to or from a pose, is off as it is in the pose."""
    held = [one for one in found if one.hold >= 0]
    return held + [
        one
        for one in found
        if one.hold < 0
        and not any(
            other.angle is one.angle
            and other.deviation_deg * one.deviation_deg > 0
            and other.start_s <= one.end_s + PERSISTENCE_S
            and one.start_s <= other.end_s + PERSISTENCE_S
            for other in held
        )
    ]


def _both_sides(found: list[Finding], comparison: Comparison) -> list[Finding]:
    """Left and right that are off the same way at the same time as one."""
    left_over = sorted(found, key=lambda one: -one.score)
    named: list[Finding] = []
    while left_over:
        one = left_over.pop(0)
        other = next((other for other in left_over if _is_pair(one, other)), None)
        if other is not None:
            left_over.remove(other)
        if other is not None:
            pair = replace(one, side=Side.BOTH, off=f"{one.off}, {other.off}")
            one = replace(pair, text=_said(pair, comparison))
        named.append(one)
    return named


def _is_pair(one: Finding, other: Finding) -> bool:
    return (
        CORRECTIONS[one.angle].side is not Side.CENTER
        and other.angle == one.angle ^ 1
        and other.direction is one.direction
        and other.hold == one.hold
        and one.overlaps(other)
    )
