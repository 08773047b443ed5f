"""Keypoints from heatmaps against the zoos' way: stretch each map to its box, take the highest."""

from typing import Final

import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from coach_server.inference.torch_graphs.heatmaps import keypoints_in

pytestmark = pytest.mark.unit

CANVAS: Final = (96, 128)
BOXES: Final = (
    (10.25, 3.5, 47.0, 92.125),  # standing
    (5.0, 40.75, 121.3, 70.2),  # lying
    (0.0, 0.0, 128.0, 96.0),  # the whole canvas
    (33.3, 20.2, 41.6, 29.9),  # smaller than the map
    (60.2, 30.1, 60.7, 30.4),  # smaller than a pixel
)


def maps(count: int, seed: int = 0) -> Tensor:
    """(count, 17, 56, 56) logits: grain, one peak each, some at the edge."""
    generator = torch.Generator().manual_seed(seed)
    place = torch.rand(count, 17, 2, 1, 1, generator=generator) * 60 - 2
    cells = torch.arange(56.0)
    away = (cells[:, None] - place[:, :, 1]) ** 2 + (cells[None] - place[:, :, 0]) ** 2
    return 8 * torch.exp(-away / 8) + torch.randn(count, 17, 56, 56, generator=generator)


def naively(logits: Tensor, box: tuple[float, ...]) -> Tensor:
    """(17, 3) for one box's (17, 56, 56)."""
    x1, y1, x2, y2 = box
    width, height = max(x2 - x1, 1.0), max(y2 - y1, 1.0)
    columns, rows = -(-width // 1), -(-height // 1)
    stretched = interpolate(
        logits[None], size=(int(rows), int(columns)), mode="bicubic", align_corners=False
    )[0]
    logit, place = stretched.flatten(1).max(dim=1)
    row, column = place // int(columns), place % int(columns)
    x = (column + 0.5) * (width / columns) + x1
    y = (row + 0.5) * (height / rows) + y1
    return torch.stack([x, y, logit], dim=1)


def test_keypoints_are_the_zoos() -> None:
    logits = maps(len(BOXES))
    answer = keypoints_in(logits, torch.tensor(BOXES), CANVAS)
    for row, box in enumerate(BOXES):
        torch.testing.assert_close(answer[row], naively(logits[row], box), atol=1e-3, rtol=1e-5)


def test_a_keypoint_is_where_its_peak_is() -> None:
    logits = torch.zeros(1, 17, 56, 56)
    logits[:, :, 14, 42] = 10.0
    answer = keypoints_in(logits, torch.tensor([[8.0, 4.0, 120.0, 88.0]]), CANVAS)
    # The middle of cell (42, 14) of a box of 112 x 84 pixels.
    wanted = torch.tensor([8 + 42.5 * 2, 4 + 14.5 * 1.5])
    assert (answer[0, :, :2] - wanted).abs().max() <= 1
    assert (answer[0, :, 2] > 8).all()


def test_what_lies_beyond_the_box_never_wins() -> None:
    falling = torch.linspace(0, -50, 56).expand(1, 17, 56, 56).contiguous()
    rising = falling.flip(3)
    box = torch.tensor([[20.0, 20.0, 60.0, 60.0]])
    for logits in (falling, rising, -falling - 90, falling.transpose(2, 3).contiguous()):
        points = keypoints_in(logits, box, CANVAS)[..., :2]
        assert (points >= 20).all()
        assert (points <= 60).all()


def test_a_maps_answer_hangs_on_no_other_map() -> None:
    logits, boxes = maps(4, seed=3), torch.tensor(BOXES[:4])
    together = keypoints_in(logits, boxes, CANVAS)
    for row in range(4):
        alone = keypoints_in(logits[row : row + 1], boxes[row : row + 1], CANVAS)
        torch.testing.assert_close(together[row], alone[0], atol=1e-4, rtol=1e-5)
