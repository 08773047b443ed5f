"""What to practise next: at most three concrete things, and none that is not borne out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from coach_server.coaching.report.names import name_of, part_of
from coach_server.coaching.report.reasons import REASONS
from coach_server.coaching.report.records import Correction, PoseSequence
from coach_server.coaching.report.symmetry import Balance
from coach_server.coaching.silence import Silence

MOST: Final = 3

HINDERED_SHARE: Final = 0.2
"""A reason that kept so much of the practice from being judged is worth a word."""

NAMED: Final = 3
"""As many poses are named; of more, how many."""


class StepKind(StrEnum):
    """What a step is about."""

    CORRECTION = "correction"
    POSE = "pose"
    SIDE = "side"
    VIEW = "view"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to practise.

    Attributes:
        kind: what it is about.
        text: what to do.
        why: what bears it out.
    """

    kind: StepKind
    text: str
    why: str

    def as_dict(self) -> dict[str, str]:
        """As JSON holds it."""
        return {"kind": str(self.kind), "text": self.text, "why": self.why}


def next_steps(
    corrections: Sequence[Correction],
    sequences: Sequence[PoseSequence],
    balance: Sequence[Balance],
    silent_s: Mapping[str, float],
    film_s: float,
    *,
    is_judged: bool,
) -> tuple[Step, ...]:
    """The steps in order of rank.

    Where hardly anything could be judged, all there is to say is what was in the way.

    Args:
        corrections: in order of rank.
        sequences: of the whole practice.
        balance: left against right.
        silent_s: seconds in which nothing was judged, by the reason.
        film_s: seconds in which the film ran.
        is_judged: whether there is enough to go by.
    """
    hindrances = _hindrances(silent_s, film_s)
    if not is_judged:
        return tuple(hindrances)[:MOST]
    steps = [*_corrections(corrections), *_poses(sequences), *_sides(balance), *hindrances]
    return tuple(steps)[:MOST]


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them, each once: “A”, “B” and “C”; they may hold commas."""
    names = [f"“{name}”" for name in dict.fromkeys(names)]
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"{len(names) - NAMED + 1} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def times(count: int) -> str:
    """How often, in words."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _corrections(corrections: Sequence[Correction]) -> Iterator[Step]:
    for each in corrections:
        if each.mended == each.raised:
            continue
        mended = f"mended {times(each.mended)}" if each.mended else "not mended yet"
        where = f" in {listed(each.poses)}" if each.poses else ""
        off = f"off by {'up to ' if each.raised > 1 else ''}{abs(each.worst_deg):.0f}°"
        why = f"Said {times(each.raised)}{where}, {mended}; {off}."
        yield Step(StepKind.CORRECTION, each.text, why)


def _poses(sequences: Sequence[PoseSequence]) -> Iterator[Step]:
    reached = {each.hold for each in sequences if each.reached}
    missed = [each.name for each in sequences if each.hold not in reached]
    if missed:
        yield Step(
            StepKind.POSE,
            f"Come into {listed(missed)} and keep still there",
            "The coach judges a pose when you hold it for a second or more.",
        )


def _sides(balance: Sequence[Balance]) -> Iterator[Step]:
    real = [each for each in balance if each.is_real]
    for each in sorted(real, key=lambda b: -abs(b.difference_deg))[:1]:
        yield Step(
            StepKind.SIDE,
            f"Give your {part_of(each.worse)} more care than the other side",
            f"{name_of(each.worse).capitalize()}: on average {abs(each.difference_deg):.0f}° "
            f"further beyond what is tolerated than the other, over {each.poses} poses.",
        )


def _hindrances(silent_s: Mapping[str, float], film_s: float) -> Iterator[Step]:
    for reason, seconds in sorted(silent_s.items(), key=lambda item: (-item[1], item[0])):
        known = REASONS[Silence(reason)]
        if known.remedy and seconds >= HINDERED_SHARE * film_s:
            yield Step(
                StepKind.VIEW,
                known.remedy,
                f"For {seconds:.0f} s of the practice: {known.name}.",
            )
