"""Angles mean what they say, whichever way the body is turned, scaled or mirrored."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stick_figure import ARMS_OUT, WARRIOR, Limbs, joints_of

from coach_server.body.angles import (
    TOGETHER,
    Angle,
    angles_and_sigma,
    joint_angles,
    wrap_degrees,
)
from coach_server.body.registration import limb_directions, mirrored_joints, turned_towards
from coach_server.body.skeleton import H36M_BONES

pytestmark = pytest.mark.unit

degrees = st.floats(10, 80)
poses = st.builds(
    Limbs,
    elbow=st.tuples(degrees, degrees),
    knee=st.tuples(degrees, degrees),
    hip_flexion=st.tuples(degrees, degrees),
    hip_abduction=st.tuples(degrees, degrees),
    shoulder=st.tuples(st.floats(20, 160), st.floats(20, 160)),
    plane=st.tuples(st.floats(-40, 80), st.floats(-40, 80)),
)


@given(poses)
@settings(max_examples=50, deadline=None)
def test_angles_are_those_the_figure_was_posed_with(limbs: Limbs) -> None:
    angles = joint_angles(joints_of(limbs))
    for side in (0, 1):
        for first, asked in (
            (Angle.LEFT_ELBOW_FLEXION, limbs.elbow),
            (Angle.LEFT_KNEE_FLEXION, limbs.knee),
            (Angle.LEFT_HIP_FLEXION, limbs.hip_flexion),
            (Angle.LEFT_HIP_ABDUCTION, limbs.hip_abduction),
            (Angle.LEFT_SHOULDER_ELEVATION, limbs.shoulder),
            (Angle.LEFT_SHOULDER_PLANE, limbs.plane),
        ):
            assert angles[first + side] == pytest.approx(asked[side], abs=0.05)


@pytest.mark.parametrize(
    ("limbs", "angle", "asked"),
    [
        (Limbs(trunk_side=20), Angle.TRUNK_SIDE, 20),
        (Limbs(trunk_side=-20), Angle.TRUNK_SIDE, -20),
        (Limbs(trunk_forward=30), Angle.TRUNK_FORWARD, 30),
        (Limbs(trunk_forward=-10), Angle.TRUNK_FORWARD, -10),
    ],
)
def test_the_trunk_leans_to_the_left_and_forward_positive(
    limbs: Limbs, angle: Angle, asked: float
) -> None:
    assert joint_angles(joints_of(limbs))[angle] == pytest.approx(asked, abs=0.5)


@given(poses, st.floats(-180, 180), st.floats(0.7, 1.3))
@settings(max_examples=50, deadline=None)
def test_turning_and_scaling_the_body_leaves_its_angles_alone(
    limbs: Limbs, yaw_deg: float, scale: float
) -> None:
    here = joint_angles(joints_of(limbs))
    there = joint_angles(joints_of(limbs, yaw_deg=yaw_deg, scale=scale))
    assert np.abs(wrap_degrees(there - here)).max() < 0.1


@given(poses)
@settings(max_examples=50, deadline=None)
def test_the_mirror_image_has_mirrored_angles(limbs: Limbs) -> None:
    joints = joints_of(limbs.but(trunk_side=12.0))
    angles, image = joint_angles(joints), joint_angles(mirrored_joints(joints))
    for angle in range(Angle.TRUNK_FORWARD):  # left and right are neighbours
        assert abs(wrap_degrees(image[angle] - angles[angle ^ 1])) < 0.1
    for angle, sign in ((Angle.TRUNK_FORWARD, 1), (Angle.TRUNK_SIDE, -1), (Angle.TRUNK_TWIST, -1)):
        assert image[angle] == pytest.approx(sign * angles[angle], abs=0.1)


def test_a_bend_in_depth_is_less_sure_than_one_in_the_picture() -> None:
    sigma = np.broadcast_to(np.array([0.01, 0.01, 0.05], np.float32), (17, 3))
    _, facing = angles_and_sigma(joints_of(ARMS_OUT), sigma)
    _, sideways = angles_and_sigma(joints_of(ARMS_OUT, yaw_deg=90), sigma)
    # the arms reach sideways: how high they are shows from the front, hardly from the side
    assert facing[Angle.LEFT_SHOULDER_ELEVATION] < sideways[Angle.LEFT_SHOULDER_ELEVATION]


def test_many_poses_are_told_as_one_is() -> None:
    joints = np.stack([joints_of(limbs) for limbs in (Limbs(), ARMS_OUT, WARRIOR)])[:, None]
    sigma = np.array([0.01, 0.02, 0.05], np.float32)
    angles, spread = angles_and_sigma(joints, sigma)
    assert angles.shape == spread.shape == (3, 1, 17)
    assert angles == pytest.approx(joint_angles(joints), abs=1e-3)
    for pose, told, unsure in zip(joints[:, 0], angles[:, 0], spread[:, 0], strict=True):
        alone = angles_and_sigma(pose, sigma)
        assert told == pytest.approx(alone[0], abs=1e-3)
        assert unsure == pytest.approx(alone[1], rel=1e-3)


def test_sigma_predicts_the_spread_that_noise_gives() -> None:
    rng = np.random.default_rng(3)
    joints = joints_of(WARRIOR)
    sigma = np.full((17, 3), 0.006, np.float32)
    errors = rng.normal(0, 0.006, (4000, 17, 3)).astype(np.float32)
    for parent, child in H36M_BONES:  # who is off takes the next one along
        errors[:, child] *= np.sqrt(1 - TOGETHER**2)
        errors[:, child] += TOGETHER * errors[:, parent]
    noisy = joints + errors
    spread = wrap_degrees(joint_angles(noisy) - joint_angles(joints)).std(axis=0)
    bent = [Angle.LEFT_KNEE_FLEXION, Angle.LEFT_SHOULDER_ELEVATION, Angle.TRUNK_SIDE]
    _, predicted = angles_and_sigma(joints, sigma)
    assert predicted[bent] == pytest.approx(spread[bent], rel=0.15)


@given(poses, st.floats(-180, 180))
@settings(max_examples=50, deadline=None)
def test_registration_undoes_any_yaw(limbs: Limbs, yaw_deg: float) -> None:
    fixed = limb_directions(joints_of(limbs))
    moving = limb_directions(joints_of(limbs, yaw_deg=yaw_deg))
    assert turned_towards(moving[None], fixed)[0] == pytest.approx(fixed, abs=1e-4)


def test_registration_keeps_a_lean_visible() -> None:
    upright = limb_directions(joints_of(Limbs()))
    leaning = limb_directions(joints_of(Limbs(trunk_side=25)))
    left = turned_towards(leaning[None], upright)[0]
    assert np.abs(left - upright).max() > 0.3
