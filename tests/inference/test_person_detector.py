"""Overlapping boxes of the person detector become people."""

import numpy as np
import pytest
from numpy.typing import NDArray

from coach_server.inference.blazepose.person_detector import ANCHORS, _anchors, _merge

pytestmark = pytest.mark.unit


def box(x: float, y: float, size: float) -> NDArray[np.float32]:
    return np.array([(x, y), (size, size), *[(x, y)] * 4], np.float32)


def test_anchors_cover_the_three_grids() -> None:
    anchors = _anchors()
    assert anchors.shape == (ANCHORS, 2) == (2254, 2)
    np.testing.assert_array_equal(anchors[0], anchors[1])  # two a cell
    np.testing.assert_array_equal(anchors[0], (4, 4))
    np.testing.assert_array_equal(anchors[2], (12, 4))  # along the row first
    np.testing.assert_array_equal(anchors[-1], (208, 208))


def test_overlapping_boxes_are_averaged_by_score() -> None:
    scores = np.array([0.9, 0.3], np.float32)
    ((score, points),) = _merge(scores, np.stack([box(100, 100, 60), box(108, 100, 60)]))
    assert score == pytest.approx(0.9)
    np.testing.assert_allclose(points[0], (102, 100))


def test_people_apart_stay_apart_the_surest_first() -> None:
    scores = np.array([0.9, 0.8, 0.4], np.float32)
    people = _merge(scores, np.stack([box(40, 100, 50), box(180, 100, 50), box(182, 100, 50)]))
    assert [score for score, _ in people] == pytest.approx([0.9, 0.8])


def test_a_box_without_area_is_a_person_once() -> None:
    assert len(_merge(np.array([0.5], np.float32), np.stack([box(9, 9, 0)]))) == 1
