"""Windows of consecutive frames as sources draw them, and how they become a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.inference.videopose.encoding import Encoding, encode
from coach_server.inference.videopose.first_guess import first_guess
from coach_server.inference.videopose.time_grid import BRIDGE_S, FPS

PICTURE: Final = (1000, 1000)
"""Size of the picture that all windows are moved into, by its longer side and about its middle:
our encodings see no difference."""
MOST_BRIDGED: Final = int(BRIDGE_S * FPS + 1e-9) - 1
"""Frames without a person that are bridged when live: `time_grid`."""


@dataclass(frozen=True, slots=True)
class Windows:
    """B windows of L frames, 30 a second.

    Attributes:
        points: (B, L, 17, 3) COCO-17 as detected: pixels of `PICTURE`, score 0..1.
        depth: (B, L, 17) the detector's, metres from mid-hip; NaN where there is none.
        joints: (B, L, 17, 3) the truth, H36M-17, metres, pelvis at the origin, camera axes.
        focal: (B,) of the camera, pixels of `PICTURE`.
        counts: (B, L) whether the answer for a frame is to be learnt from.
    """

    points: FloatArray
    depth: FloatArray
    joints: FloatArray
    focal: FloatArray
    counts: NDArray[np.bool_]

    def features(self, encoding: Encoding) -> FloatArray:
        """(B, L, F) what the network takes in."""
        return encode(encoding, self.points, self.depth, PICTURE)

    def guess(self, encoding: Encoding) -> FloatArray:
        """(B, L, 17, 3) what the network's answer is added to."""
        if encoding.corrects:
            return first_guess(self.points, self.depth, PICTURE)
        return np.zeros_like(self.joints)


class Source(Protocol):
    """Where windows come from."""

    def draw(self, rng: np.random.Generator, count: int, frames: int) -> Windows:
        """`count` windows of `frames` frames; the same `rng` gives the same."""


class Mixture:
    """Several sources, each of which gives a share of the windows.

    Args:
        sources: with their shares, which add up to anything.
    """

    def __init__(self, sources: Sequence[tuple[float, Source]]) -> None:
        self._sources = [source for _, source in sources]
        shares = np.array([share for share, _ in sources])
        self._shares = shares / shares.sum()

    def draw(self, rng: np.random.Generator, count: int, frames: int) -> Windows:
        """As `Source`."""
        counts = rng.multinomial(count, self._shares)
        parts = [
            source.draw(rng, int(n), frames)
            for source, n in zip(self._sources, counts, strict=True)
            if n
        ]
        return joined(parts)


def joined(parts: Sequence[Windows]) -> Windows:
    """All windows of some batches of the same length."""
    names = ("points", "depth", "joints", "focal", "counts")
    return Windows(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def in_picture(pixels: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Pixels (..., 2) of a picture of (width, height) as those of `PICTURE`."""
    scale = max(PICTURE) / max(size)
    moved = (pixels - np.array(size, np.float32) / 2) * scale + np.array(PICTURE) / 2
    return np.asarray(moved, np.float32)


def runs(found: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The stretches (first, behind the last) that a live lifter sees as one: short gaps bridged.

    Args:
        found: (T,) whether the detector found somebody.
    """
    seen = np.flatnonzero(found)
    if not len(seen):
        return []
    breaks = np.flatnonzero(np.diff(seen) > MOST_BRIDGED + 1)
    firsts = seen[np.concatenate([[0], breaks + 1])]
    lasts = seen[np.concatenate([breaks, [len(seen) - 1]])]
    return [(int(a), int(b) + 1) for a, b in zip(firsts, lasts, strict=True)]


def bridged(values: FloatArray, found: NDArray[np.bool_]) -> FloatArray:
    """(T, ...) values with those of frames without a person on the straight way between others."""
    if found.all():
        return values
    at, seen = np.arange(len(found)), np.flatnonzero(found)
    after = np.clip(np.searchsorted(seen, at), 0, len(seen) - 1)
    before = np.clip(np.searchsorted(seen, at, side="right") - 1, 0, len(seen) - 1)
    first, last = seen[before], seen[after]
    share = (at - first) / np.maximum(last - first, 1)
    weight = share.reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(values[first] * (1 - weight) + values[last] * weight, np.float32)
