"""What must not matter to a decision: which side is which, size, where the camera is, the clock."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.practice import (
    FPS,
    POSES,
    ROUTINE,
    SIGMA_M,
    Poses,
    Student,
    events,
    practise,
    with_fault,
)
from support.stick_figure import ARMS_OUT, ARMS_UP, WARRIOR, keypoints_of, track_of

from coach_server.body.pose import Pose
from coach_server.body.registration import mirrored_joints
from coach_server.coaching.choices import Choices, Tempo
from coach_server.coaching.coach import Coach
from coach_server.coaching.cue import CueEvent, Side
from coach_server.coaching.routine import Mirror, Routine

pytestmark = pytest.mark.unit

SIGMA = np.full((17, 3), SIGMA_M, np.float32)
FAULTS: list[Poses] = [
    with_fault(1, ARMS_OUT.but(shoulder=(62.0, 90.0))),
    with_fault(1, ARMS_OUT.but(trunk_side=-24.0)),
    with_fault(2, WARRIOR.but(knee=(36.0, 5.0))),
    with_fault(3, ARMS_UP.but(elbow=(5.0, 50.0))),
]
IMAGE = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
TURNED = {"lean_left": "lean_right", "lean_right": "lean_left"}

Decision = tuple[str, str, str, str]


def decisions(cues: list[CueEvent]) -> list[Decision]:
    return [(c.joint.value, c.side.value, c.direction.value, c.state.value) for c in cues]


def mirrored(cues: list[Decision]) -> list[Decision]:
    return [
        (joint, IMAGE.get(Side(side), Side(side)).value, TURNED.get(direction, direction), state)
        for joint, side, direction, state in cues
    ]


@cache
def expected(number: int) -> list[Decision]:
    """What the usual student hears of a fault."""
    return decisions(events(practise(FAULTS[number])))


def test_there_is_something_to_decide() -> None:
    heard = [expected(number) for number in range(len(FAULTS))]
    assert all(len(cues) == 1 for cues in heard)
    assert len({cue for cues in heard for cue in cues}) == len(FAULTS)


fault = st.sampled_from(range(len(FAULTS)))


@given(fault)
@settings(max_examples=4, deadline=None)
def test_the_mirror_image_of_all_is_told_the_mirror_image(number: int) -> None:
    track = replace(ROUTINE.track, joints=mirrored_joints(ROUTINE.track.joints))
    image = Routine(track, ROUTINE.holds)
    heard = practise(FAULTS[number], Student(mirrored=True), routine=image)
    assert decisions(events(heard)) == mirrored(expected(number))


@given(fault)
@settings(max_examples=4, deadline=None)
def test_who_follows_as_in_a_mirror_is_told_of_the_other_side(number: int) -> None:
    choices = Choices(mirror=Mirror.MIRRORED)
    heard = practise(FAULTS[number], Student(mirrored=True), choices=choices)
    assert decisions(events(heard)) == mirrored(expected(number))


@given(fault, st.floats(0.7, 1.4))
@settings(max_examples=4, deadline=None)
def test_size_does_not_matter(number: int, scale: float) -> None:
    heard = practise(FAULTS[number], Student(scale=scale))
    assert decisions(events(heard)) == expected(number)


@given(fault, st.floats(-180, 180), st.floats(-180, 180))
@settings(max_examples=5, deadline=None)
def test_where_the_cameras_stand_does_not_matter(number: int, ours: float, theirs: float) -> None:
    seen = Student(yaw_deg=theirs)
    joints = np.stack([seen.seen(row) for row in ROUTINE.track.joints])
    routine = Routine(replace(ROUTINE.track, joints=joints), ROUTINE.holds)
    heard = practise(FAULTS[number], Student(yaw_deg=ours), routine=routine)
    assert decisions(events(heard)) == expected(number)


@given(fault, st.floats(0.0, 100.0))
@settings(max_examples=4, deadline=None)
def test_when_it_began_does_not_matter(number: int, later_s: float) -> None:
    """All of it put off, and the first frame's time with it."""
    coach = Coach(ROUTINE)
    joints = track_of(list(FAULTS[number]), fps=FPS).joints
    lag = 21  # frames
    heard: list[CueEvent] = []
    for i in range(len(joints)):
        row, t = joints[max(i - lag, 0)], later_s + i / FPS
        playing = i / FPS < ROUTINE.duration_s
        said = coach.judge(keypoints_of(row), Pose(row, SIGMA), t, i / FPS, runs=playing)
        heard.extend(said.cues)
    assert decisions(heard) == expected(number)


@given(fault, st.floats(0.3, 2.4))
@settings(max_examples=5, deadline=None)
def test_the_lag_does_not_matter(number: int, lag_s: float) -> None:
    heard = practise(FAULTS[number], Student(lag_s=lag_s))
    assert decisions(events(heard)) == expected(number)


@pytest.mark.parametrize("number", range(len(FAULTS)))
def test_who_keeps_their_own_time_is_told_the_same(number: int) -> None:
    choices = Choices(tempo=Tempo.FREE)
    heard = practise(FAULTS[number], choices=choices)
    assert decisions(events(heard)) == expected(number)


@pytest.mark.parametrize("fps", [15.0, 20.0, 25.0])
def test_the_frame_rate_does_not_matter(fps: float) -> None:
    for number, poses in enumerate(FAULTS):
        assert decisions(events(practise(poses, Student(fps=fps)))) == expected(number)


def test_a_right_student_hears_nothing_however_they_are_seen() -> None:
    for student in (Student(yaw_deg=150), Student(scale=0.7), Student(pitch_deg=8), Student(2.4)):
        assert events(practise(POSES, student)) == []
