"""ROIAlign (He et al. 2017, section 3) by `grid_sample`, in static shapes.

Torchvision takes two samples a bin and axis. Detectron2 takes as many as the bin has cells, rounded
up: here a fixed number of places, of which those beyond a box's own number weigh nothing.
"""

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample

from coach_server.inference.keypoint_rcnn.architecture import STRIDES, RcnnArchitecture

MOST_SAMPLES = 4
"""A bin and axis, where the box's size says how many: larger bins, of which a box on its level has
them only when it is far from square, are sampled so often."""


def pooled(
    levels: list[Tensor], boxes: Tensor, bins: int, architecture: RcnnArchitecture
) -> Tensor:
    """What the pyramid has in boxes, each from the level that fits its size.

    Args:
        levels: (N, C, H / stride, W / stride) of levels 2 to 5, float32.
        boxes: (N, K, 4) x1, y1, x2, y2 in pixels of the canvas.
        bins: cells a side of the answer.
        architecture: whose conventions count.

    Returns:
        (N * K, C, bins, bins).
    """
    size = (boxes[..., 2:] - boxes[..., :2]).prod(dim=-1).clamp(min=1e-12).sqrt()
    level = torch.floor(4 + torch.log2(size / 224 + architecture.level_epsilon))
    level = level.clamp(2, 5)
    answer = torch.zeros_like(levels[0][:1, :1, :1, :1])
    for at, features in enumerate(levels):
        here = (level == at + 2).to(features.dtype).reshape(-1, 1, 1, 1)
        answer = answer + here * _aligned(features, boxes, bins, STRIDES[at], architecture)
    return answer


def _aligned(
    features: Tensor, boxes: Tensor, bins: int, stride: int, architecture: RcnnArchitecture
) -> Tensor:
    count, channels, height, width = features.shape
    regions = boxes.shape[1]
    samples = architecture.samples or MOST_SAMPLES
    x, x_weight = _places(boxes[..., 0::2], bins, stride, architecture)
    y, y_weight = _places(boxes[..., 1::2], bins, stride, architecture)
    grid = torch.stack(
        [
            (x * (2 / (width - 1)) - 1)[:, :, None, :].expand(-1, -1, y.shape[2], -1),
            (y * (2 / (height - 1)) - 1)[:, :, :, None].expand(-1, -1, -1, x.shape[2]),
        ],
        dim=-1,
    ).reshape(count, regions * y.shape[2], x.shape[2], 2)
    sampled = grid_sample(
        features, grid, mode="bilinear", padding_mode="border", align_corners=True
    ).reshape(count, channels, regions, y.shape[2], x.shape[2])
    if architecture.samples is None:
        weights = y_weight[:, :, :, None] * x_weight[:, :, None, :] * float(samples**2)
        sampled = sampled * weights[:, None]
    flat = sampled.transpose(1, 2).reshape(count * regions, channels, y.shape[2], x.shape[2])
    return avg_pool2d(flat, samples)


def _places(
    ends: Tensor, bins: int, stride: int, architecture: RcnnArchitecture
) -> tuple[Tensor, Tensor]:
    """Where the samples along an axis are, in cells, and how much each weighs in its bin.

    Args:
        ends: (N, K, 2) of the boxes, in pixels.
        bins: along the axis.
        stride: pixels a cell.
        architecture: whose conventions count.

    Returns:
        Two (N, K, bins * samples).
    """
    ends = ends / stride
    if architecture.roi_aligned:
        ends = ends - 0.5
    start, length = ends[..., :1], ends[..., 1:] - ends[..., :1]
    if not architecture.roi_aligned:
        length = length.clamp(min=1.0)
    bin_size = length / bins
    samples = architecture.samples or MOST_SAMPLES
    at = torch.arange(bins * samples, device=ends.device)
    in_bin, of_bin = (at % samples).to(ends.dtype), (at // samples).to(ends.dtype)
    if architecture.samples is None:
        taken = torch.ceil(bin_size).clamp(1, samples)
    else:
        taken = torch.full_like(bin_size, float(samples))
    weight = (in_bin < taken).to(ends.dtype) / taken
    return start + bin_size * (of_bin + (in_bin + 0.5) / taken), weight
