from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from coach_server.errors import InputError
from scripts.studio.asana import other_side
from scripts.studio.asanas import ASANAS
from scripts.studio.pose_files import read_poses
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


def test_library_is_wide_and_has_both_sides() -> None:
    assert len(ASANAS) >= 48
    groups = {a.group for a in ASANAS.values()}
    for group in ("standing", "balancing", "seated", "kneeling", "prone", "supine", "inverted"):
        assert group in groups
    for key, asana in ASANAS.items():
        other = ASANAS[other_side(key)]
        assert other.english == other_side(asana.english)
        assert other.stance.mirrored().thigh == pytest.approx(asana.stance.thigh)
        assert len(other.planted) == len(asana.planted)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[pose]\nenglish = \nx = 1", "not TOML.*line 2"),
        ('[pose]\nenglish = "A"\nsanskrit = "B"', r"\[pose\].*stands.*rests"),
        ('[pose]\nenglish = "A"\nsanskrit = "B"\nstands_on = "toes"', "stands_on is 'toes'"),
        ('[pose]\nenglish = "A"\nsanskrit = "B"\nrests_on = ["tail"]', "rests on 'tail'"),
        (
            '[pose]\nenglish = "A"\nsanskrit = "B"\nstands_on = "both"\nthigh = [0, 1]',
            "thigh is no direction",
        ),
        ('[pose]\nenglish = "A"\nsanskrit = "B"\nstands_on = "both"\nthihg = []', "thihg"),
        ('[pose]\nsanskrit = "B"\nstands_on = "both"', "english name is missing"),
    ],
)
def test_a_pose_file_that_is_wrong_says_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=says) as caught:
        read_poses(path)
    assert "odd.toml" in caught.value.message
    assert caught.value.hint


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
