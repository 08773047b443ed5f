"""Boxes of the static graph against the definitions, box by box."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from coach_server.inference.torch_graphs.boxes import (
    is_real,
    moved,
    overlaps,
    picked,
    survivors,
    without,
)

pytestmark = pytest.mark.unit

THRESHOLD = 0.7


def crowd(seed: int, count: int, spread: float) -> Tensor:
    """(1, count, 4) boxes around three places: the smaller the spread, the more they overlap."""
    rng = np.random.default_rng(seed)
    middle = rng.uniform(40, 200, (3, 2))[rng.integers(0, 3, count)]
    middle = middle + rng.normal(0, spread, (count, 2))
    half = rng.uniform(15, 40, (3, 2))[rng.integers(0, 3, count)]
    half = half * np.exp(rng.normal(0, spread / 100, (count, 2)))
    return torch.tensor(np.concatenate([middle - half, middle + half], 1)[None], dtype=torch.float)


def overlap(one: Tensor, other: Tensor) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(float(width), 0.0) * max(float(height), 0.0)
    areas = [float((box[2] - box[0]) * (box[3] - box[1])) for box in (one, other)]
    return shared / (sum(areas) - shared)


def greedily(boxes: Tensor) -> list[bool]:
    kept: list[int] = []
    for at, box in enumerate(boxes):
        if all(overlap(box, boxes[before]) <= THRESHOLD for before in kept):
            kept.append(at)
    return [at in kept for at in range(len(boxes))]


def chain(length: int) -> Tensor:
    """Each box overlaps the one before it and the one after, and none else."""
    left = torch.arange(length) * 1.5
    flat = torch.zeros(length)
    return torch.stack([left, flat, left + 10, flat + 10], dim=1)[None]


@pytest.mark.parametrize("spread", [2.0, 6.0, 20.0])
@pytest.mark.parametrize("seed", range(3))
def test_suppression_is_the_greedy_one(seed: int, spread: float) -> None:
    boxes = crowd(seed, 120, spread)
    kept = survivors(boxes, THRESHOLD, rounds=16)
    wanted = greedily(boxes[0])
    assert 1 < sum(wanted) < 120
    assert (kept[0] == 1).tolist() == wanted


def test_a_chain_of_boxes_needs_as_many_rounds_as_it_is_long() -> None:
    boxes = chain(12)
    wanted = [at % 2 == 0 for at in range(12)]
    assert greedily(boxes[0]) == wanted
    assert (survivors(boxes, THRESHOLD, rounds=11)[0] == 1).tolist() == wanted
    assert (survivors(boxes, THRESHOLD, rounds=8)[0] == 1).tolist() != wanted


@pytest.mark.parametrize("rounds", [0, 1, 2, 5])
def test_after_a_few_rounds_the_first_boxes_are_right(rounds: int) -> None:
    boxes = crowd(7, 120, 6.0)
    kept = (survivors(boxes, THRESHOLD, rounds)[0] == 1).tolist()
    assert kept[: rounds + 1] == greedily(boxes[0])[: rounds + 1]


def test_pictures_do_not_suppress_each_others_boxes() -> None:
    boxes = torch.cat([crowd(seed, 60, 6.0) for seed in (1, 2)])
    together = survivors(boxes, THRESHOLD, 16)
    for row in (0, 1):
        assert torch.equal(together[row : row + 1], survivors(boxes[row : row + 1], THRESHOLD, 16))


def test_overlaps_are_the_defined_ones() -> None:
    boxes = crowd(5, 30, 20.0)
    wanted = [[overlap(one, other) for other in boxes[0]] for one in boxes[0]]
    torch.testing.assert_close(overlaps(boxes)[0], torch.tensor(wanted), atol=1e-5, rtol=1e-5)


def test_boxes_without_extent_overlap_nothing() -> None:
    flat = torch.tensor([[[5.0, 5.0, 5.0, 5.0], [5.0, 5.0, 5.0, 5.0], [0.0, 0.0, 9.0, 9.0]]])
    assert survivors(flat, THRESHOLD, 8).tolist() == [[1, 1, 1]]


def test_a_box_moves_by_parts_of_its_size() -> None:
    box = torch.tensor([[[10.0, 20.0, 50.0, 40.0]]])
    deltas = torch.tensor([[[1.0, 2.0, 5 * math.log(2), 0.0]]])
    answer = moved(deltas, box, (10.0, 10.0, 5.0, 5.0), torch.tensor([[200.0, 100.0]]))
    # The middle (30, 30) goes by 0.1 of 40 and 0.2 of 20; the width doubles.
    torch.testing.assert_close(answer, torch.tensor([[[-6.0 + 0, 24.0, 74.0, 44.0]]]).clamp(min=0))


def test_a_box_neither_leaves_the_canvas_nor_grows_without_bound() -> None:
    box = torch.tensor([[[10.0, 10.0, 12.0, 12.0]]])
    grown = moved(
        torch.full((1, 1, 4), 1000.0), box, (1.0, 1.0, 1.0, 1.0), torch.tensor([[96.0, 64.0]])
    )
    assert torch.isfinite(grown).all()
    assert grown.tolist() == [[[96.0, 64.0, 96.0, 64.0]]]
    wide = moved(
        torch.tensor([[[0.0, 0.0, 9.0, 9.0]]]),
        box,
        (1.0, 1.0, 1.0, 1.0),
        torch.tensor([[999.0, 999.0]]),
    )
    assert (wide[..., 2:] - 11).allclose(torch.tensor(1000 / 16))


def test_those_gone_are_no_longer_real() -> None:
    scores = torch.tensor([[3.0, -40.0, 7.0]])
    left = without(scores, torch.tensor([[1.0, 1.0, 0.0]]))
    assert is_real(left).tolist() == [[True, True, False]]
    assert left[0, :2].tolist() == [3.0, -40.0]


def test_rows_are_picked_by_their_places() -> None:
    rows = torch.arange(24.0).reshape(2, 3, 4)
    answer = picked(rows, torch.tensor([[2, 0], [1, 1]]))
    assert torch.equal(answer, torch.stack([rows[0, [2, 0]], rows[1, [1, 1]]]))
