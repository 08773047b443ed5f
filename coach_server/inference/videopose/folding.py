"""The weights of a network as plain convolutions: BatchNorm folded into what comes before it.

`y = gamma * (w * x - mean) / sqrt(variance + eps) + beta` is again a convolution, with the weights
`w * gamma / sqrt(variance + eps)` and the bias `beta - mean * gamma / sqrt(variance + eps)`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import JOINTS
from coach_server.errors import EngineError
from coach_server.inference.videopose.architecture import Architecture

State = Mapping[str, NDArray[Any]]
"""Weights by their names in the authors' checkpoints."""

_EPSILON: Final = 1e-5
"""BatchNorm's; neither the authors nor we set another."""


@dataclass(frozen=True, slots=True)
class Convolution:
    """One layer.

    Attributes:
        kernel: (out, in, width), the oldest tap first.
        bias: (out,).
    """

    kernel: FloatArray
    bias: FloatArray


@dataclass(frozen=True, slots=True)
class Network:
    """A network whose weights no longer change.

    Attributes:
        architecture: what it is made of.
        expand: the first layer.
        blocks: of each block the dilated convolution and the one of width 1.
        shrink: the last layer, which has neither BatchNorm nor ReLU.
    """

    architecture: Architecture
    expand: Convolution
    blocks: tuple[tuple[Convolution, Convolution], ...]
    shrink: Convolution


def folded(state: State, *, causal: bool) -> Network:
    """A network from its weights; what it is made of is read from their shapes.

    Args:
        state: `expand_conv.weight`, `expand_bn.*`, `layers_conv.N.weight`, `layers_bn.N.*`,
            `shrink.weight` and `shrink.bias`; BatchNorms with their running averages.
        causal: whether it was trained to see no future; nothing in the weights says so.

    Raises:
        EngineError: a weight is missing, is not finite, or does not fit the others.
    """
    expand = _normalised(state, "expand_conv", "expand_bn")
    channels, inputs, _ = expand.kernel.shape
    widths = [expand.kernel.shape[2]]
    blocks: list[tuple[Convolution, Convolution]] = []
    while f"layers_conv.{2 * len(blocks)}.weight" in state:
        first = 2 * len(blocks)
        dilated, plain = (
            _normalised(state, f"layers_conv.{n}", f"layers_bn.{n}") for n in (first, first + 1)
        )
        widths.append(dilated.kernel.shape[2])
        _check(f"layers_conv.{first}", dilated.kernel, (channels, channels, widths[-1]))
        _check(f"layers_conv.{first + 1}", plain.kernel, (channels, channels, 1))
        blocks.append((dilated, plain))
    shrink = Convolution(_array(state, "shrink.weight", 3), _array(state, "shrink.bias", 1))
    spread = len(shrink.bias) == JOINTS * 3 * 2
    architecture = Architecture(tuple(widths), channels, inputs, causal, spread)
    _check("shrink", shrink.kernel, (architecture.outputs, channels, 1))
    _check("shrink.bias", shrink.bias, (architecture.outputs,))
    return Network(architecture, expand, tuple(blocks), shrink)


def _normalised(state: State, convolution: str, norm: str) -> Convolution:
    kernel = _array(state, f"{convolution}.weight", 3)
    parts = ("weight", "bias", "running_mean", "running_var")
    gamma, beta, mean, variance = (_array(state, f"{norm}.{part}", 1) for part in parts)
    for part in (gamma, beta, mean, variance):
        _check(norm, part, (len(kernel),))
    deviation = np.sqrt(np.maximum(variance, 0) + _EPSILON)
    scale = np.asarray(gamma / deviation, np.float32)
    return Convolution(kernel * scale[:, None, None], beta - mean * scale)


def _array(state: State, name: str, dimensions: int) -> FloatArray:
    if name not in state:
        raise EngineError(f"the weights lack {name}", hint="give a checkpoint of VideoPose3D")
    array = np.asarray(state[name], np.float32)
    if array.ndim != dimensions or not array.size:
        raise EngineError(f"the weights {name} have the shape {list(array.shape)}")
    if not np.isfinite(array).all():
        raise EngineError(f"the weights {name} are not finite")
    return array


def _check(name: str, array: FloatArray, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise EngineError(
            f"the weights {name} have the shape {list(array.shape)}, not {list(shape)}",
            hint="give a checkpoint of VideoPose3D for 17 joints",
        )
