"""What the networks of the two zoos have in common, and where they differ.

Both are ResNet-FPN backbones with a region proposal network, a box head and a keypoint head. They
were trained by two code bases that number, round and normalise differently; a network gives what
it was trained to give only where all of that is kept.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Final, Literal

import numpy as np

from coach_server.body.keypoints import FloatArray

KEYPOINTS: Final = 17
"""COCO's, in their order."""
CHANNELS: Final = 256
"""Of every level of the feature pyramid."""
STRIDES: Final = (4, 8, 16, 32, 64)
"""Pixels a cell of levels 2 to 6; level 6 only proposes."""
BOX_BINS: Final = 7
KEYPOINT_BINS: Final = 14
"""Cells a side that ROIAlign makes for the two heads."""
HEATMAP: Final = 56
"""Cells a side of a keypoint's heatmap: four times `KEYPOINT_BINS`."""
HEAD_CHANNELS: Final = 512
HEAD_CONVOLUTIONS: Final = 8
"""Of the keypoint head."""
BOX_FEATURES: Final = 1024
BOX_WEIGHTS: Final = (10.0, 10.0, 5.0, 5.0)
"""By which the box head's answers are divided."""
_ANCHOR_SIZES: Final = (32, 64, 128, 256, 512)
ANCHOR_RATIOS: Final = (0.5, 1.0, 2.0)
"""Height over width, in the order in which the networks count them."""
_BLOCKS: Final = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}


class Zoo(StrEnum):
    """Whose code trained the weights."""

    DETECTRON2 = "detectron2"
    TORCHVISION = "torchvision"


@dataclass(frozen=True, slots=True)
class RcnnArchitecture:
    """One network.

    Attributes:
        depth: layers of the ResNet.
        zoo: whose conventions it follows.
        blocks: bottlenecks a stage; None takes those of the depth (fewer are for tests).
    """

    depth: Literal[50, 101]
    zoo: Zoo
    blocks: tuple[int, int, int, int] | None = None

    @property
    def stages(self) -> tuple[int, int, int, int]:
        """Bottlenecks in each of the four stages."""
        return self.blocks or _BLOCKS[self.depth]

    @property
    def stride_in_1x1(self) -> bool:
        """Whether a stage's first 1x1 convolution halves the picture, not its 3x3 one.

        Detectron2's zoo began from MSRA's ResNets, torchvision's from its own (v1.5).
        """
        return self.zoo is Zoo.DETECTRON2

    @property
    def pixel_mean(self) -> tuple[float, float, float]:
        """Subtracted from R, G, B in 0..255."""
        if self.zoo is Zoo.DETECTRON2:
            return (123.675, 116.28, 103.53)
        return (0.485 * 255, 0.456 * 255, 0.406 * 255)

    @property
    def pixel_std(self) -> tuple[float, float, float]:
        """Divides R, G, B after that."""
        if self.zoo is Zoo.DETECTRON2:
            return (1.0, 1.0, 1.0)
        return (0.229 * 255, 0.224 * 255, 0.225 * 255)

    @property
    def roi_aligned(self) -> bool:
        """Whether ROIAlign subtracts half a cell first, as it should (Detectron2's ROIAlignV2)."""
        return self.zoo is Zoo.DETECTRON2

    @property
    def samples(self) -> int | None:
        """Samples a bin and axis of ROIAlign; None: as many as the bin has cells, rounded up."""
        return None if self.zoo is Zoo.DETECTRON2 else 2

    @property
    def level_epsilon(self) -> float:
        """Added to the logarithm that chooses a region's level."""
        return 1e-8 if self.zoo is Zoo.DETECTRON2 else 1e-6

    def anchors(self, height: int, width: int) -> tuple[FloatArray, ...]:
        """Anchor boxes of levels 2 to 6, (cells * 3, 4) x1, y1, x2, y2 in pixels of the canvas.

        Args:
            height: of the canvas, a multiple of 32.
            width: of the canvas, a multiple of 32.
        """
        return tuple(
            self._level(height, width, stride, size)
            for stride, size in zip(STRIDES, _ANCHOR_SIZES, strict=True)
        )

    def _level(self, height: int, width: int, stride: int, size: int) -> FloatArray:
        rows, columns = -(-height // stride), -(-width // stride)
        ratios = np.array([sqrt(ratio) for ratio in ANCHOR_RATIOS])
        half = np.stack([size / ratios, size * ratios], axis=1) / 2
        base = np.concatenate([-half, half], axis=1)
        step_y = step_x = stride
        if self.zoo is Zoo.TORCHVISION:
            base = base.round()
            # It takes for a level's stride what fits the cells into the canvas, whole pixels.
            step_y, step_x = height // rows, width // columns
        y, x = np.meshgrid(np.arange(rows) * step_y, np.arange(columns) * step_x, indexing="ij")
        corners = np.stack([x, y, x, y], axis=-1).reshape(-1, 1, 4)
        return np.asarray((corners + base).reshape(-1, 4), np.float32)
