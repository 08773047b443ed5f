"""VideoPose3D as the paper writes it, in plain numpy: what our faster forms are held against.

Written from Pavllo et al. 2019, section 3 and figures 2 and 3, and from nothing of ours: a whole
window for every answer, BatchNorm as it is defined, every frame that is not there replaced by the
nearest one that is.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray

Array = NDArray[np.float64]
State = dict[str, FloatArray]


def random_state(
    widths: Sequence[int], channels: int, inputs: int, outputs: int, seed: int = 0
) -> State:
    """Weights by the authors' names; BatchNorms as though they had seen something."""
    rng = np.random.default_rng(seed)
    state: State = {}

    def normal(*shape: int, scale: float = 1.0) -> FloatArray:
        return (scale * rng.normal(size=shape)).astype(np.float32)

    def layer(name: str, norm: str, fan_in: int, width: int) -> None:
        state[f"{name}.weight"] = normal(channels, fan_in, width, scale=(fan_in * width) ** -0.5)
        state[f"{norm}.weight"] = 1 + normal(channels, scale=0.2)
        state[f"{norm}.bias"] = normal(channels, scale=0.1)
        state[f"{norm}.running_mean"] = normal(channels, scale=0.1)
        state[f"{norm}.running_var"] = np.exp(normal(channels, scale=0.3))
        state[f"{norm}.num_batches_tracked"] = np.array(7, np.float32)

    layer("expand_conv", "expand_bn", inputs, widths[0])
    for block, width in enumerate(widths[1:]):
        layer(f"layers_conv.{2 * block}", f"layers_bn.{2 * block}", channels, width)
        layer(f"layers_conv.{2 * block + 1}", f"layers_bn.{2 * block + 1}", channels, 1)
    state["shrink.weight"] = normal(outputs, channels, 1, scale=channels**-0.5)
    state["shrink.bias"] = normal(outputs, scale=0.1)
    return state


def evaluate(state: State, frames: FloatArray, widths: Sequence[int], *, causal: bool) -> Array:
    """(T, outputs) for (T, F) frames; answer t is of frames up to t alone."""
    field = int(np.prod(widths))
    ahead = 0 if causal else (field - 1) // 2
    offsets = np.arange(field) - (field - 1) + ahead
    answers = []
    for t in range(len(frames)):
        window = frames[np.clip(t + offsets, 0, t)].astype(np.float64)
        answers.append(answer_of(state, window, widths, causal=causal))
    return np.array(answers)


def answer_of(state: State, window: Array, widths: Sequence[int], *, causal: bool) -> Array:
    """(outputs,) for a whole window of as many frames as an answer looks at."""
    x = window
    x = _layer(state, x, "expand_conv", "expand_bn", 1)
    dilation = widths[0]
    for block, width in enumerate(widths[1:]):
        lost = (width - 1) * dilation
        skipped = x[lost:] if causal else x[lost // 2 : len(x) - lost // 2]
        x = _layer(state, x, f"layers_conv.{2 * block}", f"layers_bn.{2 * block}", dilation)
        x = _layer(state, x, f"layers_conv.{2 * block + 1}", f"layers_bn.{2 * block + 1}", 1)
        x = skipped + x
        dilation *= width
    (answer,) = x @ state["shrink.weight"][:, :, 0].T + state["shrink.bias"]
    return np.asarray(answer)


def _layer(state: State, x: Array, convolution: str, norm: str, dilation: int) -> Array:
    """Convolution, BatchNorm, ReLU over the frames that have all their neighbours."""
    kernel = state[f"{convolution}.weight"]
    taps = kernel.shape[2]
    answers = [
        sum(kernel[:, :, k] @ x[first + k * dilation] for k in range(taps))
        for first in range(len(x) - (taps - 1) * dilation)
    ]
    deviation = np.sqrt(state[f"{norm}.running_var"] + 1e-5)
    y = (np.array(answers) - state[f"{norm}.running_mean"]) / deviation
    normalised = y * state[f"{norm}.weight"] + state[f"{norm}.bias"]
    return np.asarray(np.maximum(normalised, 0))
