"""The network of an engine's file as the paper has it: a whole window a call, for comparisons.

Frames come as one tensor (batch, features, receptive field). `dense` computes all columns of every
layer, as the authors' code does and as one has to who answers many frames at once; else only those
which the newest answer needs, by strides (section 3 of the supplement of Pavllo et al. 2019).
"""

import numpy as np
import onnx
from onnx import numpy_helper

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import JOINTS
from coach_server.inference.onnx_writer import OnnxWriter
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.folding import Convolution, Network


def network_of(content: bytes, architecture: Architecture) -> Network:
    """The weights of a causal network's streaming model."""
    graph = onnx.load_model_from_string(content).graph
    known = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    layers = [
        Convolution(_kernel(known[node.input[1]], width), known[node.input[2]])
        for node, width in zip(
            (node for node in graph.node if node.op_type == "Gemm"),
            _widths(architecture),
            strict=True,
        )
    ]
    blocks = tuple(zip(layers[1:-1:2], layers[2:-1:2], strict=True))
    return Network(architecture, layers[0], blocks, layers[-1])


def window_model(network: Network, *, dense: bool) -> bytes:
    """The ONNX model: `frames` to `joints`."""
    writer, architecture = OnnxWriter(), network.architecture
    writer.add_input("frames", [architecture.inputs, architecture.receptive_field])
    strides = [1 if dense else width for width in architecture.widths]

    def convolved(columns: str, layer: Convolution, dilation: int = 1, stride: int = 1) -> str:
        weights = [writer.constant(layer.kernel), writer.constant(layer.bias)]
        return writer.node("Conv", [columns, *weights], dilations=[dilation], strides=[stride])

    def relu(columns: str) -> str:
        return writer.node("Relu", [columns])

    def newest(columns: str, width: int, dilation: int) -> str:
        """Of each tap's columns the newest."""
        if dense:
            first = np.array([(width - 1) * dilation], np.int64)
            cut = [first, np.array([np.iinfo(np.int64).max]), np.array([2])]
            return writer.node("Slice", [columns, *map(writer.constant, cut)])
        cut = [np.array([width - 1]), np.array([np.iinfo(np.int64).max]), np.array([2])]
        steps = writer.constant(np.array([width], np.int64))
        return writer.node("Slice", [columns, *map(writer.constant, cut), steps])

    columns = relu(convolved("frames", network.expand, stride=strides[0]))
    for layer, (dilated, plain) in enumerate(network.blocks, start=1):
        width = architecture.widths[layer]
        dilation = architecture.dilations[layer] if dense else 1
        kept = newest(columns, width, dilation)
        inner = relu(convolved(columns, dilated, dilation, strides[layer]))
        columns = writer.node("Add", [kept, relu(convolved(inner, plain))])
    answer = convolved(columns, network.shrink)
    cut = [np.array([0]), np.array([JOINTS * 3]), np.array([1])]
    writer.add_output(
        "joints", writer.node("Slice", [answer, *map(writer.constant, cut)]), [JOINTS * 3, 1]
    )
    return writer.finish("window")


def _widths(architecture: Architecture) -> list[int]:
    first, *others = architecture.widths
    return [first, *(width for other in others for width in (other, 1)), 1]


def _kernel(weights: FloatArray, width: int) -> FloatArray:
    """(out, in, width) of the streaming model's (width * in, out)."""
    rows, out = weights.shape
    return np.ascontiguousarray(weights.reshape(width, rows // width, out).transpose(2, 1, 0))
