"""What differs from one student to the next and is no fault, drawn with a seed."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from scripts.studio.camera import Camera
from scripts.studio.performance import Manner
from scripts.studio.proportions import Proportions
from scripts.studio.routine import Routine

TEMPO: Final = 0.15
PROPORTION: Final = 0.20
YAW_DEG: Final = 45.0
PAUSE_SHARE: Final = 0.1
"""The share of the holds that are drawn out."""


@dataclass(frozen=True, slots=True)
class Variation:
    """One student's own way, body and camera."""

    manner: Manner
    proportions: Proportions
    camera: Camera


def draw(routine: Routine, seed: int) -> Variation:
    """A variation within what is natural: the same for the same seed.

    The tempo is within +-15 %, each part of the body within +-20 %, the camera up to 45 degrees
    aside, at the height of a table or a shelf, and pitched so that the body is in the picture.
    """
    rng = np.random.default_rng(seed)
    tempo = 1.0 + rng.uniform(-TEMPO, TEMPO)
    arms, legs, trunk = 1.0 + rng.uniform(-PROPORTION, PROPORTION, size=3)
    chances, lengths = rng.uniform(size=(2, len(routine.beats)))
    pauses = {
        i: float(1.0 + 3.0 * length)
        for i, (chance, length) in enumerate(zip(chances, lengths, strict=True))
        if chance < PAUSE_SHARE
    }
    manner = Manner(
        seed=seed,
        lag_s=float(rng.uniform(0.2, 1.2)),
        lag_spread_s=float(rng.uniform(0.0, 0.3)),
        pauses=pauses,
        tempo=float(tempo),
        sway=float(rng.uniform(0.5, 2.0)),
    )
    camera = Camera(
        distance_m=float(rng.uniform(2.9, 3.6)),
        height_m=float(rng.uniform(0.7, 1.3)),
        yaw_deg=float(rng.uniform(-YAW_DEG, YAW_DEG)),
        look_at_m=float(rng.uniform(0.9, 1.1)),
        field_deg=float(rng.uniform(45.0, 55.0)),
    )
    return Variation(manner, Proportions(float(arms), float(legs), float(trunk)), camera)
