"""Boxes x1, y1, x2, y2 in pixels of the canvas: moved, clipped, and rid of their like."""

import math
from typing import Final

import torch
from torch import Tensor

MOST_GROWTH: Final = math.log(1000 / 16)
"""Of the logarithm of a side; both zoos bound it so."""
_NONE: Final = -1e4
"""A score below all others."""


def moved(
    deltas: Tensor,
    boxes: Tensor,
    weights: tuple[float, float, float, float],
    sizes: Tensor,
) -> Tensor:
    """Boxes moved and sized by a head's answers, clipped to the pictures.

    Args:
        deltas: (N, K, 4) of centre and size, in units of `boxes`, times `weights`.
        boxes: (N, K, 4) that they speak of.
        weights: by which the answers are divided.
        sizes: (N, 2) width and height of each picture, in pixels.
    """
    size = boxes[..., 2:] - boxes[..., :2]
    middle = boxes[..., :2] + 0.5 * size
    scale = deltas.new_tensor(weights)
    deltas = deltas / scale
    middle = middle + deltas[..., :2] * size
    size = torch.exp(deltas[..., 2:].clamp(max=MOST_GROWTH)) * size
    low, high = middle - 0.5 * size, middle + 0.5 * size
    ends = sizes[:, None]
    return torch.cat([torch.minimum(end.clamp(min=0), ends) for end in (low, high)], dim=-1)


def overlaps(boxes: Tensor) -> Tensor:
    """(N, K, K) intersection over union of every two of (N, K, 4) boxes."""
    low = torch.maximum(boxes[:, :, None, :2], boxes[:, None, :, :2])
    high = torch.minimum(boxes[:, :, None, 2:], boxes[:, None, :, 2:])
    shared = (high - low).clamp(min=0).prod(dim=-1)
    area = (boxes[..., 2:] - boxes[..., :2]).prod(dim=-1)
    return shared / (area[:, :, None] + area[:, None, :] - shared).clamp(min=1e-6)


def survivors(boxes: Tensor, threshold: float, rounds: int) -> Tensor:
    """Which boxes greedy non-maximum suppression would keep, in static shapes.

    A box is kept unless one before it is kept and overlaps it. Beginning with all kept, each round
    asks so of all boxes at once; after as many rounds as the longest chain of boxes that hang on
    one another the answer no longer changes, and is the greedy one (the idea of cluster NMS, Zheng
    et al. 2020, section 4).

    Args:
        boxes: (N, K, 4), the best first.
        threshold: overlap over which the worse of two goes.
        rounds: at most so many.

    Returns:
        (N, K) 1 for those kept, 0 for the others.
    """
    over = (overlaps(boxes) > threshold).to(boxes.dtype)
    better = over * torch.ones_like(over[0]).triu(1)  # [n, j, i]: j comes before i and overlaps it
    kept = torch.ones_like(boxes[..., 0])
    for _ in range(rounds):
        kept = (torch.matmul(kept[:, None], better)[:, 0] < 0.5).to(boxes.dtype)
    return kept


def without(scores: Tensor, kept: Tensor) -> Tensor:
    """Scores of those kept; the others' are below all."""
    return torch.where(kept > 0.5, scores, _NONE)


def is_real(scores: Tensor) -> Tensor:
    """Which scores `without` left as they were."""
    return scores > _NONE / 2


def best(scores: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` highest of (N, K) scores, and where they stand: both (N, count)."""
    values, places = scores.topk(count, dim=1)
    return values, places


def picked(rows: Tensor, places: Tensor) -> Tensor:
    """Rows (N, count, D) of (N, K, D) that stand at (N, count)."""
    return rows.gather(1, places[..., None].expand(-1, -1, rows.shape[2]))
