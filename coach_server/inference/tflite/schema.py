"""Reads a TensorFlow Lite flatbuffer into plain tensors and operators."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import tflite
from numpy.typing import NDArray

from coach_server.errors import EngineError
from coach_server.inference.tflite.densify import CompressedLevel, DenseLevel, Level, densify

Table: TypeAlias = Any
"""A table of the flatbuffer; the tflite package has no types."""

_DTYPES: Final[Mapping[int, type[np.generic]]] = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
}
_KINDS: Final[Mapping[int, str]] = {
    value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)
}
_INDEX_VECTORS: Final = {
    tflite.SparseIndexVector.Int32Vector: tflite.Int32Vector,
    tflite.SparseIndexVector.Uint16Vector: tflite.Uint16Vector,
    tflite.SparseIndexVector.Uint8Vector: tflite.Uint8Vector,
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the graph.

    Attributes:
        name: as the model names it.
        shape: batch first, channels last.
        data: the values of a constant, dense, in the model's own precision; None otherwise.
    """

    name: str
    shape: tuple[int, ...]
    data: NDArray[Any] | None


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator of the graph: its kind (`CONV_2D`), tensor numbers, and options table."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    table: Table

    def options(self, kind: type[Table]) -> Table:
        """The operator's options, read as the flatbuffer table `kind`."""
        options = kind()
        options.Init(self.table.Bytes, self.table.Pos)
        return options


@dataclass(frozen=True, slots=True)
class Graph:
    """The one subgraph of a model; operators in an order that can be run."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_graph(model: bytes) -> Graph:
    """The graph of a `.tflite` file.

    Raises:
        EngineError: the bytes are no such model, or hold a kind of tensor that is not known.
    """
    if len(model) < 8 or not tflite.Model.ModelBufferHasIdentifier(model, 0):
        raise EngineError("the model's file is not a TensorFlow Lite model")
    try:
        root = tflite.Model.GetRootAsModel(model, 0)
        graph = root.Subgraphs(0)
        return Graph(
            tuple(_tensor(root, graph.Tensors(i)) for i in range(graph.TensorsLength())),
            tuple(_operator(root, graph.Operators(i)) for i in range(graph.OperatorsLength())),
            tuple(graph.Inputs(i) for i in range(graph.InputsLength())),
            tuple(graph.Outputs(i) for i in range(graph.OutputsLength())),
        )
    except (struct.error, IndexError, ValueError, AttributeError, TypeError) as error:
        # A flatbuffer is read by following offsets: a cut one fails wherever an offset leads.
        raise EngineError("the model's file is damaged") from error


def _tensor(root: Table, table: Table) -> Tensor:
    shape = tuple(int(n) for n in table.ShapeAsNumpy()) if table.ShapeLength() else ()
    name = table.Name().decode()
    buffer = root.Buffers(table.Buffer())
    if buffer.DataLength() == 0:
        return Tensor(name, shape, None)
    if table.Type() not in _DTYPES:
        raise EngineError(f"the model's constant {name} has a type that cannot be converted")
    values = np.frombuffer(buffer.DataAsNumpy().tobytes(), _DTYPES[table.Type()])
    if (sparsity := table.Sparsity()) is not None:
        return Tensor(name, shape, _dense(values, shape, sparsity))
    return Tensor(name, shape, values.reshape(shape))


def _dense(values: NDArray[Any], shape: tuple[int, ...], sparsity: Table) -> NDArray[Any]:
    order = [sparsity.TraversalOrder(i) for i in range(sparsity.TraversalOrderLength())]
    block_map = [sparsity.BlockMap(i) for i in range(sparsity.BlockMapLength())]
    levels = [_level(sparsity.DimMetadata(i)) for i in range(sparsity.DimMetadataLength())]
    return densify(values, shape, order, block_map, levels)


def _level(metadata: Table) -> Level:
    if metadata.Format() == tflite.DimensionType.DENSE:
        return DenseLevel(metadata.DenseSize())
    return CompressedLevel(
        _indices(metadata.ArraySegmentsType(), metadata.ArraySegments()),
        _indices(metadata.ArrayIndicesType(), metadata.ArrayIndices()),
    )


def _indices(kind: int, table: Table) -> NDArray[np.int64]:
    vector = _INDEX_VECTORS[kind]()
    vector.Init(table.Bytes, table.Pos)
    return np.asarray(vector.ValuesAsNumpy(), np.int64)


def _operator(root: Table, table: Table) -> Operator:
    number = root.OperatorCodes(table.OpcodeIndex()).BuiltinCode()
    return Operator(
        _KINDS.get(number, f"operator {number}"),
        tuple(table.Inputs(i) for i in range(table.InputsLength())),
        tuple(table.Outputs(i) for i in range(table.OutputsLength())),
        table.BuiltinOptions(),
    )
