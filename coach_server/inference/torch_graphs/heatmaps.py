"""Keypoints from heatmaps, to a fraction of a pixel: as both zoos do it, in static shapes.

They stretch each 56 x 56 map to the size of its box, rounded up to whole pixels, by bicubic
interpolation, and take the middle of the highest pixel. The size of the stretched map hangs on the
box, so here it is always as large as the canvas, and pixels beyond the box's do not count. Bicubic
interpolation is a product with a matrix from either side, and the matrix a function of the size.
"""

from typing import Final

import torch
from torch import Tensor

from coach_server.inference.keypoint_rcnn.architecture import HEATMAP

_CUBIC: Final = -0.75
"""The parameter of the cubic kernel that torch has."""
_BEYOND: Final = -1e30


def keypoints_in(maps: Tensor, boxes: Tensor, canvas: tuple[int, int]) -> Tensor:
    """Where each map is highest.

    Args:
        maps: (N, 17, 56, 56) logits, float32.
        boxes: (N, 4) x1, y1, x2, y2 in pixels of the canvas: what each map covers.
        canvas: (height, width) in pixels: no box is larger.

    Returns:
        (N, 17, 3) x, y in pixels of the canvas, and the logit there.
    """
    height, width = canvas
    size = (boxes[:, 2:] - boxes[:, :2]).clamp(min=1)
    whole = torch.ceil(size)
    down = _stretching(whole[:, 1], height)
    across = _stretching(whole[:, 0], width)
    stretched = torch.matmul(torch.matmul(down[:, None], maps), across[:, None].transpose(2, 3))
    rows = torch.arange(height, device=maps.device)[None, :] < whole[:, 1:]
    columns = torch.arange(width, device=maps.device)[None, :] < whole[:, :1]
    inside = rows[:, None, :, None] & columns[:, None, None, :]
    stretched = torch.where(inside, stretched, _BEYOND)
    logit, place = stretched.flatten(2).topk(1, dim=2)
    x = (place % width).to(size.dtype)
    y = torch.div(place, width, rounding_mode="floor").to(size.dtype)
    at = (torch.cat([x, y], dim=2) + 0.5) * (size / whole)[:, None]
    return torch.cat([at + boxes[:, None, :2], logit], dim=2)


def _stretching(size: Tensor, most: int) -> Tensor:
    """(N, most, 56) matrices that stretch 56 values to `size`; rows beyond that mean nothing."""
    scale = HEATMAP / size[:, None]
    at = (torch.arange(most, device=size.device).to(size.dtype)[None] + 0.5) * scale - 0.5
    first = torch.floor(at)
    share = at - first
    cells = torch.arange(HEATMAP, device=size.device).to(size.dtype)
    matrix = torch.zeros_like(at[..., None] * cells)
    for tap in (-1, 0, 1, 2):
        cell = (first + tap).clamp(0, HEATMAP - 1)
        weight = _cubic(share - tap)
        matrix = matrix + torch.where(cell[..., None] == cells, weight[..., None], 0.0)
    return matrix


def _cubic(distance: Tensor) -> Tensor:
    """The kernel of Keys 1981 at a distance of at most two."""
    x = distance.abs()
    near = ((_CUBIC + 2) * x - (_CUBIC + 3)) * x * x + 1
    far = ((_CUBIC * x - 5 * _CUBIC) * x + 8 * _CUBIC) * x - 4 * _CUBIC
    return torch.where(x <= 1, near, far)
