"""On which side a student follows is told by what they do."""

import pytest
from support.practice import FPS, POSES, Student, events, practise, with_fault
from support.stick_figure import WARRIOR

from coach_server.coaching.choices import Choices
from coach_server.coaching.routine import Mirror

pytestmark = pytest.mark.unit

AUTO = Choices(mirror=Mirror.AUTO)


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_side_is_found_in_the_first_pose_that_has_one(mirrored: bool) -> None:
    heard = practise(POSES, Student(mirrored=mirrored), choices=AUTO)
    before = heard[: round(9 * FPS)]  # standing and arms out are the same on both sides
    assert not any(judgement.mirrored for judgement in before)
    assert all(judgement.mirrored is mirrored for judgement in heard[round(14 * FPS) :])
    assert events(heard) == []


def test_a_fault_is_named_on_the_students_own_side() -> None:
    poses = with_fault(2, WARRIOR.but(knee=(36.0, 5.0)))
    for mirrored, side in ((False, "left"), (True, "right")):
        (cue,) = events(practise(poses, Student(mirrored=mirrored), choices=AUTO))
        assert (cue.joint, cue.side, cue.direction) == ("knee", side, "bend")
