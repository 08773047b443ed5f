"""ROIAlign in static shapes against its definition, a loop over bins and samples."""

import math
from typing import Final

import numpy as np
import pytest
import torch
from torch import Tensor

from coach_server.body.keypoints import FloatArray
from coach_server.inference.keypoint_rcnn.architecture import STRIDES, RcnnArchitecture, Zoo
from coach_server.inference.torch_graphs.roi_align import pooled

pytestmark = pytest.mark.unit

CANVAS: Final = (640, 480)
ZOOS: Final = (Zoo.DETECTRON2, Zoo.TORCHVISION)
PERSONS: Final = (
    (101.3, 40.2, 221.9, 391.7),  # standing
    (200.0, 10.5, 290.2, 470.0),  # standing, far taller than wide: 8 cells a bin
    (33.3, 300.1, 450.9, 401.4),  # lying
    (7.1, 3.3, 470.2, 633.9),  # as large as the picture
    (222.2, 111.1, 255.5, 199.9),  # far away
    (0.0, 0.0, 480.0, 640.0),  # the whole picture
    (300.5, 500.5, 480.0, 640.0),  # cut off by the corner
)


def pyramid(count: int = 1, channels: int = 3, seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    height, width = CANVAS
    return [
        torch.randn(count, channels, height // stride, width // stride, generator=generator)
        for stride in STRIDES[:4]
    ]


def at(cells: FloatArray, y: float, x: float) -> FloatArray:
    """(C,) of (C, H, W) between cells; beyond the outermost they go on, a cell further is 0."""
    _, height, width = cells.shape
    if y < -1 or y > height or x < -1 or x > width:
        return np.zeros(len(cells), np.float32)
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    top, left = min(int(y), height - 2), min(int(x), width - 2)
    down, right = y - top, x - left
    upper = cells[:, top, left] * (1 - right) + cells[:, top, left + 1] * right
    lower = cells[:, top + 1, left] * (1 - right) + cells[:, top + 1, left + 1] * right
    return np.asarray(upper * (1 - down) + lower * down)


def naively(levels: list[Tensor], box: tuple[float, ...], bins: int, zoo: Zoo) -> FloatArray:
    x1, y1, x2, y2 = box
    size = math.sqrt((x2 - x1) * (y2 - y1))
    level = min(max(math.floor(4 + math.log2(size / 224 + 1e-8)), 2), 5) - 2
    cells, stride = levels[level][0].numpy(), STRIDES[level]
    shift = 0.5 if zoo is Zoo.DETECTRON2 else 0.0
    left, top = x1 / stride - shift, y1 / stride - shift
    width, height = (x2 - x1) / stride, (y2 - y1) / stride
    if zoo is Zoo.TORCHVISION:
        width, height = max(width, 1.0), max(height, 1.0)
    across, down = width / bins, height / bins
    columns, rows = (2, 2) if zoo is Zoo.TORCHVISION else (math.ceil(across), math.ceil(down))
    answer = np.zeros((len(cells), bins, bins), np.float32)
    for row in range(bins):
        for column in range(bins):
            samples = [
                at(cells, top + down * (row + (i + 0.5) / rows), left + across * (column + share))
                for i in range(rows)
                for share in ((j + 0.5) / columns for j in range(columns))
            ]
            answer[:, row, column] = np.mean(samples, axis=0)
    return answer


@pytest.mark.parametrize("zoo", ZOOS)
@pytest.mark.parametrize("bins", [7, 14])
def test_regions_are_the_defined_ones(zoo: Zoo, bins: int) -> None:
    levels = pyramid()
    answer = pooled(levels, torch.tensor([PERSONS]), bins, RcnnArchitecture(50, zoo))
    for box, region in zip(PERSONS, answer, strict=True):
        np.testing.assert_allclose(region, naively(levels, box, bins, zoo), atol=2e-5)
