"""Writes an ONNX graph node by node."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Attribute: TypeAlias = Any
"""An int, a str or a sequence of ints; make_node's own keywords share the `**`."""

OPSET: Final = 13
"""The lowest opset that has all we write: any onnxruntime of the last years reads it."""
IR_VERSION: Final = 8
BATCH: Final = "batch"
"""Name of the first dimension, which is free, of every input and output."""


class OnnxWriter:
    """An ONNX graph under construction; tensors are known by name."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def add_input(self, name: str, shape: Sequence[int]) -> None:
        """Declare an input; `shape` without the batch dimension."""
        self._inputs.append(_value(name, shape))

    def add_output(self, name: str, source: str, shape: Sequence[int]) -> None:
        """Declare the tensor `source` an output called `name`; `shape` without the batch."""
        self._nodes.append(helper.make_node("Identity", [source], [name], name=name))
        self._outputs.append(_value(name, shape))

    def constant(self, values: NDArray[Any]) -> str:
        """A constant tensor; returns its name."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], **attributes: Attribute) -> str:
        """A node with one output; returns the output's name."""
        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def finish(self, name: str) -> bytes:
        """The checked, serialised model without what no output needs."""
        needed = {output.name for output in self._outputs}
        live: list[onnx.NodeProto] = []
        for node in reversed(self._nodes):
            if needed.intersection(node.output):
                live.append(node)
                needed.update(node.input)
        graph = helper.make_graph(
            live[::-1],
            name,
            self._inputs,
            self._outputs,
            [constant for constant in self._constants if constant.name in needed],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString())


def _value(name: str, shape: Sequence[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [BATCH, *shape])
