"""The student's pose made steady, and whether the student keeps still: causal, one frame a step."""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import limb_directions
from coach_server.body.smoothing import OneEuro

LOOK_BACK_S: Final = 0.4
"""Stillness is judged over this span."""

STILL_DEG_S: Final = 25.0
"""Slower than this in all limbs but one is still: one limb may jitter, or fidget."""

BEGINS_S: Final = 1.2
"""A lifter that has seen somebody for less than this does not know them yet."""

GAP_S: Final = 0.5
"""After a longer gap without a pose nothing of the past is kept."""


@dataclass(frozen=True, slots=True)
class Steady:
    """The smoothed pose of one frame.

    Attributes:
        joints: (17, 3) H36M-17 metres, camera axes.
        directions: (B, 3) unit vectors of `body.registration.LIMBS`.
        speed: degrees a second over the last `LOOK_BACK_S`, root mean square over the limbs.
        still: whether the student has kept still over that time, and has been seen for a while.
    """

    joints: FloatArray
    directions: FloatArray
    speed: float
    still: bool


class Motion:
    """Smooths one student's poses and watches for stillness."""

    def __init__(self) -> None:
        self._t = self._began = -np.inf
        self._smoothing = OneEuro()
        self._past: deque[tuple[float, FloatArray]] = deque()

    def update(self, joints: FloatArray, t: float) -> Steady:
        """Take in the pose of `t` (seconds, increasing) and say what is steady in it."""
        if t - self._t > GAP_S:
            self.reset()
            self._began = t
        steady = self._smoothing.step(joints, t)
        self._t = t
        directions = limb_directions(steady)
        self._past.append((t, directions))
        while len(self._past) > 1 and self._past[1][0] <= t - LOOK_BACK_S:
            self._past.popleft()
        turning, whole = self._turning(directions, t)
        known = whole and t - self._began >= BEGINS_S
        still = known and bool(np.partition(turning, -2)[-2] < STILL_DEG_S)
        return Steady(steady, directions, float(np.sqrt(np.mean(turning**2))), still)

    def reset(self) -> None:
        """Forget the past."""
        self._smoothing.reset()
        self._past.clear()

    def _turning(self, directions: FloatArray, t: float) -> tuple[FloatArray, bool]:
        """(B,) degrees a second of each limb, and whether that is over the whole span."""
        then_t, then = self._past[0]
        if t <= then_t:
            return np.zeros(len(directions), np.float32), False
        chord = np.linalg.norm(directions - then, axis=-1)
        speed: FloatArray = np.degrees(chord) / np.float32(t - then_t)
        return speed, t - then_t >= LOOK_BACK_S * 0.9
