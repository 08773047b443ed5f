from itertools import pairwise

import numpy as np
import pytest

from scripts.studio.asanas import ASANAS
from scripts.studio.rotations import about, arc, frame, turn_between
from scripts.studio.routine import DEMO

pytestmark = pytest.mark.unit


def test_demo_is_as_long_as_the_product_promises() -> None:
    spans = DEMO.spans()
    assert 45.0 <= spans[-1].end_s <= 60.0
    assert len({beat.pose for beat in DEMO.beats}) >= 6
    assert DEMO.beats[0].pose == DEMO.beats[-1].pose == "mountain"
    assert all(b.start_s > a.end_s for a, b in pairwise(spans))


def test_chapters_follow_one_another_and_name_the_poses() -> None:
    blocks = DEMO.chapters().strip().split("\n\n")
    assert blocks[0] == "WEBVTT"
    assert blocks[1].splitlines() == [
        "00:00:00.000 --> 00:00:03.000",
        "Mountain pose (Tadasana)",
    ]
    assert len(blocks) == 1 + len(DEMO.beats)
    ends = [block.splitlines()[0].split(" --> ") for block in blocks[1:]]
    assert all(b[0] == a[1] for a, b in pairwise(ends))


def test_names_are_given_in_both_languages() -> None:
    for asana in ASANAS.values():
        assert asana.english
        assert asana.sanskrit


def test_arc_goes_the_short_way_and_keeps_to_its_ends() -> None:
    a, b = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    assert arc(a, b, 0.0) == pytest.approx(a)
    assert arc(a, b, 1.0) == pytest.approx(b)
    assert arc(a, b, 0.5) == pytest.approx(np.array([1.0, 1.0, 0.0]) / np.sqrt(2))


def test_arc_between_opposites_still_turns() -> None:
    middle = arc(np.array([0.0, 1.0, 0.0]), np.array([0.0, -1.0, 0.0]), 0.5)
    assert abs(middle[1]) < 0.1
    assert np.linalg.norm(middle) == pytest.approx(1.0)


def test_frame_is_a_rotation_and_half_a_turn_is_half() -> None:
    upright = frame((0, 1, 0), (0, 0.2, 1))
    assert upright @ upright.T == pytest.approx(np.eye(3))
    assert np.linalg.det(upright) == pytest.approx(1.0)
    turned = about((0, 1, 0), 60.0) @ upright
    assert turn_between(upright, turned, 0.5) == pytest.approx(about((0, 1, 0), 30.0) @ upright)
