"""Sparse tensors to dense ones, on tensors small enough to be written out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach_server.errors import EngineError
from coach_server.inference.tflite.densify import CompressedLevel, DenseLevel, Level, densify

pytestmark = pytest.mark.unit


def compressed(segments: list[int], indices: list[int]) -> CompressedLevel:
    return CompressedLevel(np.array(segments, np.int64), np.array(indices, np.int64))


def test_rows_compressed() -> None:
    levels: list[Level] = [DenseLevel(3), compressed([0, 1, 1, 3], [2, 0, 3])]
    dense = densify(np.array([5, 6, 7]), (3, 4), (0, 1), (), levels)
    np.testing.assert_array_equal(dense, [[0, 0, 5, 0], [0, 0, 0, 0], [6, 0, 0, 7]])


def test_columns_before_rows() -> None:
    levels: list[Level] = [DenseLevel(2), compressed([0, 2, 3], [0, 2, 1])]
    dense = densify(np.array([1, 2, 3]), (3, 2), (1, 0), (), levels)
    np.testing.assert_array_equal(dense, [[1, 0], [0, 3], [2, 0]])


def test_blocks_of_two_by_two() -> None:
    # Block rows are dense, block columns compressed; within a block all four are there.
    levels: list[Level] = [
        DenseLevel(2),
        compressed([0, 1, 2], [1, 0]),
        DenseLevel(2),
        DenseLevel(2),
    ]
    dense = densify(np.arange(1, 9), (4, 4), (0, 1, 2, 3), (0, 1), levels)
    np.testing.assert_array_equal(dense, [[0, 0, 1, 2], [0, 0, 3, 4], [5, 6, 0, 0], [7, 8, 0, 0]])


def test_a_level_without_children_leaves_zeros() -> None:
    levels: list[Level] = [DenseLevel(2), compressed([0, 0, 0], [])]
    assert not densify(np.array([], np.float32), (2, 2), (0, 1), (), levels).any()


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 5), st.integers(1, 4))
def test_what_was_compressed_comes_back(seed: int, rows: int, columns: int, depth: int) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(rows, columns, depth)) * (rng.random((rows, columns, depth)) < 0.4)
    segments, indices, values = [0], [], []
    for fibre in dense.reshape(-1, depth):
        (there,) = np.nonzero(fibre)
        indices += there.tolist()
        values += fibre[there].tolist()
        segments.append(len(indices))
    levels: list[Level] = [DenseLevel(rows), DenseLevel(columns), compressed(segments, indices)]
    again = densify(np.array(values), dense.shape, (0, 1, 2), (), levels)
    np.testing.assert_array_equal(again, dense)


@pytest.mark.parametrize(
    ("values", "order", "levels"),
    [
        ([1], (0,), [DenseLevel(2)]),  # a dimension is missing
        ([1, 2], (0, 1), [DenseLevel(1), DenseLevel(1)]),  # a value too many
        ([1], (0, 1), [DenseLevel(1), compressed([0, 1], [7])]),  # beyond the edge
    ],
)
def test_a_tree_that_does_not_fit(
    values: list[int], order: tuple[int, ...], levels: list[Level]
) -> None:
    with pytest.raises(EngineError):
        densify(np.array(values), (2, 2), order, (), levels)
