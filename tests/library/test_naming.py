"""A name is suggested only where it is surely that pose."""

from dataclasses import replace

import numpy as np
import pytest
from support.stick_figure import ARMS_OUT, ARMS_UP, Limbs, joints_of, track_of

from coach_server.body.registration import LIMBS
from coach_server.body.skeleton import JOINTS, H36m
from coach_server.coaching.holds import Hold
from coach_server.coaching.track import Track
from coach_server.library.naming import known_poses, suggested_names

pytestmark = pytest.mark.unit

HOLD = (Hold(0.0, 2.0),)


def held(joints: np.ndarray) -> Track:
    """A track in which somebody keeps still like this."""
    track = track_of([(Limbs(), 0.0, 2.5)])
    return replace(track, joints=np.broadcast_to(joints, track.joints.shape).astype(np.float32))


def body(directions: np.ndarray) -> np.ndarray:
    """(17, 3) joints of somebody whose limbs point so."""
    joints = np.zeros((JOINTS, 3), np.float32)
    joints[H36m.LEFT_HIP, 0], joints[H36m.RIGHT_HIP, 0] = 0.1, -0.1
    for (start, end), direction in zip(LIMBS, directions, strict=True):
        joints[end] = joints[start] + 0.3 * direction
    return joints


def test_each_known_pose_is_named_as_itself_or_not_at_all() -> None:
    known = known_poses()
    said = [suggested_names(held(body(directions)), HOLD)[0] for directions in known.directions]
    assert len(set(known.names)) == len(known.names)
    assert all(name in ("", own) for name, own in zip(said, known.names, strict=True))
    assert said.count("") <= 4  # those which differ by little more than a limb


def test_which_way_somebody_faces_does_not_matter() -> None:
    known = known_poses()
    pose = known.names.index("Tree pose, left foot raised")
    turn = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    turned = held(body(known.directions[pose]) @ turn.T)
    assert suggested_names(turned, HOLD) == ("Tree pose, left foot raised",)


def test_a_pose_that_nobody_knows_has_no_name() -> None:
    odd = Limbs(shoulder=(170.0, 20.0), elbow=(100.0, 5.0), knee=(90.0, 20.0), trunk_side=30.0)
    assert suggested_names(held(joints_of(odd)), HOLD) == ("",)


def test_what_lies_between_two_poses_has_no_name() -> None:
    known = known_poses()
    one, other = (known.names.index(name) for name in ("Mountain pose", "Cactus arms"))
    between = known.directions[one] + known.directions[other]
    between /= np.linalg.norm(between, axis=-1, keepdims=True)
    assert suggested_names(held(body(between)), HOLD) == ("",)


def test_every_hold_has_its_own() -> None:
    track = track_of([(Limbs(), 0.0, 3.0), (ARMS_OUT, 1.0, 3.0), (ARMS_UP, 1.0, 3.0)])
    holds = (Hold(0.0, 3.0), Hold(4.0, 7.0), Hold(8.0, 11.0))
    # arms aside may be a standing twist: a figure without a chest does not say which
    assert suggested_names(track, holds) == ("Mountain pose", "", "Upward salute")


def test_nobody_has_no_name() -> None:
    track = held(np.full((JOINTS, 3), np.nan))
    assert suggested_names(track, ()) == ()
