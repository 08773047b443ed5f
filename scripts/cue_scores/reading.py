"""Joints as the lifter has them: exact, or misread as it misreads poses like them."""

from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from scripts.cue_scores.figure import Array
from scripts.cue_scores.noise import Noise, Said
from scripts.cue_scores.routines import Score

EXACT_M: Final = 0.002
"""The spread that is stated of exact joints."""


def read_as(
    joints: FloatArray,
    t: Array,
    place: Array,
    score: Score,
    said: list[Said] | None,
    noise: Noise | None,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Joints as the lifter has them, (T, 17, 3), and the spread it states.

    Args:
        joints: (T, 17, 3) exact.
        t: (T,) seconds.
        place: (T,) seconds on the routine's clock.
        score: the poses.
        said: how each of them is misread; None where joints are exact.
        noise: the flicker.
        rng: of the flicker.
    """
    if noise is None or said is None:
        return joints, np.full(joints.shape, EXACT_M, np.float32)
    parts = [(s.error.ravel(), s.sigma.ravel(), [s.flicker]) for s in said]
    error, sigma, size = (
        score.between(np.array(part, np.float64), place) for part in zip(*parts, strict=True)
    )
    off = error.reshape(joints.shape) + noise.flicker(rng, t) * size[..., None]
    return (
        np.asarray(joints + off, np.float32),
        np.asarray(sigma.reshape(joints.shape), np.float32),
    )
