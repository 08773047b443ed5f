"""Standing at ease tells of camera and body; a fault that is always there is not learnt away."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.practice import FPS, POSES, Poses, Student, events, practise, routine_of
from support.stick_figure import WARRIOR, Limbs, joints_of

from coach_server.body.angles import Angle, joint_angles
from coach_server.coaching.calibration import (
    AT_EASE,
    CAP_DEG,
    NEEDED_S,
    Calibration,
    Calibrator,
    applies,
    bias,
    calibrate,
    is_at_ease,
)

pytestmark = pytest.mark.unit

EASE = joints_of(Limbs())


def stood(joints: np.ndarray, seconds: float) -> Calibrator:
    calibrator = Calibrator()
    for i in range(round(seconds * FPS)):
        calibrator.update(joints, i / FPS, still=True)
    return calibrator


def read_at(**off: float) -> Calibration:
    """Someone of whom angles are read off by so much while they stand at ease."""
    angles = AT_EASE.copy()
    for name, degrees in off.items():
        angles[Angle[name.upper()]] += degrees
    return Calibration(calibrate(EASE[None]).level, angles)


@pytest.mark.parametrize("pitch_deg", [-18.0, -6.0, 0.0, 12.0])
@pytest.mark.parametrize("yaw_deg", [0.0, 40.0])
def test_the_tilt_of_the_camera_is_found_and_taken_away(pitch_deg: float, yaw_deg: float) -> None:
    seen = Student(pitch_deg=pitch_deg, yaw_deg=yaw_deg)
    found = stood(seen.seen(EASE), 2.5).found
    assert found is not None
    leaning = joints_of(Limbs(trunk_forward=20.0))
    angles = joint_angles(found.levelled(seen.seen(leaning)))
    # the figure's knees are a little bent, which tilts its legs by 2.5 degrees
    assert angles[Angle.TRUNK_FORWARD] == pytest.approx(17.5, abs=0.3)
    assert angles[Angle.TRUNK_SIDE] == pytest.approx(0.0, abs=1.0)


def test_it_takes_a_while_of_standing_still() -> None:
    assert stood(EASE, NEEDED_S - 0.4).found is None
    assert stood(EASE, NEEDED_S + 0.6).found is not None
    moving = Calibrator()
    for i in range(120):
        moving.update(EASE, i / FPS, still=False)
    assert moving.found is None


@pytest.mark.parametrize(
    "pose",
    [Limbs(shoulder=(90.0, 90.0)), Limbs(knee=(60.0, 5.0)), Limbs(hip_abduction=(40.0, 40.0))],
)
def test_other_poses_are_not_at_ease(pose: Limbs) -> None:
    assert is_at_ease(joint_angles(EASE))
    assert not is_at_ease(joint_angles(joints_of(pose)))


@given(st.floats(-60, 60))
@settings(max_examples=30, deadline=None)
def test_what_is_learnt_is_capped_and_of_much_nothing_is_learnt(degrees: float) -> None:
    learnt = bias(read_at(neck_side=degrees), None)[Angle.NECK_SIDE]
    assert abs(learnt) <= CAP_DEG
    if abs(degrees) <= CAP_DEG:
        assert learnt == pytest.approx(degrees, abs=1e-3)
    if abs(degrees) >= 2 * CAP_DEG:
        assert learnt == 0


def test_an_instructor_who_stands_the_same_way_leaves_nothing_to_learn() -> None:
    crooked = read_at(neck_side=7.0, left_knee_flexion=5.0)
    assert np.abs(bias(crooked, crooked)).max() == 0
    assert bias(crooked, None)[Angle.NECK_SIDE] == pytest.approx(7.0)


def test_what_hangs_says_nothing_of_how_it_is_raised() -> None:
    broad = read_at(left_shoulder_elevation=8.0, left_hip_abduction=6.0)
    assert np.abs(bias(broad, None)).max() == 0


def test_straight_limbs_tell_of_straight_limbs_alone() -> None:
    bent = AT_EASE.copy()
    bent[Angle.LEFT_KNEE_FLEXION] = 80.0
    assert applies(bent)[Angle.LEFT_KNEE_FLEXION] == 0
    assert applies(bent)[Angle.RIGHT_KNEE_FLEXION] == 1


def leaning(poses: Poses, degrees: float) -> Poses:
    """All of them with the trunk off to the side."""
    return [(limbs.but(trunk_side=degrees), move, hold) for limbs, move, hold in poses]


def test_a_fault_of_every_pose_is_named_though_it_was_there_at_ease() -> None:
    raised = events(practise(leaning(POSES, -24.0)))
    assert {(e.joint, e.direction) for e in raised} >= {("trunk", "lean_left")}


def test_who_does_not_stand_at_ease_is_coached_all_the_same() -> None:
    poses = [(Limbs(shoulder=(60.0, 60.0)), 0.0, 3.0), *POSES[1:3]]
    routine = routine_of(poses)
    wrong = [*poses[:2], (WARRIOR.but(knee=(36.0, 5.0)), *poses[2][1:])]
    heard = practise(wrong, routine=routine)
    assert not any(judgement.calibrated for judgement in heard)
    assert [(e.joint, e.side) for e in events(heard)] == [("knee", "left")]


def test_a_tilted_camera_does_not_make_a_right_student_lean() -> None:
    heard = practise(POSES, Student(pitch_deg=17.0))
    assert events(heard) == []
    assert heard[-1].calibrated
