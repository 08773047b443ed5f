"""Cues against what should have been said: which are right, which are false, what was missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from coach_server.coaching.corrections import correction
from coach_server.coaching.cue import CueEvent, CueState, Direction, Joint, Side
from scripts.cue_scores.faults import Fault

AFTERWARDS_S: Final = 0.5
"""A cue may come so long after the fault is over: it was decided while it lasted."""
ALSO_DEG: Final = 8.0
"""Other angles that a fault takes along by more than this may be named as well."""
PERSISTENCE_S: Final = 0.6
"""A fault is due after this: settling into a pose is none."""
ON_TIME_S: Final = 1.5
"""A cue is on time within this of the moment at which it is due."""
SPOKEN_EVERY_S: Final = 6.0
ACKNOWLEDGED_S: Final = 1.5

_SAME_MOVE: Final = {Direction.RAISE: Direction.FORWARD, Direction.LOWER: Direction.BACK}
"""Of a leg: which word is used depends on how far it is raised."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What was said.

    Attributes:
        t: when, seconds of the student.
        joint, side: of what.
        direction: which way; None from who cannot tell.
        spoken: whether aloud.
        fixed_t: when it was said to be mended; None where it was not.
    """

    t: float
    joint: Joint
    side: Side
    direction: Direction | None
    spoken: bool = True
    fixed_t: float | None = None


class Verdict(StrEnum):
    """What a cue is."""

    RIGHT = "right"
    REPEATED = "repeated"
    NEUTRAL = "neutral"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Judged:
    """A cue with what it is.

    Attributes:
        cue: what was said.
        verdict: whether it is right.
        fault: index of the fault it is right about, -1 without.
        during: whether some fault that counts was there.
        named: whether joint and side are those of a fault that counts.
    """

    cue: Cue
    verdict: Verdict
    fault: int = -1
    during: bool = False
    named: bool = False


def cues_of(events: Sequence[CueEvent]) -> list[Cue]:
    """The cues that events tell of, in the order in which they were raised."""
    fixed = {event.id: event.t for event in events if event.state is CueState.FIXED}
    return [
        Cue(e.t, e.joint, e.side, e.direction, e.spoken, fixed.get(e.id))
        for e in events
        if e.state is CueState.RAISED
    ]


def judged(cues: Sequence[Cue], faults: Sequence[Fault]) -> list[Judged]:
    """Each cue with what it is.

    A cue is right about a fault that is there, from the moment the student goes wrong until
    `AFTERWARDS_S` after, if joint, side and direction fit (`both` fits either side); what is said
    again of the same fault is repeated, neither right nor false. What fits a fault that is too
    small to count, or an angle that a fault takes along, is neutral.
    """
    found: set[int] = set()
    verdicts = []
    for cue in sorted(cues, key=lambda c: c.t):
        there = [i for i, f in enumerate(faults) if f.start <= cue.t <= f.end + AFTERWARDS_S]
        counting = [i for i in there if faults[i].counts]
        named = [i for i in counting if names(cue, faults[i].joint, faults[i].side)]
        right = [i for i in named if _same_way(cue, faults[i].joint, faults[i].direction)]
        context = {"during": bool(counting), "named": bool(named)}
        if fresh := [i for i in right if i not in found]:
            found.add(fresh[0])
            verdicts.append(Judged(cue, Verdict.RIGHT, fresh[0], **context))
        elif right:
            verdicts.append(Judged(cue, Verdict.REPEATED, right[0], **context))
        elif any(_excused(cue, faults[i]) for i in there):
            verdicts.append(Judged(cue, Verdict.NEUTRAL, **context))
        else:
            verdicts.append(Judged(cue, Verdict.FALSE, **context))
    return verdicts


def names(cue: Cue, joint: Joint, side: Side) -> bool:
    """Whether a cue is about a joint of a side."""
    both = cue.side is Side.BOTH and side in (Side.LEFT, Side.RIGHT)
    return cue.joint is joint and (cue.side is side or both)


def _same_way(cue: Cue, joint: Joint, direction: Direction) -> bool:
    if cue.direction is None:
        return True
    if joint is Joint.HIP:
        said = _SAME_MOVE.get(cue.direction, cue.direction)
        return said is _SAME_MOVE.get(direction, direction)
    return cue.direction is direction


def _excused(cue: Cue, fault: Fault) -> bool:
    """Whether a cue fits a fault that is too small to count, or what a fault takes along."""
    small = not fault.counts and names(cue, fault.joint, fault.side)
    if small and _same_way(cue, fault.joint, fault.direction):
        return True
    for angle, degrees in fault.also.items():
        joint, side, direction = correction(angle, degrees, 0.0)
        fits = names(cue, joint, side) and _same_way(cue, joint, direction)
        if fits and abs(degrees) > ALSO_DEG:
            return True
    return False
