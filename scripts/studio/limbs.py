"""Arms and legs solved backwards: which way they have to go for their ends to be somewhere."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from scripts.studio.rotations import Array, cross, unit
from scripts.studio.stance import SIDES, Stance

REACH: Final = 0.9999
"""The share of a limb's length that it may stretch to."""
CLEAR: Final = (0.1, 0.35)
"""Sine of flexion from which a joint begins to bend, and then wholly bends, where it did."""


@dataclass(frozen=True, slots=True)
class Limb:
    """An arm or a leg.

    Attributes:
        upper, lower: fields of `Stance`.
        side: index of the side.
        bones: where its root, its middle and its end begin.
        contacts: what of it may rest on the floor, with its middle and with its end.
        regions: of the skin: between its root and its end, and its end.
        flexes_deg: as far as it bends.
    """

    upper: Literal["upper_arm", "thigh"]
    lower: Literal["forearm", "shin"]
    side: int
    bones: tuple[str, str, str]
    contacts: tuple[str, str]
    regions: tuple[tuple[str, ...], tuple[str, ...]]
    flexes_deg: float

    def pole(self, stance: Stance) -> Array:
        """(3,) where its elbow or knee points: where it does if it is bent, else as joints do."""
        upper = getattr(stance, self.upper)[self.side]
        lower = getattr(stance, self.lower)[self.side]
        bent = float(np.linalg.norm(cross(upper, lower)))
        low, high = CLEAR
        share = float(np.clip((bent - low) / (high - low), 0.0, 1.0))
        if self.upper == "thigh":
            usual = stance.toes[self.side] + stance.soles[self.side]
        else:
            usual = -stance.inner_elbow[self.side]
        along = unit(upper + lower)
        usual = unit(usual - along * float(usual @ along))
        pole: Array = share * unit(upper - lower) + (1.0 - share) * usual
        return pole


LIMBS: Final = tuple(
    limb
    for side, (name, s) in enumerate(zip(SIDES, ("L", "R"), strict=True))
    for limb in (
        Limb(
            "upper_arm",
            "forearm",
            side,
            (f"upperarm01.{s}", f"lowerarm01.{s}", f"wrist.{s}"),
            (f"{name}_forearm", f"{name}_hand"),
            ((f"upper_arm.{s}", f"forearm.{s}"), (f"hand.{s}",)),
            148.0,
        ),
        Limb(
            "thigh",
            "shin",
            side,
            (f"upperleg01.{s}", f"lowerleg01.{s}", f"foot.{s}"),
            (f"{name}_knee", f"{name}_foot"),
            ((f"thigh.{s}", f"shin.{s}"), (f"foot.{s}",)),
            160.0,
        ),
    )
)


def bend(upper_m: float, lower_m: float, way: Array, pole: Array) -> tuple[Array, Array]:
    """Directions of a limb's two segments that span `way`, its middle joint towards `pole`."""
    distance = min(float(np.linalg.norm(way)), upper_m + lower_m)
    along = unit(way)
    aside = pole - along * float(pole @ along)
    if np.linalg.norm(aside) < 1e-6:
        aside = cross(along, cross(np.array((0.0, 0.0, 1.0)), along))
    cos = (upper_m**2 + distance**2 - lower_m**2) / (2 * upper_m * distance)
    cos = float(np.clip(cos, -1.0, 1.0))
    upper = along * cos + unit(aside) * np.sqrt(1.0 - cos * cos)
    return upper, unit(along * distance - upper_m * upper)


def shortest(upper_m: float, lower_m: float, flexes_deg: float) -> float:
    """From root to end of a limb that is bent as far as it goes, metres."""
    fold = 2.0 * upper_m * lower_m * np.cos(np.radians(flexes_deg))
    return float(np.sqrt(upper_m**2 + lower_m**2 + fold))
