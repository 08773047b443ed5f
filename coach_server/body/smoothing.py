"""Joints made steady without being late: the One Euro filter (Casiez, Roussel and Vogel 2012).

A low-pass of first order whose cutoff rises with speed: who keeps still is smoothed strongly, who
moves hardly at all. The three axes of a joint share their cutoff, so that a path is not bent.
"""

from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray

CUTOFF_HZ: Final = 0.9
"""Of a joint that keeps still."""
CUTOFF_HZ_PER_M_S: Final = 6.0
"""How much it rises with speed: a step of 5 cm or more is half-way done after one more frame."""
SPEED_CUTOFF_HZ: Final = 2.5
"""Of the speed itself, which is noisier than the place."""


class OneEuro:
    """Smooths the joints of one person; causal.

    Args:
        cutoff_hz: where nothing moves.
        cutoff_hz_per_m_s: how much the cutoff rises with speed.
        speed_cutoff_hz: of the speed that decides.
    """

    def __init__(
        self,
        cutoff_hz: float = CUTOFF_HZ,
        cutoff_hz_per_m_s: float = CUTOFF_HZ_PER_M_S,
        speed_cutoff_hz: float = SPEED_CUTOFF_HZ,
    ) -> None:
        self._cutoff, self._rise, self._speed_cutoff = cutoff_hz, cutoff_hz_per_m_s, speed_cutoff_hz
        self._joints: FloatArray | None = None
        self._velocity: FloatArray | None = None
        self._t = 0.0

    def step(self, joints: FloatArray, t: float) -> FloatArray:
        """The smoothed joints at `t`.

        Args:
            joints: (J, 3) metres, finite.
            t: seconds, greater than that of the step before.

        Returns:
            (J, 3); the array belongs to the caller.
        """
        if self._joints is None or self._velocity is None:
            self._joints, self._velocity = joints.copy(), np.zeros_like(joints)
        else:
            passed = np.float32(t - self._t)
            velocity = (joints - self._joints) / passed
            self._velocity += _share(self._speed_cutoff, passed) * (velocity - self._velocity)
            speed = np.sqrt(np.sum(self._velocity**2, axis=-1, keepdims=True))
            share = _share(self._cutoff + self._rise * speed, passed)
            self._joints += share * (joints - self._joints)
        self._t = t
        return self._joints.copy()

    def reset(self) -> None:
        """Forget the past: the next joints are taken as they are."""
        self._joints = self._velocity = None


def _share(cutoff_hz: FloatArray | float, passed_s: np.float32) -> FloatArray:
    """How much of a new value counts, after so many seconds."""
    turned = np.float32(2 * np.pi) * np.asarray(cutoff_hz, np.float32) * passed_s
    return np.asarray(turned / (turned + 1), np.float32)
