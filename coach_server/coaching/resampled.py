"""A routine on an even grid in time, as following a student needs it: thirty slots a second."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from coach_server.body.keypoints import FloatArray

SLOTS_S: Final = 30
"""Slots a second: a lag is told to a thirtieth of a second."""

EDGE_S: Final = 0.5
"""Limbs hardly move in the first and the last part of a way: who is there still keeps still."""

TURNED_OVER_S: Final = 0.4
"""Speed is how far limbs have turned over this span, up to the slot."""


@dataclass(frozen=True, slots=True)
class Resampled:
    """G slots, slot i at i / `SLOTS_S` seconds on the routine's clock.

    Attributes:
        directions: (G, B, 3) unit vectors of `body.registration.LIMBS`; of the last frame seen
            where the instructor is out of sight.
        present: (G,) whether the instructor is seen.
        speed: (G,) degrees a second, root mean square over the limbs.
        hold: (G,) index of the hold, -1 in a transition.
        near_hold: (G,) index of the hold that is within `EDGE_S`, -1 on the way between holds.
    """

    directions: FloatArray
    present: NDArray[np.bool_]
    speed: FloatArray
    hold: NDArray[np.intp]
    near_hold: NDArray[np.intp]

    @classmethod
    def of(
        cls,
        directions: FloatArray,
        time_s: NDArray[np.float64],
        present: NDArray[np.bool_],
        hold: NDArray[np.intp],
    ) -> Self:
        """From T frames: directions (T, B, 3), time (T,), present (T,) and hold (T,)."""
        slots = np.arange(int(time_s[-1] * SLOTS_S) + 1)
        frame = np.clip(np.searchsorted(time_s, slots / SLOTS_S, "right") - 1, 0, len(time_s) - 1)
        after = np.clip(frame + 1, 0, len(time_s) - 1)
        frame = np.where(
            np.abs(time_s[after] - slots / SLOTS_S) < np.abs(time_s[frame] - slots / SLOTS_S),
            after,
            frame,
        )
        seen = present[frame] & np.isfinite(directions[frame]).all(axis=(1, 2))
        last = np.maximum.accumulate(np.where(seen, np.arange(len(frame)), -1))
        filled = directions[frame[np.where(last < 0, int(np.argmax(seen)), last)]]
        filled = np.nan_to_num(filled)
        back = round(TURNED_OVER_S * SLOTS_S)
        before = filled[np.maximum(np.arange(len(filled)) - back, 0)]
        turned = np.degrees(np.linalg.norm(filled - before, axis=-1)) / TURNED_OVER_S
        speed = np.sqrt((turned**2).mean(axis=-1))
        return cls(
            directions=np.ascontiguousarray(filled, np.float32),
            present=seen,
            speed=speed.astype(np.float32),
            hold=hold[frame],
            near_hold=_near(hold[frame]),
        )


def _near(hold: NDArray[np.intp]) -> NDArray[np.intp]:
    """(G,) of (G,): the nearest hold within `EDGE_S`, -1 where there is none."""
    if not (hold >= 0).any():
        return hold
    away, nearest = distance_transform_edt(hold < 0, return_indices=True)
    return np.where(away <= EDGE_S * SLOTS_S, hold[nearest[0]], -1)
