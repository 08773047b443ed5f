"""Sparse TensorFlow Lite tensors to dense ones.

A sparse tensor is a tree walked in `order`: one level for each dimension of the tensor, then one
for each block dimension. A dense level holds all of its coordinates; a compressed level (CSR) lists
those that are there. The values lie at the leaves, in the order of the walk. Format: the
`SparsityParameters` table of TensorFlow Lite's schema.fbs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from coach_server.errors import EngineError

Indices: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DenseLevel:
    """A level in which every coordinate 0..size-1 is there."""

    size: int


@dataclass(frozen=True, slots=True)
class CompressedLevel:
    """A level in which only some coordinates are there.

    Attributes:
        segments: (parents + 1,) the children of parent p are `indices[segments[p]:segments[p+1]]`.
        indices: (children,) the coordinate of each child.
    """

    segments: Indices
    indices: Indices


Level: TypeAlias = DenseLevel | CompressedLevel


def densify(
    values: NDArray[Any],
    shape: Sequence[int],
    order: Sequence[int],
    block_map: Sequence[int],
    levels: Sequence[Level],
) -> NDArray[Any]:
    """The dense tensor of `shape`, zero where the sparse one has no value.

    Args:
        values: (leaves,) in the order of the walk.
        shape: of the dense tensor, n dimensions.
        order: which dimension each level walks: 0..n-1 the tensor's own, n + b block dimension b.
        block_map: the tensor's dimension that block dimension b subdivides.
        levels: one for each entry of `order`.

    Raises:
        EngineError: the tree does not fit the shape or the number of values.
    """
    rank = len(shape)
    if len(order) != len(levels) or len(order) != rank + len(block_map):
        raise EngineError("a sparse tensor of the model has a malformed traversal order")
    block = _block_sizes(rank, block_map, levels, order)
    coordinates = np.zeros((1, rank), np.int64)
    position = np.zeros(1, np.int64)
    for dimension, level in zip(order, levels, strict=True):
        parent, along, position = _descend(level, position)
        coordinates = coordinates[parent]
        if dimension < rank:
            coordinates[:, dimension] += along * block[dimension]
        else:
            coordinates[:, block_map[dimension - rank]] += along
    if len(position) != len(values) or (coordinates >= np.asarray(shape)).any():
        raise EngineError("a sparse tensor of the model does not fit its shape")
    dense = np.zeros(shape, values.dtype)
    dense[tuple(coordinates.T)] = values[position]
    return dense


def _block_sizes(
    rank: int, block_map: Sequence[int], levels: Sequence[Level], order: Sequence[int]
) -> list[int]:
    """How many elements one step along each dimension of the tensor spans."""
    sizes = [1] * rank
    for dimension, level in zip(order, levels, strict=True):
        if dimension >= rank:
            if not isinstance(level, DenseLevel):
                raise EngineError("a sparse tensor of the model has a compressed block dimension")
            sizes[block_map[dimension - rank]] = level.size
    return sizes


def _descend(level: Level, position: Indices) -> tuple[Indices, Indices, Indices]:
    """One level down from the nodes at `position`.

    Returns:
        For each child: the row of its parent in `position`, its coordinate along the level, and
        its own position in the next level.
    """
    rows = np.arange(len(position))
    if isinstance(level, DenseLevel):
        along = np.tile(np.arange(level.size), len(position))
        parent = np.repeat(rows, level.size)
        return parent, along, position[parent] * level.size + along
    first, last = level.segments[position], level.segments[position + 1]
    count = last - first
    parent = np.repeat(rows, count)
    before = np.repeat(np.cumsum(count) - count, count)
    child = np.arange(len(parent)) - before + first[parent]
    return parent, level.indices[child], child
