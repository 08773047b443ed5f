"""The network of Pavllo et al. 2019 in its window form: all answers of a chunk of frames at once.

Convolutions without padding over a chunk of L frames leave `L - receptive_field + 1` answers, each
of which shares most of its work with its neighbours. Weights have the authors' names, so that one
reader (`coach_server.inference.videopose.folding`) serves theirs and ours.
"""

import torch
from torch import Tensor, nn

from coach_server.body.skeleton import JOINTS
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.streaming_graph import LOG_SIGMA


class VideoPose(nn.Module):
    """Keypoint features of consecutive frames to joints.

    Args:
        architecture: what it is made of.
        dropout: share of the channels that are dropped in training.
    """

    def __init__(self, architecture: Architecture, dropout: float = 0.05) -> None:
        super().__init__()
        self.architecture = architecture
        channels, (first, *widths) = architecture.channels, architecture.widths
        self.expand_conv = nn.Conv1d(architecture.inputs, channels, first, bias=False)
        self.expand_bn = nn.BatchNorm1d(channels)
        self.layers_conv = nn.ModuleList()
        self.layers_bn = nn.ModuleList()
        for width, dilation in zip(widths, architecture.dilations[1:], strict=True):
            dilated = nn.Conv1d(channels, channels, width, dilation=dilation, bias=False)
            self.layers_conv += [dilated, nn.Conv1d(channels, channels, 1, bias=False)]
            self.layers_bn += [nn.BatchNorm1d(channels), nn.BatchNorm1d(channels)]
        self.shrink = nn.Conv1d(channels, architecture.outputs, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Lift chunks.

        Args:
            frames: (B, L, F) features.

        Returns:
            (B, L - receptive_field + 1, 17, 3) joints in metres, and as much for the logarithm of
            their spread; of a network without spread that is empty (17, 0).
        """
        x = self._layer(frames.transpose(1, 2), self.expand_conv, self.expand_bn)
        for block in range(0, len(self.layers_conv), 2):
            skipped = self._answered(x, block // 2 + 1)
            for layer in (block, block + 1):
                x = self._layer(x, self.layers_conv[layer], self.layers_bn[layer])
            x = skipped + x
        answer = self.shrink(x).transpose(1, 2)
        joints, log_sigma = answer[..., : JOINTS * 3], answer[..., JOINTS * 3 :]
        return (
            joints.unflatten(-1, (JOINTS, 3)),
            log_sigma.clamp(*LOG_SIGMA).unflatten(-1, (JOINTS, -1)),
        )

    def _answered(self, x: Tensor, layer: int) -> Tensor:
        """The columns of the frames that a layer answers: the newest ones, or those in the middle.

        Of each tap's column this is the one that the residual adds to what the taps became. The
        authors' causal networks do the same by a shift of `width // 2 * dilation`.
        """
        lost = (self.architecture.widths[layer] - 1) * self.architecture.dilations[layer]
        if self.architecture.causal:
            return x[:, :, lost:]
        return x[:, :, lost // 2 : x.shape[2] - lost // 2]

    def _layer(self, x: Tensor, convolution: nn.Module, norm: nn.Module) -> Tensor:
        answer: Tensor = self.dropout(torch.relu(norm(convolution(x))))
        return answer

    def set_momentum(self, momentum: float) -> None:
        """How much a batch counts in the running averages of the BatchNorms."""
        for module in self.modules():
            if isinstance(module, nn.BatchNorm1d):
                module.momentum = momentum
