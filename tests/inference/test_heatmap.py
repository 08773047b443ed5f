"""Landmarks move to the peak of their heatmap, where there is one within reach."""

import numpy as np
import pytest
from numpy.typing import NDArray

from coach_server.inference.blazepose.heatmap import GRID, refine

pytestmark = pytest.mark.unit


def peak(x: float, y: float) -> NDArray[np.float32]:
    rows, columns = np.mgrid[:GRID, :GRID]
    bowl = 6 - 3 * ((columns - x) ** 2 + (rows - y) ** 2)
    return np.asarray(bowl, np.float32)


def refined(x: float, y: float, logits: NDArray[np.float32]) -> NDArray[np.float32]:
    points = np.array([[x, y]], np.float32)
    refine(points, logits[:, :, None], np.array([0]))
    return np.asarray(points[0])


@pytest.mark.parametrize("at", [(20.0, 30.0), (20.5, 30.25), (2.0, 61.0)])
def test_a_landmark_moves_to_its_peak(at: tuple[float, float]) -> None:
    np.testing.assert_allclose(refined(at[0] + 1.2, at[1] - 1.4, peak(*at)), at, atol=0.15)


def test_a_peak_out_of_reach_changes_nothing() -> None:
    np.testing.assert_array_equal(refined(40, 40, peak(20, 20)), (40, 40))


def test_a_flat_map_changes_nothing() -> None:
    flat = np.full((GRID, GRID), -4, np.float32)
    np.testing.assert_array_equal(refined(10.3, 12.7, flat), np.array([10.3, 12.7], np.float32))


@pytest.mark.parametrize("at", [(-3.0, 5.0), (64.0, 5.0), (5.0, 1000.0)])
def test_a_landmark_outside_stays(at: tuple[float, float]) -> None:
    np.testing.assert_array_equal(refined(*at, peak(5, 5)), at)


def test_at_the_edge_only_the_cells_there_are_count() -> None:
    # Half of the peak lies beyond the edge; were its far side wrapped around, this would be 60.
    moved = refined(0.9, 0.9, peak(0, 0))
    assert ((moved > 0) & (moved < 0.5)).all()


def test_each_point_reads_its_own_map() -> None:
    logits = np.stack([peak(10, 10), peak(30, 30), peak(50, 50)], axis=2)
    points = np.array([[51, 49], [11, 9]], np.float32)
    refine(points, logits, np.array([2, 0]))
    np.testing.assert_allclose(points, [[50, 50], [10, 10]], atol=0.05)
