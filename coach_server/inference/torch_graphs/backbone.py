"""ResNet with a feature pyramid (Lin et al., CVPR 2017), its BatchNorms folded in."""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d

from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture
from coach_server.inference.torch_graphs.layers import Arrays, convolution

_LEVELS: Final = (2, 3, 4, 5)


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1, and a way past them."""

    def __init__(self, arrays: Arrays, name: str, *, stride: int, stride_in_1x1: bool) -> None:
        super().__init__()
        first, second = (stride, 1) if stride_in_1x1 else (1, stride)
        self.conv1 = convolution(arrays, f"{name}.conv1", stride=first)
        self.conv2 = convolution(arrays, f"{name}.conv2", stride=second)
        self.conv3 = convolution(arrays, f"{name}.conv3")
        has_shortcut = f"{name}.shortcut.weight" in arrays
        self.shortcut = (
            convolution(arrays, f"{name}.shortcut", stride=stride)
            if has_shortcut
            else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) to (N, C', h / stride, w / stride)."""
        inner = torch.relu(self.conv2(torch.relu(self.conv1(x))))
        return torch.relu(self.conv3(inner) + self.shortcut(x))


class Backbone(nn.Module):
    """Pictures to the levels 2 to 6 of a feature pyramid.

    Args:
        arrays: weights by name.
        architecture: of the network.
    """

    def __init__(self, arrays: Arrays, architecture: RcnnArchitecture) -> None:
        super().__init__()
        self.stem = convolution(arrays, "stem", stride=2)
        self.stages = nn.ModuleList(
            nn.Sequential(
                *(
                    Bottleneck(
                        arrays,
                        f"layer{stage}.{block}",
                        stride=2 if stage > 1 and block == 0 else 1,
                        stride_in_1x1=architecture.stride_in_1x1,
                    )
                    for block in range(blocks)
                )
            )
            for stage, blocks in enumerate(architecture.stages, start=1)
        )
        self.lateral = nn.ModuleList(convolution(arrays, f"fpn.lateral{n}") for n in _LEVELS)
        self.output = nn.ModuleList(convolution(arrays, f"fpn.output{n}") for n in _LEVELS)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """(N, 3, H, W) normalised pictures to five levels (N, 256, H / stride, W / stride)."""
        x = max_pool2d(torch.relu(self.stem(pictures)), 3, 2, 1)
        bottom_up = []
        for stage in self.stages:
            x = stage(x)
            bottom_up.append(x)
        merged = self.lateral[3](bottom_up[3])
        levels = [self.output[3](merged)]
        for level in (2, 1, 0):
            lateral = self.lateral[level](bottom_up[level])
            merged = lateral + interpolate(merged, scale_factor=2.0, mode="nearest")
            levels.insert(0, self.output[level](merged))
        return [*levels, max_pool2d(levels[-1], 1, 2)]
