"""What people do in a class that is neither a fault of one joint nor following along."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from scripts.studio.asana import other_side
from scripts.studio.placed import Placed
from scripts.studio.rotations import unit
from scripts.studio.routine import Beat
from scripts.studio.stance import LEFT, RIGHT, both

WALK_S: Final = 1.8
"""How long it takes to leave the picture, and to come back."""
WALK_M: Final = 3.2
SEAT: Final = "easy_seat_left"
FIDGET_S: Final = 1.8
FIDGET_SHARE: Final = 0.5
"""The share of the holds in which someone fidgets who does."""
TO_HAIR: Final = (both(0.75, 0.45, 0.48), both(-0.45, 0.86, -0.25))
"""Upper arm and forearm of a hand that goes through the hair."""


class MishapKind(StrEnum):
    """What happens instead of a pose, or to it."""

    WRONG_SIDE = "wrong_side"
    LATE = "late"
    FROZEN = "frozen"
    LEAVING = "leaving"
    SITTING = "sitting"
    TURNED_AWAY = "turned_away"


@dataclass(frozen=True, slots=True)
class Mishap:
    """One of them.

    Attributes:
        beat: index of the routine's beat; not the first.
        kind: what happens.
        seconds: how late, for `LATE`.
    """

    beat: int
    kind: MishapKind
    seconds: float = 2.0


def instead(beats: tuple[Beat, ...], mishap: Mishap) -> Beat:
    """The beat as it is done with a mishap."""
    beat = beats[mishap.beat]
    if mishap.kind is MishapKind.WRONG_SIDE:
        return replace(beat, pose=other_side(beat.pose))
    if mishap.kind is MishapKind.FROZEN:
        last = beats[mishap.beat - 1]
        return replace(beat, pose=last.pose, facing_deg=last.facing_deg)
    if mishap.kind is MishapKind.SITTING:
        return replace(beat, pose=SEAT, facing_deg=0.0)
    if mishap.kind is MishapKind.TURNED_AWAY:
        return replace(beat, facing_deg=beat.asana.facing_deg + 180.0)
    return beat


def walked(placed: Placed, share: float) -> Placed:
    """The body a share of the way out of the picture, to its right."""
    by = np.array((WALK_M * share, 0.0, 0.0))
    return replace(placed, pelvis=placed.pelvis + by, ankles=placed.ankles + by)


@dataclass(frozen=True, slots=True)
class Fidget:
    """A hand that goes through the hair for a moment, seconds on the performer's clock."""

    start_s: float
    side: int

    def share(self, t: float) -> float:
        """How far the hand is on its way: 0 not at all, 1 in the hair."""
        u = (t - self.start_s) / FIDGET_S
        return float(np.sin(np.pi * u) ** 2) if 0.0 < u < 1.0 else 0.0

    def on(self, placed: Placed, t: float) -> Placed:
        """The body with the hand where it is at a time; a hand that rests on the floor stays."""
        share = self.share(t)
        if share == 0.0 or any(
            contact.endswith(("hand", "forearm")) for contact in placed.rests_on
        ):
            return placed
        stance = placed.stance
        arms = [v.copy() for v in (stance.upper_arm, stance.forearm, stance.hand)]
        upper, lower = (way[self.side] @ stance.chest.T for way in TO_HAIR)
        for arm, target in zip(arms, (upper, lower, lower), strict=True):
            arm[self.side] = unit((1.0 - share) * arm[self.side] + share * target)
        upper_arm, forearm, hand = arms
        return replace(
            placed, stance=replace(stance, upper_arm=upper_arm, forearm=forearm, hand=hand)
        )


def fidgets_in(spans: list[tuple[float, float]], rng: np.random.Generator) -> tuple[Fidget, ...]:
    """Fidgets in some of the holds, by their starts and ends, that are long enough."""
    fidgets = []
    for start, end in spans:
        chance, when, side = rng.uniform(size=3)
        room = end - start - FIDGET_S
        if room > 0 and chance < FIDGET_SHARE:
            fidgets.append(Fidget(start + when * room, LEFT if side < 0.5 else RIGHT))
    return tuple(fidgets)
