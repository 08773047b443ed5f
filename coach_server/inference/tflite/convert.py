"""TensorFlow Lite to ONNX, keeping the outputs that are wanted under names that say what they are.

Deterministic: the same model gives the same bytes with the same version of the onnx package.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import onnx

from coach_server.errors import EngineError
from coach_server.inference.onnx_writer import OnnxWriter
from coach_server.inference.tflite.operators import CONVERTERS, Conversion
from coach_server.inference.tflite.schema import Graph, read_graph

CONVERTER_VERSION: Final = 1
"""Raised whenever the same model is converted differently: cached engines are made anew."""


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output that is kept.

    Attributes:
        name: its name in the ONNX model.
        shape: as the source has it, batch of 1 first, channels last.
    """

    name: str
    shape: tuple[int, ...]


def convert(
    model: bytes, name: str, inputs: Mapping[str, Port], outputs: Mapping[str, Port]
) -> bytes:
    """The ONNX model of a `.tflite` file; float32 throughout, any batch size.

    Args:
        model: the file's bytes.
        name: name of the ONNX graph.
        inputs: what becomes of each input, by its name in the file; all must be named.
        outputs: what becomes of the outputs that are kept, by their names in the file.

    Raises:
        EngineError: the file is damaged, is another model than described, or uses an operator
            that cannot be converted.
    """
    graph = read_graph(model)
    writer = OnnxWriter()
    conversion = Conversion(graph, writer)
    for tensor, port in _ports(graph, graph.inputs, inputs):
        writer.add_input(port.name, port.shape[1:])
        conversion.emit(tensor, writer.node("Transpose", [port.name], perm=(0, 3, 1, 2)))
    for operator in graph.operators:
        if operator.kind not in CONVERTERS:
            raise EngineError(f"the model uses {operator.kind}, which cannot be converted")
        CONVERTERS[operator.kind](conversion, operator)
    for tensor, port in _ports(graph, graph.outputs, outputs):
        writer.add_output(port.name, conversion.channels_last(tensor), port.shape[1:])
    try:
        return writer.finish(name)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise EngineError(f"the model {name} cannot be expressed in ONNX: {error}") from error


def _ports(
    graph: Graph, tensors: tuple[int, ...], wanted: Mapping[str, Port]
) -> list[tuple[int, Port]]:
    """Tensor number and port of everything wanted, in the order of `wanted`."""
    by_name = {graph.tensors[tensor].name: tensor for tensor in tensors}
    found = []
    for source_name, port in wanted.items():
        tensor = by_name.get(source_name)
        if tensor is None or graph.tensors[tensor].shape != port.shape:
            raise EngineError(
                f"the model has no {source_name} of shape {list(port.shape)} as its recipe says"
            )
        found.append((tensor, port))
    return found
