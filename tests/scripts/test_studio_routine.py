from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from coach_server.errors import InputError
from scripts.studio.asana import other_side
from scripts.studio.asanas import ASANAS
from scripts.studio.footwork import place
from scripts.studio.passage import between
from scripts.studio.performance import ease
from scripts.studio.placed import Placed
from scripts.studio.pose_files import read_poses
from scripts.studio.posing import Poser
from scripts.studio.rotations import about, arc, frame, turn_between
from scripts.studio.routine import DEMO, Beat
from scripts.studio.routine_files import ROUTINES, read_routine, routine_names

pytestmark = pytest.mark.unit

FASTEST_M_S = 3.5
STEPS = 16
PART = 'title = "A"\n[[part]]\nbeats = '


def test_demo_is_as_long_as_the_product_promises() -> None:
    spans = DEMO.spans()
    assert 60.0 <= spans[-1].end_s <= 90.0
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


@pytest.mark.parametrize("name", routine_names())
def test_routine_is_three_minutes_of_poses_that_change(name: str) -> None:
    routine = read_routine(ROUTINES / f"{name}.toml")
    assert routine.spans()[-1].end_s >= 180.0
    assert len({beat.pose for beat in routine.beats}) >= 6
    assert all((a.pose, a.facing_deg) != (b.pose, b.facing_deg) for a, b in pairwise(routine.beats))


def test_there_are_eight_routines_that_use_nearly_all_poses() -> None:
    assert len(routine_names()) >= 8
    used = {
        beat.pose
        for name in routine_names()
        for beat in read_routine(ROUTINES / f"{name}.toml").beats
    }
    assert len(used) >= 70


@pytest.mark.parametrize("name", routine_names())
def test_nothing_jumps_between_the_poses_of_a_routine(poser: Poser, name: str) -> None:
    routine = read_routine(ROUTINES / f"{name}.toml")
    before = place(poser, routine.beats[0].asana)
    seen: set[tuple[object, ...]] = set()
    for last, beat in pairwise(routine.beats):
        now = place(poser, beat.asana, before)
        way = (last.pose, last.facing_deg, beat.pose, beat.facing_deg)
        if way not in seen:
            seen.add(way)
            assert fastest(poser, before, now, beat.move_s) < FASTEST_M_S, way
        before = now


def fastest(poser: Poser, start: Placed, end: Placed, move_s: float) -> float:
    """The speed of the quickest joint on the way, m/s."""
    heads = []
    for share in np.linspace(0.0, 1.0, STEPS + 1):
        placed = between(poser, start, end, ease(float(share)))
        heads.append(poser.pose(placed.stance, placed.pelvis).heads)
    steps = np.linalg.norm(np.diff(np.array(heads), axis=0), axis=2)
    return float(steps.max() / (move_s / STEPS))


def test_both_sides_repeats_and_tempo(tmp_path: Path) -> None:
    path = tmp_path / "short.toml"
    path.write_text(
        'title = "Short"\ntempo = 2\n[[part]]\nrepeat = 2\nsides = "both"\n'
        'beats = [{ pose = "tree_left", move = 2, hold = 3, facing = 90 }]\n'
    )
    routine = read_routine(path)
    assert [b.pose for b in routine.beats] == ["tree_left", "tree_right"] * 2
    assert routine.beats[0] == Beat("tree_left", 1.0, 1.5, 90.0)
    assert routine.spans()[-1].end_s == pytest.approx(3 * 1.0 + 4 * 1.5)


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("title = \nx = 1", "not TOML.*line 1", "Mend"),
        ("tempo = 1", "title is missing", "title"),
        ('title = "A"', "no part", "part"),
        ('title = "A"\n[[part]]\nbeats = []', "part 1: there is no beats", "beats"),
        (f"{PART}[{{ pose = 'tre_left' }}]", r"part 1, beat 1: .*'tre_left'", "tree_left"),
        (f"{PART}[{{ pose = 'star', hold = 3 }}]", "beat 1: move is missing", "0.8 to 20"),
        (f"{PART}[{{ pose = 'star', move = 2, hold = 0 }}]", "hold is 0", "0.1"),
        (f"{PART}[{{ pose = 'star', wait = 2 }}]", "'wait' means nothing", "hold"),
        ('title = "A"\n[[part]]\nrepeat = 0\nbeats = [{}]', "repeat is 0", "100"),
        ('title = "A"\n[[part]]\nsides = "left"\nbeats = [{}]', "sides is 'left'", "both"),
    ],
)
def test_a_routine_that_is_wrong_says_where(
    tmp_path: Path, text: str, says: str, hint: str
) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=says) as caught:
        read_routine(path)
    assert "odd.toml" in caught.value.message
    assert hint in caught.value.hint


def test_a_routine_that_is_not_there_says_which_are(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_routine(tmp_path / "none.toml")
    assert "sun_salutation" in caught.value.hint
