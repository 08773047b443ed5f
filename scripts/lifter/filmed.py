"""Windows of rendered people as the real detector saw them."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from coach_server.errors import InputError
from scripts.lifter.windows import PICTURE, Windows, bridged, in_picture, runs
from scripts.studio.training.corpus import Sequence

SHORTEST: Final = 10
"""Frames that a stretch in which somebody was found must have."""


class Filmed:
    """A training set of the studio, in memory (about 700 bytes a frame).

    A window ends at any frame of any stretch in which the detector found somebody. Where it reaches
    back beyond the first frame of its stretch, that one is repeated, as live.

    Args:
        sequences: of the set.
        hard: how much more often frames of a trunk far from upright are drawn.

    Attributes:
        frames: how many there are.

    Raises:
        InputError: there are none.
    """

    def __init__(self, sequences: Iterable[Sequence], hard: float = 1.0) -> None:
        points, depth, joints, focal, firsts = [], [], [], [], []
        self.frames = 0
        for sequence in sequences:
            for first, behind in runs(sequence.found):
                if behind - first < SHORTEST:
                    continue
                part = slice(first, behind)
                found = sequence.found[part]
                seen = in_picture(sequence.pixels[part], sequence.image_size)
                said = np.concatenate([seen, sequence.score[part, :, None]], axis=-1)
                points.append(bridged(said, found))
                depth.append(bridged(sequence.world[part, :, 2], found))
                truth = sequence.joints[part]
                joints.append(truth - truth[:, :1])
                count = behind - first
                focal.append(np.full(count, _focal(sequence), np.float32))
                firsts.append(np.full(count, self.frames))
                self.frames += count
        if not self.frames:
            raise InputError(
                "The training set has no sequence in which anybody is found.",
                hint="Shoot it with `python -m scripts.shoot_training`, or name its folder.",
            )
        self._points, self._depth = np.concatenate(points), np.concatenate(depth)
        self._joints, self._focal = np.concatenate(joints), np.concatenate(focal)
        self._firsts = np.concatenate(firsts)
        upright = -self._joints[:, 8, 1] / np.linalg.norm(self._joints[:, 8], axis=-1)
        weights = np.where(upright < 0.7, hard, 1.0)
        self._chances = np.cumsum(weights) / weights.sum()

    def draw(self, rng: np.random.Generator, count: int, frames: int) -> Windows:
        """As `Source`."""
        last = np.searchsorted(self._chances, rng.random(count), side="right")
        return self._windows(last, frames)

    def every(self, step: int, frames: int) -> Windows:
        """Windows that end at every `step`-th frame, for judging: always the same."""
        return self._windows(np.arange(step - 1, self.frames, step), frames)

    def _windows(self, last: np.ndarray[tuple[int], np.dtype[np.intp]], frames: int) -> Windows:
        rows = np.maximum(last[:, None] - np.arange(frames)[::-1], self._firsts[last][:, None])
        return Windows(
            points=self._points[rows],
            depth=self._depth[rows],
            joints=self._joints[rows],
            focal=self._focal[last],
            counts=np.ones(rows.shape, np.bool_),
        )


def _focal(sequence: Sequence) -> float:
    camera = sequence.camera
    focal = camera.height / 2 / np.tan(np.radians(camera.field_deg) / 2)
    return float(focal * max(PICTURE) / max(sequence.image_size))
