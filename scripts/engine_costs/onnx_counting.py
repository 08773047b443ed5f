"""What an ONNX model costs in float16, by a walk over its nodes and their inferred shapes.

As in `counting`: what goes value by value, and views, cost nothing of their own.
"""

import math
from collections.abc import Callable, Mapping
from typing import Final

import onnx

from scripts.engine_costs.cost import Cost

Shapes = Mapping[str, tuple[int, ...]]

_HALF: Final = 2
"""Bytes of a value."""


def costs_of_onnx(model: bytes, batch: int) -> list[Cost]:
    """Of each node that moves values, for `batch` at a time; the model's own batch is 1.

    Raises:
        LookupError: a shape cannot be inferred.
    """
    graph = onnx.shape_inference.infer_shapes(onnx.load_model_from_string(model)).graph
    weights = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    shapes = dict(weights)
    for value in (*graph.input, *graph.value_info, *graph.output):
        dimensions = value.type.tensor_type.shape.dim
        shapes[value.name] = tuple(d.dim_value or 1 for d in dimensions)
    costs = []
    for node in graph.node:
        if node.op_type not in _OPERATIONS:
            continue
        moved = sum(
            math.prod(shapes[name]) * (1 if name in weights else batch)
            for name in (*node.input, *node.output)
            if name
        )
        operations = _OPERATIONS[node.op_type](node, shapes)
        costs.append(Cost(operations * batch, moved * _HALF))
    return costs


def _convolution(node: onnx.NodeProto, shapes: Shapes) -> int:
    """Each value of the answer takes a kernel; its channels are those of one group."""
    return 2 * math.prod(shapes[node.output[0]]) * math.prod(shapes[node.input[1]][1:])


def _transposed(node: onnx.NodeProto, shapes: Shapes) -> int:
    """Each value that enters is spread by a kernel."""
    return 2 * math.prod(shapes[node.input[0]]) * math.prod(shapes[node.input[1]][1:])


def _product(node: onnx.NodeProto, shapes: Shapes) -> int:
    entering, answer = shapes[node.input[0]], shapes[node.output[0]]
    return 2 * math.prod(answer) * entering[-1]


def _none(_node: onnx.NodeProto, _shapes: Shapes) -> int:
    """Few enough to be left out: such nodes wait for memory."""
    return 0


_OPERATIONS: Final[Mapping[str, Callable[[onnx.NodeProto, Shapes], int]]] = {
    "Conv": _convolution,
    "ConvTranspose": _transposed,
    "Gemm": _product,
    "MatMul": _product,
    "MaxPool": _none,
    "AveragePool": _none,
    "GlobalAveragePool": _none,
    "ReduceMean": _none,
    "Resize": _none,
    "Pad": _none,
    "Transpose": _none,
    "DepthToSpace": _none,
    "Softmax": _none,
}
