"""A track on an even grid in time, as aligning two films needs it: limbs, and their speed."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import limb_directions, mirrored_joints
from coach_server.coaching.track import Track

RATE_HZ: Final = 15.0
"""Rows a second of the finest grid; what lies between them is interpolated."""

STEADY_S: Final = 0.2
"""Standard deviation of the kernel that takes the detector's jitter out of the limbs."""


@dataclass(frozen=True, slots=True)
class Evenly:
    """G rows; row i is what is seen about (i + 1/2) / `rate_hz` seconds of the film.

    Attributes:
        rate_hz: rows a second.
        directions: (G, B, 3) unit vectors of `body.registration.LIMBS`; of the nearest row that is
            seen where nobody is.
        speed: (G,) degrees a second, root mean square over the limbs.
        seen: (G,) whether somebody is seen.
    """

    rate_hz: float
    directions: FloatArray
    speed: FloatArray
    seen: NDArray[np.bool_]

    @classmethod
    def of(cls, track: Track, *, mirrored: bool = False) -> Self:
        """The limbs of a track, or of its mirror image; the frames of a row are averaged.

        Raises:
            ValueError: nobody is seen in the whole track.
        """
        joints = mirrored_joints(track.joints) if mirrored else track.joints
        directions = limb_directions(joints)
        present = track.present & np.isfinite(directions).all(axis=(1, 2))
        if not present.any():
            raise ValueError("nobody is seen")
        rows = int(track.time_s[-1] * RATE_HZ) + 1
        row = np.minimum((track.time_s * RATE_HZ).astype(np.intp), rows - 1)
        total = np.zeros((rows, *directions.shape[1:]), np.float32)
        np.add.at(total, row[present], directions[present])
        count = np.bincount(row[present], minlength=rows)
        # a film of fewer frames than rows leaves rows empty that are seen all the same
        frame = np.searchsorted(track.time_s, (np.arange(rows) + 0.5) / RATE_HZ)
        frame = np.minimum(frame, len(present) - 1)
        nearest = _nearest(present)[frame]
        empty = count == 0
        total[empty] = directions[nearest[empty]]
        return cls._of(RATE_HZ, total, (count > 0) | present[frame])

    @classmethod
    def _of(cls, rate_hz: float, directions: FloatArray, seen: NDArray[np.bool_]) -> Self:
        """From directions of any length."""
        smooth = _unit(gaussian_filter1d(_unit(directions), STEADY_S * rate_hz, axis=0))
        rate = np.gradient(smooth, axis=0) if len(smooth) > 1 else np.zeros_like(smooth)
        turning = np.degrees(np.linalg.norm(rate, axis=-1)) * rate_hz
        speed = np.asarray(np.sqrt((turning**2).mean(axis=1)), np.float32)
        return cls(rate_hz, smooth, speed, seen)

    def halved(self) -> Self:
        """The same with half as many rows, each the mean of two."""
        rows = np.arange(0, len(self.seen), 2)
        after = np.minimum(rows + 1, len(self.seen) - 1)
        weights = self.seen.astype(np.float32)[:, None, None] + 1e-3
        weighted = self.directions * weights
        seen = self.seen[rows] | self.seen[after]
        return self._of(self.rate_hz / 2, weighted[rows] + weighted[after], seen)


def _nearest(present: NDArray[np.bool_]) -> NDArray[np.intp]:
    """(T,) for each frame the nearest in which somebody is seen."""
    frames = np.flatnonzero(present)
    after = np.clip(np.searchsorted(frames, np.arange(len(present))), 0, len(frames) - 1)
    before = np.maximum(after - 1, 0)
    here = np.arange(len(present))
    nearer = np.abs(frames[before] - here) < np.abs(frames[after] - here)
    return np.where(nearer, frames[before], frames[after])


def _unit(directions: FloatArray) -> FloatArray:
    length = np.linalg.norm(directions, axis=-1, keepdims=True)
    return np.asarray(directions / np.maximum(length, 1e-9), np.float32)
