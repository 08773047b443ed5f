"""A network as an ONNX model that takes one frame a call and is handed what it needs of the past.

Layer n takes in a column a frame, and its past columns are kept in a ring (`streams`). The model
reads `frame` and `past_n`, the columns of ring n that the layer's taps hit, and answers `joints`,
`sigma` where there is one, and `column_n`, which is to be put into ring n (that of ring 0 is the
frame itself). All have a free batch dimension: a row a student.

A network that looks ahead is run with the newest frame in place of every later one. That can be
streamed exactly, with three columns a layer in place of one:

    own       of the newest frame that has all of its future; these are kept in the ring
    edge      of the newest frame: left of it the ring, right of it the response to stillness
    still     of a frame among equals of the newest frame

The three share the weights, so that they cost little more than one.
"""

from typing import Final

import numpy as np

from coach_server.body.skeleton import JOINTS
from coach_server.inference.onnx_writer import OnnxWriter
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.folding import Convolution, Network

GRAPH_VERSION: Final = 1
"""Raised whenever the same weights become a graph that answers otherwise."""
LOG_SIGMA: Final = (-7.0, 1.0)
"""Bounds of the logarithm of a spread in metres: a millimetre, and more than a body."""
_LANES: Final = 3


def streaming_model(network: Network, name: str) -> bytes:
    """The ONNX model of a network, with `name` as the name of its graph."""
    return _Streaming(network).finish(name)


class _Streaming:
    """The graph under construction. A lane is a tensor (batch, C): a column of one of the kinds."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._architecture = network.architecture
        self._writer = OnnxWriter()

    def finish(self, name: str) -> bytes:
        writer, architecture = self._writer, self._architecture
        writer.add_input("frame", [architecture.inputs])
        lanes = ["frame"] * (1 if architecture.causal else _LANES)
        lanes = self._relu(self._convolved(self._taps(0, lanes), self._network.expand))
        for layer, (dilated, plain) in enumerate(self._network.blocks, start=1):
            writer.add_output(f"column_{layer}", lanes[0], [architecture.channels])
            taps = self._taps(layer, lanes)
            residuals = self._residuals(layer, lanes)
            inner = self._relu(self._convolved(taps, dilated))
            inner = self._relu(self._convolved([[column] for column in inner], plain))
            lanes = [writer.node("Add", pair) for pair in zip(residuals, inner, strict=True)]
        edge = lanes[min(1, len(lanes) - 1)]
        (answer,) = self._convolved([[edge]], self._network.shrink)
        self._answer(answer)
        return writer.finish(name)

    def _taps(self, layer: int, lanes: list[str]) -> list[list[str]]:
        """For each lane the columns that the taps of a layer hit, the oldest first."""
        architecture = self._architecture
        width, length = architecture.widths[layer], architecture.columns[layer]
        backs = architecture.taps(layer)
        if not backs:
            return [[lane] for lane in lanes]
        past = f"past_{layer}"
        self._writer.add_input(past, [len(backs) * length])
        if architecture.causal:
            return [[past, lanes[0]]]
        own, edge, still = lanes
        half = width // 2
        ring = self._slice(past, 0, (width - 1) * length)
        left = self._slice(past, (width - 1) * length, len(backs) * length)
        return [[ring, own], [left, edge, *[still] * half], [still] * width]

    def _residuals(self, layer: int, lanes: list[str]) -> list[str]:
        """For each lane the column of the frame that a layer answers."""
        length, half = self._architecture.columns[layer], self._architecture.widths[layer] // 2
        if self._architecture.causal or half == 0:
            return lanes
        middle = self._slice(f"past_{layer}", half * length, (half + 1) * length)
        return [middle, *lanes[1:]]

    def _convolved(self, taps: list[list[str]], layer: Convolution) -> list[str]:
        """The columns that a convolution makes of the taps of each lane."""
        writer = self._writer
        out, length, width = layer.kernel.shape
        weights = writer.constant(layer.kernel.transpose(2, 1, 0).reshape(width * length, out))
        bias = writer.constant(layer.bias)
        columns = [column for lane in taps for column in lane]
        joined = columns[0] if len(columns) == 1 else writer.node("Concat", columns, axis=1)
        if len(taps) == 1:
            return [writer.node("Gemm", [joined, weights, bias])]
        shape = writer.constant(np.array([0, len(taps), width * length], np.int64))
        rows = writer.node("MatMul", [writer.node("Reshape", [joined, shape]), weights])
        flat = writer.constant(np.array([0, len(taps) * out], np.int64))
        answer = writer.node("Reshape", [writer.node("Add", [rows, bias]), flat])
        return [self._slice(answer, lane * out, (lane + 1) * out) for lane in range(len(taps))]

    def _relu(self, lanes: list[str]) -> list[str]:
        return [self._writer.node("Relu", [lane]) for lane in lanes]

    def _answer(self, answer: str) -> None:
        writer, numbers = self._writer, JOINTS * 3
        if not self._architecture.spread:
            writer.add_output("joints", answer, [numbers])
            return
        writer.add_output("joints", self._slice(answer, 0, numbers), [numbers])
        logarithm = self._slice(answer, numbers, 2 * numbers)
        bounds = [writer.constant(np.array(bound, np.float32)) for bound in LOG_SIGMA]
        clipped = writer.node("Clip", [logarithm, *bounds])
        writer.add_output("sigma", writer.node("Exp", [clipped]), [numbers])

    def _slice(self, tensor: str, start: int, end: int) -> str:
        """Entries `start` to `end` of the rows of a tensor."""
        cut = [self._writer.constant(np.array([at], np.int64)) for at in (start, end, 1)]
        return self._writer.node("Slice", [tensor, *cut])


def model_inputs(architecture: Architecture) -> dict[str, int]:
    """Length of the rows of each input, by name."""
    past = {
        f"past_{layer}": len(architecture.taps(layer)) * length
        for layer, length in enumerate(architecture.columns)
        if architecture.taps(layer)
    }
    return {"frame": architecture.inputs, **past}


def model_outputs(architecture: Architecture) -> dict[str, int]:
    """Length of the rows of each output, by name."""
    answers = ["joints", "sigma"] if architecture.spread else ["joints"]
    columns = {f"column_{n}": architecture.channels for n in range(1, len(architecture.widths))}
    return dict.fromkeys(answers, JOINTS * 3) | columns
