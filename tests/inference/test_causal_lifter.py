"""One student's poses from a network of VideoPose3D, however their frames come."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from support.paper_network import evaluate, random_state

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.pose import Pose
from coach_server.body.registration import mirrored_joints
from coach_server.body.skeleton import COCO_MIRROR, H36M_MIRROR
from coach_server.inference.batching.engine import Direct
from coach_server.inference.onnx_runtime import load_model
from coach_server.inference.videopose.causal_lifter import CausalLifter
from coach_server.inference.videopose.encoding import Encoding, encode
from coach_server.inference.videopose.first_guess import first_guess
from coach_server.inference.videopose.folding import folded
from coach_server.inference.videopose.lift_engine import LiftEngine
from coach_server.inference.videopose.streaming_graph import streaming_model
from coach_server.inference.videopose.streams import Streams

pytestmark = pytest.mark.unit

WIDTHS = (3, 3)
STATE = random_state(WIDTHS, 32, Encoding.BOX.features, 102)
NETWORK = folded(STATE, causal=True)
MODEL = load_model(streaming_model(NETWORK, "tiny"), "tiny", "cpu")
SIZE = (640, 480)


@pytest.fixture
def lifter() -> CausalLifter:
    return new()


def new(*, mirrored: bool = False) -> CausalLifter:
    rows = 2 if mirrored else 1
    engine = LiftEngine(Streams(MODEL, NETWORK.architecture, rows), 1)
    return CausalLifter("tiny", "tiny:1", Direct(engine), np.arange(rows), Encoding.BOX)


def moving(t: float) -> Keypoints:
    """Somebody whose joints go straight on, so that what lies between frames is known."""
    rng = np.random.default_rng(8)
    start, speed = rng.uniform(0.3, 0.7, (17, 3)), rng.uniform(-0.1, 0.1, (17, 3))
    depth, speed_z = rng.normal(0, 0.2, 17), rng.normal(0, 0.2, 17)
    return Keypoints(
        (start + speed * t).astype(np.float32),
        (depth + speed_z * t).astype(np.float32),
        None,
        SIZE,
    )


def elsewhere(seed: int) -> Keypoints:
    rng = np.random.default_rng(seed)
    points = rng.uniform(0.1, 0.9, (17, 3)).astype(np.float32)
    return Keypoints(points, np.full(17, np.nan, np.float32), None, SIZE)


def lifted(
    lifter: CausalLifter, times: NDArray[np.float64], see: Callable[[float], Keypoints] = moving
) -> list[Pose]:
    return [lifter.lift(see(t), t) for t in times.tolist()]


def joints(poses: list[Pose]) -> FloatArray:
    return np.stack([pose.joints for pose in poses])


def features(keypoints: Keypoints) -> FloatArray:
    return encode(Encoding.BOX, keypoints.pixels, keypoints.depth, SIZE)


def test_poses_are_those_of_the_paper(lifter: CausalLifter) -> None:
    times = np.arange(30) / 30
    frames = np.stack([features(moving(t)) for t in times])
    expected = evaluate(STATE, frames, WIDTHS, causal=True).reshape(30, 2, 17, 3)
    said = [moving(t) for t in times]
    expected[:, 0] += [first_guess(one.pixels, one.depth, SIZE) for one in said]
    expected[:, 0, 0] = 0
    poses = lifted(lifter, times)
    np.testing.assert_allclose(joints(poses), expected[:, 0], atol=1e-5)
    sigma = np.exp(expected[:, 1])
    sigma[:, 0] = 0
    np.testing.assert_allclose([pose.sigma for pose in poses], sigma, rtol=1e-4)


@pytest.mark.parametrize("fps", [15, 10])
def test_fewer_frames_a_second_see_the_same_motion(lifter: CausalLifter, fps: int) -> None:
    every = 30 // fps
    expected = joints(lifted(lifter, np.arange(60) / 30))[::every]
    lifter.reset()
    np.testing.assert_allclose(
        joints(lifted(lifter, np.arange(60 // every) / fps)), expected, atol=1e-4
    )


def test_more_frames_a_second_see_the_same_motion(lifter: CausalLifter) -> None:
    expected = joints(lifted(lifter, np.arange(30) / 30))
    lifter.reset()
    # frames of 60 a second: each second one falls into the slot that the next one takes over
    times = np.arange(59) / 60 + np.where(np.arange(59) % 2, 0.002, 0)
    np.testing.assert_allclose(joints(lifted(lifter, times))[::2], expected, atol=1e-5)


def test_dropped_frames_are_bridged(lifter: CausalLifter) -> None:
    times = np.delete(np.arange(40) / 30, [7, 8, 9, 20, 31])
    expected = joints(lifted(lifter, np.arange(40) / 30))[np.round(times * 30).astype(int)]
    lifter.reset()
    np.testing.assert_allclose(joints(lifted(lifter, times)), expected, atol=1e-4)


@pytest.mark.parametrize("missing", ["a gap", "a reset"])
def test_nothing_of_the_past_shows_after(lifter: CausalLifter, missing: str) -> None:
    fresh = joints(lifted(lifter, np.arange(20) / 30))
    lifter.reset()
    for i in range(30):
        lifter.lift(elsewhere(i), 100 + i / 30)
    if missing == "a reset":
        lifter.reset()
        after = 100 + 30 / 30
    else:
        after = 102.0
    again = joints(lifted(lifter, after + np.arange(20) / 30, lambda t: moving(t - after)))
    np.testing.assert_allclose(again, fresh, atol=1e-5)


def test_a_picture_of_another_size_begins_anew(lifter: CausalLifter) -> None:
    fresh = lifter.lift(moving(0), 0.0).joints
    lifter.reset()
    turned = elsewhere(1)
    lifter.lift(Keypoints(turned.points, turned.depth, None, (480, 640)), 1.0)
    np.testing.assert_array_equal(lifter.lift(moving(0), 1 + 1 / 30).joints, fresh)


def test_an_answer_depends_on_nothing_later(lifter: CausalLifter) -> None:
    both = joints(lifted(lifter, np.arange(20) / 30))
    lifter.reset()
    first = joints(lifted(lifter, np.arange(10) / 30))
    np.testing.assert_array_equal(both[:10], first)


def test_students_of_one_model_do_not_meet(lifter: CausalLifter) -> None:
    expected = joints(lifted(lifter, np.arange(20) / 30))
    lifter.reset()
    other = new()
    poses = []
    for i in range(20):
        poses.append(lifter.lift(moving(i / 30), i / 30))
        other.lift(elsewhere(i), i / 30)
    np.testing.assert_array_equal(joints(poses), expected)


def test_missing_keypoints_and_depth_give_a_pose_all_the_same(lifter: CausalLifter) -> None:
    for i in range(5):
        seen = moving(i / 15)
        seen.points[i] = np.nan
        seen.depth[:] = np.nan
        pose = lifter.lift(seen, i / 15)
        assert np.isfinite(pose.joints).all()
        assert (pose.sigma[1:] > 0).all()


def test_it_says_who_it_is(lifter: CausalLifter) -> None:
    assert (lifter.name, lifter.fingerprint) == ("tiny", "tiny:1")


def mirrored(keypoints: Keypoints) -> Keypoints:
    """As a mirror shows it."""
    points = keypoints.points[list(COCO_MIRROR)]
    points[:, 0] = 1 - points[:, 0]
    return Keypoints(points, keypoints.depth[list(COCO_MIRROR)], None, keypoints.image_size)


def test_who_is_asked_of_the_mirror_image_too_answers_alike_for_both() -> None:
    one, other, plain, image = (new(mirrored=both) for both in (True, True, False, False))
    for t in (np.arange(12) / 30).tolist():
        said, seen = moving(t), mirrored(moving(t))
        pose, turned = one.lift(said, t), other.lift(seen, t)
        np.testing.assert_allclose(mirrored_joints(turned.joints), pose.joints, atol=1e-5)
        np.testing.assert_allclose(turned.sigma[list(H36M_MIRROR)], pose.sigma, rtol=1e-4)
        as_seen, in_mirror = plain.lift(said, t), image.lift(seen, t)
        mean = (as_seen.joints + mirrored_joints(in_mirror.joints)) / 2
        np.testing.assert_allclose(pose.joints, mean, atol=1e-5)
