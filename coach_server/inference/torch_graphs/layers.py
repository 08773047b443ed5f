"""Layers made of weights by name.

They are made on no device first, so that no time goes into random weights that are replaced.
"""

from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from coach_server.body.keypoints import FloatArray

Layer = TypeVar("Layer", nn.Conv2d, nn.ConvTranspose2d, nn.Linear)
Arrays = Mapping[str, FloatArray]
"""Weights by their names in `keypoint_rcnn.weights`."""


def convolution(arrays: Arrays, name: str, *, stride: int = 1) -> nn.Conv2d:
    """The convolution called `name`, padded so that only its stride changes the size."""
    weight = torch.tensor(arrays[f"{name}.weight"])
    out, length, height, width = weight.shape
    padding = (height // 2, width // 2)
    layer = nn.Conv2d(length, out, (height, width), stride, padding, device="meta")
    return _filled(layer, weight, torch.tensor(arrays[f"{name}.bias"]))


def transposed(arrays: Arrays, name: str) -> nn.ConvTranspose2d:
    """The transposed convolution of width 4 called `name`, which doubles the size."""
    weight = torch.tensor(arrays[f"{name}.weight"])
    entering, leaving = weight.shape[:2]
    layer = nn.ConvTranspose2d(entering, leaving, kernel_size=4, stride=2, padding=1, device="meta")
    return _filled(layer, weight, torch.tensor(arrays[f"{name}.bias"]))


def linear(arrays: Arrays, name: str) -> nn.Linear:
    """The fully connected layer called `name`."""
    weight = torch.tensor(arrays[f"{name}.weight"])
    leaving, entering = weight.shape
    layer = nn.Linear(entering, leaving, device="meta")
    return _filled(layer, weight, torch.tensor(arrays[f"{name}.bias"]))


def constant(values: object) -> Tensor:
    """A float32 tensor of `values`."""
    return torch.tensor(values, dtype=torch.float32)


def _filled(layer: Layer, weight: Tensor, bias: Tensor) -> Layer:
    layer.weight = nn.Parameter(weight, requires_grad=False)
    layer.bias = nn.Parameter(bias, requires_grad=False)
    return layer
