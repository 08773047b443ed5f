"""VideoPose3D (Pavllo et al., CVPR 2019) in both of its forms, of weights that no longer change.

The streaming form has the interface of `videopose.streaming_graph`, and so the same answers: one
frame a call, handed the columns that its taps hit. The window form sees a receptive field at once.
Both are for causal networks, the only ones that a live coach trains.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import JOINTS
from coach_server.errors import EngineError
from coach_server.inference.videopose.folding import Convolution, Network
from coach_server.inference.videopose.streaming_graph import LOG_SIGMA


class _Lifter(nn.Module, ABC):
    """The layers that both forms share.

    Args:
        network: whose weights it has.
        half: whether layers compute in float16; what goes in and out is float32.
    """

    def __init__(self, network: Network, *, half: bool) -> None:
        super().__init__()
        if not network.architecture.causal:
            raise EngineError(
                "a network that looks ahead cannot be compiled for a GPU",
                hint="choose the lifter videopose3d, or the device cpu",
            )
        self.architecture = network.architecture
        self.dtype = torch.float16 if half else torch.float32
        self.layers = nn.ModuleList(self._layer(layer) for layer in _in_order(network))
        self.to(self.dtype)

    @abstractmethod
    def _layer(self, layer: Convolution) -> nn.Module:
        """A layer in this form."""

    def _said(self, answer: Tensor) -> tuple[Tensor, ...]:
        """Joints and spread of the last layer's (N, outputs)."""
        answer = answer.float()
        joints = answer[:, : JOINTS * 3]
        if not self.architecture.spread:
            return (joints,)
        return joints, answer[:, JOINTS * 3 :].clamp(*LOG_SIGMA).exp()


class StreamingLifter(_Lifter):
    """One frame of each of N students; all state is handed in and out."""

    def _layer(self, layer: Convolution) -> nn.Module:
        out, length, width = layer.kernel.shape
        product = nn.Linear(width * length, out)
        # The taps lie behind one another in a row, the oldest first.
        _fill(product, layer.kernel.transpose(0, 2, 1).reshape(out, width * length), layer.bias)
        return product

    def forward(self, frame: Tensor, *past: Tensor) -> tuple[Tensor, ...]:
        """Lift a frame.

        Args:
            frame: (N, F) features.
            past: of each layer that looks back, (N, taps * C) columns, the oldest first.

        Returns:
            (N, 51) joints in metres; (N, 51) one standard deviation of each, where the network
            says one; then of each layer but the first (N, C), the column for its ring.
        """
        expand, *blocks, shrink = self.layers
        kept = iter(past)
        x = torch.relu(expand(self._taps(0, frame.to(self.dtype), kept)))
        columns = []
        for block, (dilated, plain) in enumerate(zip(blocks[::2], blocks[1::2], strict=True)):
            columns.append(x.float())
            x = x + torch.relu(plain(torch.relu(dilated(self._taps(block + 1, x, kept)))))
        return (*self._said(shrink(x)), *columns)

    def _taps(self, layer: int, newest: Tensor, kept: Iterator[Tensor]) -> Tensor:
        if not self.architecture.taps(layer):
            return newest
        return torch.cat([next(kept).to(self.dtype), newest], dim=1)


class WindowLifter(_Lifter):
    """A receptive field of frames of each of N students, by convolutions."""

    def _layer(self, layer: Convolution) -> nn.Module:
        out, length, width = layer.kernel.shape
        # A layer's dilation is the product of the widths below it: as only one answer is wanted,
        # each layer steps from tap to tap, and its dilation becomes the stride of those below.
        convolution = nn.Conv1d(length, out, width, stride=width)
        _fill(convolution, layer.kernel, layer.bias)
        return convolution

    def forward(self, frames: Tensor) -> tuple[Tensor, ...]:
        """Lift the newest of some frames.

        Args:
            frames: (N, receptive field, F) features.

        Returns:
            (N, 51) joints in metres; (N, 51) one standard deviation, where the network says one.
        """
        expand, *blocks, shrink = self.layers
        x = torch.relu(expand(frames.to(self.dtype).transpose(1, 2)))
        for block, (dilated, plain) in enumerate(zip(blocks[::2], blocks[1::2], strict=True)):
            width = self.architecture.widths[block + 1]
            newest = x[:, :, width - 1 :: width]
            x = newest + torch.relu(plain(torch.relu(dilated(x))))
        return self._said(shrink(x)[:, :, 0])


def _in_order(network: Network) -> Iterator[Convolution]:
    yield network.expand
    for dilated, plain in network.blocks:
        yield dilated
        yield plain
    yield network.shrink


def _fill(module: nn.Linear | nn.Conv1d, weight: FloatArray, bias: FloatArray) -> None:
    module.weight = nn.Parameter(torch.tensor(weight), requires_grad=False)
    module.bias = nn.Parameter(torch.tensor(bias), requires_grad=False)
