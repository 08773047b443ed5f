"""ROIAlign (He et al. 2017, section 3) as products with matrices, in static shapes.

A bin is the mean over a grid of samples, each between four cells. Both are sums over rows times
sums over columns, so a region is `down @ cells @ across.T`: two matrices that hang on the box, and
whose shapes do not. Torchvision takes two samples a bin and axis; Detectron2 as many as the bin has
cells, rounded up, of which a picture bounds the number.
"""

import math

import torch
from torch import Tensor

from coach_server.inference.keypoint_rcnn.architecture import STRIDES, RcnnArchitecture


def pooled(
    levels: list[Tensor], boxes: Tensor, bins: int, architecture: RcnnArchitecture
) -> Tensor:
    """What the pyramid has in boxes, each from the level that fits its size.

    Args:
        levels: (N, C, H / stride, W / stride) of levels 2 to 5.
        boxes: (N, K, 4) x1, y1, x2, y2 in pixels of the canvas, float32.
        bins: cells a side of the answer.
        architecture: whose conventions count.

    Returns:
        (N * K, C, bins, bins) in the precision of `levels`. Where a bin lies is always computed in
        float32; what a cell weighs in it is a share, which float16 has to a thousandth.
    """
    size = (boxes[..., 2:] - boxes[..., :2]).prod(dim=-1).clamp(min=1e-12).sqrt()
    level = torch.floor(4 + torch.log2(size / 224 + architecture.level_epsilon))
    level = level.clamp(2, 5)
    answer = torch.zeros_like(levels[0][:1, None, :1, :1, :1])
    for at, features in enumerate(levels):
        height, width = features.shape[2:]
        here = (level == at + 2).to(boxes.dtype)[..., None, None]
        down = _means(boxes[..., 1::2], bins, STRIDES[at], height, architecture)
        across = _means(boxes[..., 0::2], bins, STRIDES[at], width, architecture)
        kind = features.dtype
        answer = answer + _product((here * down).to(kind), features, across.to(kind))
    return answer.transpose(2, 3).flatten(0, 1)


def _product(down: Tensor, features: Tensor, across: Tensor) -> Tensor:
    """(N, K, bins, C, bins) of (N, K, bins, H), (N, C, H, W) and (N, K, bins, W).

    The channels stand between rows and columns, so that both products are of few large matrices.
    """
    channels, _, width = features.shape[1:]
    regions, bins = down.shape[1:3]
    cells = features.transpose(1, 2).flatten(2)
    rows = torch.matmul(down.flatten(1, 2), cells).reshape(-1, regions, bins * channels, width)
    answer = torch.matmul(rows, across.transpose(2, 3))
    return answer.reshape(-1, regions, bins, channels, bins)


def _means(
    ends: Tensor, bins: int, stride: int, length: int, architecture: RcnnArchitecture
) -> Tensor:
    """(N, K, bins, length) how much each cell along an axis weighs in each bin.

    Args:
        ends: (N, K, 2) of the boxes along the axis, in pixels.
        bins: along the axis.
        stride: pixels a cell.
        length: cells of the picture along the axis.
        architecture: whose conventions count.
    """
    ends = ends / stride
    if architecture.roi_aligned:
        ends = ends - 0.5
    start, extent = ends[..., :1], ends[..., 1:] - ends[..., :1]
    if not architecture.roi_aligned:
        extent = extent.clamp(min=1.0)
    bin_size = extent / bins
    most = architecture.samples or math.ceil(length / bins)
    if architecture.samples is None:
        taken = torch.ceil(bin_size).clamp(1, most)
    else:
        taken = torch.full_like(bin_size, float(most))
    at = torch.arange(bins * most, device=ends.device)
    sample, of_bin = (at % most).to(ends.dtype), (at // most).to(ends.dtype)
    place = start + bin_size * (of_bin + (sample + 0.5) / taken)
    counts = (sample < taken) & (place >= -1) & (place <= length)
    # Samples beyond the outermost cells, but by no more than one, are those cells.
    place = place.clamp(0, length - 1)
    cells = torch.arange(length, device=ends.device).to(ends.dtype)
    near = (1 - (place[..., None] - cells).abs()).clamp(min=0)
    near = near * (counts.to(ends.dtype) / taken)[..., None]
    return near.reshape(*ends.shape[:2], bins, most, length).sum(dim=3)
