"""The network in a model of `streaming_graph`, read back: its weights are stored nowhere else."""

import numpy as np
import onnx
from onnx import numpy_helper

from coach_server.errors import EngineError
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.folding import Convolution, Network


def stored_network(model: bytes, architecture: Architecture) -> Network:
    """The network that `streaming_model` wrote into `model`.

    Args:
        model: the ONNX model, whose sha256 has been checked.
        architecture: of the network; a causal one.

    Raises:
        EngineError: the model holds another network.
    """
    if not architecture.causal:
        raise EngineError(
            "a network that looks ahead cannot be compiled for a GPU",
            hint="choose the lifter videopose3d, or the device cpu",
        )
    graph = onnx.load_model_from_string(model).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    products = [node for node in graph.node if node.op_type == "Gemm"]
    widths = [width for first in architecture.widths[1:] for width in (first, 1)]
    widths = [architecture.widths[0], *widths, 1]
    if len(products) != len(widths):
        raise EngineError("the lifter's model holds another network than its recipe says")
    layers = []
    for product, width in zip(products, widths, strict=True):
        weights, bias = (constants[name] for name in product.input[1:])
        kernel = weights.reshape(width, -1, len(bias)).transpose(2, 1, 0)
        layers.append(Convolution(np.ascontiguousarray(kernel), bias))
    expand, *blocks, shrink = layers
    return Network(architecture, expand, tuple(zip(blocks[::2], blocks[1::2], strict=True)), shrink)
