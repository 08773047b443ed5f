"""Keypoints as a network takes them in: what moves which number, and what is missing."""

import numpy as np
import pytest

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import Coco
from coach_server.inference.videopose.encoding import FOCAL, Encoding, encode

pytestmark = pytest.mark.unit

SIZE = (640, 480)
OURS = [Encoding.BOX, Encoding.HIP]


def body(seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """(17, 3) points somewhere in a picture of `SIZE`, and (17,) depths."""
    rng = np.random.default_rng(seed)
    places = rng.uniform((200, 100), (420, 400), (17, 2))
    points = np.concatenate([places, rng.uniform(0.3, 1, (17, 1))], axis=1)
    return points.astype(np.float32), rng.normal(0, 0.2, 17).astype(np.float32)


def parts(features: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(17, 5) of the joints, and (3,) of the whole body."""
    return features[:-3].reshape(17, 5), features[-3:]


@pytest.mark.parametrize("encoding", Encoding)
def test_as_many_numbers_as_it_says(encoding: Encoding) -> None:
    points, depth = body()
    assert encode(encoding, points, depth, SIZE).shape == (encoding.features,)
    assert {e: e.features for e in Encoding} == {"box": 88, "hip": 88, "picture": 34}


@pytest.mark.parametrize("encoding", Encoding)
def test_frames_together_are_frames_one_by_one(encoding: Encoding) -> None:
    bodies = [body(seed) for seed in range(6)]
    points, depth = (np.stack(arrays) for arrays in zip(*bodies, strict=True))
    together = encode(encoding, points.reshape(2, 3, 17, 3), depth.reshape(2, 3, 17), SIZE)
    alone = [encode(encoding, *one, SIZE) for one in bodies]
    np.testing.assert_array_equal(together.reshape(6, -1), alone)


def test_the_box_spans_from_minus_one_to_one() -> None:
    joints, whole = parts(encode(Encoding.BOX, *body(), SIZE))
    places = body()[0][:, :2]
    longer = int(np.ptp(places, axis=0).argmax())
    assert (joints[:, longer].min(), joints[:, longer].max()) == pytest.approx((-1, 1), abs=1e-5)
    middle = (places.min(axis=0) + places.max(axis=0)) / 2
    np.testing.assert_allclose(whole[:2], (middle - (320, 240)) / (640 * FOCAL), atol=1e-6)
    assert whole[2] == pytest.approx(np.log(np.ptp(places, axis=0).max() / (640 * FOCAL)))


def test_the_hips_are_the_origin() -> None:
    joints, _ = parts(encode(Encoding.HIP, *body(), SIZE))
    hips = joints[[Coco.LEFT_HIP, Coco.RIGHT_HIP], :2].mean(axis=0)
    np.testing.assert_allclose(hips, 0, atol=1e-6)


@pytest.mark.parametrize("encoding", OURS)
def test_moving_in_the_picture_turns_the_ray_alone(encoding: Encoding) -> None:
    points, depth = body()
    moved = points + np.array([40, -25, 0], np.float32)
    joints, whole = parts(encode(encoding, points, depth, SIZE))
    joints_moved, whole_moved = parts(encode(encoding, moved, depth, SIZE))
    np.testing.assert_allclose(joints_moved, joints, atol=1e-5)
    turned = np.array([40, -25, 0]) / (640 * FOCAL)
    np.testing.assert_allclose(whole_moved - whole, turned, atol=1e-6)


@pytest.mark.parametrize("encoding", OURS)
def test_coming_nearer_changes_the_size_alone(encoding: Encoding) -> None:
    points, depth = body()
    joints, whole = parts(encode(encoding, points, depth, SIZE))
    nearer = points.copy()
    reference = whole[:2] * (640 * FOCAL) + (320, 240)
    nearer[:, :2] = reference + 1.5 * (points[:, :2] - reference)
    joints_nearer, whole_nearer = parts(encode(encoding, nearer, depth, SIZE))
    np.testing.assert_allclose(joints_nearer, joints, atol=1e-4)
    np.testing.assert_allclose(whole_nearer - whole, (0, 0, np.log(1.5)), atol=1e-4)


@pytest.mark.parametrize("encoding", Encoding)
def test_a_picture_of_twice_the_size_is_the_same(encoding: Encoding) -> None:
    points, depth = body()
    twice = points * np.array([2, 2, 1], np.float32)
    np.testing.assert_allclose(
        encode(encoding, twice, depth, (1280, 960)),
        encode(encoding, points, depth, SIZE),
        atol=1e-5,
    )


@pytest.mark.parametrize("encoding", OURS)
def test_a_missing_depth_is_said(encoding: Encoding) -> None:
    points, depth = body()
    depth[Coco.LEFT_KNEE] = np.nan
    joints, _ = parts(encode(encoding, points, depth, SIZE))
    assert joints[Coco.LEFT_KNEE, 3:].tolist() == [0, 0]
    assert joints[Coco.RIGHT_KNEE, 3:].tolist() == pytest.approx([depth[Coco.RIGHT_KNEE] / 0.5, 1])
    without, _ = parts(encode(encoding, points, np.full(17, np.nan, np.float32), SIZE))
    assert not without[:, 3:].any()
    np.testing.assert_array_equal(without[:, :3], joints[:, :3])


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("column", [0, 1, 2])
def test_a_joint_that_is_nowhere_leaves_the_others_alone(
    encoding: Encoding, bad: float, column: int
) -> None:
    points, depth = body()
    points[Coco.RIGHT_WRIST, :2] = points[[Coco.LEFT_HIP, Coco.RIGHT_HIP], :2].mean(axis=0)
    expected = encode(encoding, points, depth, SIZE)
    points[Coco.RIGHT_WRIST, column] = bad
    features = encode(encoding, points, depth, SIZE)
    assert np.isfinite(features).all()
    if encoding is Encoding.PICTURE:
        assert not features.reshape(17, 2)[Coco.RIGHT_WRIST].any()
        return
    joints, whole = parts(features)
    assert not joints[Coco.RIGHT_WRIST].any()
    others = np.arange(17) != Coco.RIGHT_WRIST
    np.testing.assert_allclose(joints[others], parts(expected)[0][others], atol=1e-6)
    np.testing.assert_allclose(whole, parts(expected)[1], atol=1e-6)


@pytest.mark.parametrize("encoding", Encoding)
def test_nothing_at_all_is_still_finite(encoding: Encoding) -> None:
    nothing = np.full((17, 3), np.nan, np.float32)
    assert np.isfinite(encode(encoding, nothing, nothing[:, 0], SIZE)).all()


@pytest.mark.parametrize("encoding", OURS)
def test_a_body_of_one_point_is_not_blown_up(encoding: Encoding) -> None:
    points = np.full((17, 3), 100, np.float32)
    points[0, :2] += 0.5
    assert np.abs(encode(encoding, points, np.zeros(17, np.float32), SIZE)[:2]).max() < 0.1


def test_the_authors_normalisation() -> None:
    points, depth = body()
    features = encode(Encoding.PICTURE, points, depth, SIZE).reshape(17, 2)
    np.testing.assert_allclose(features[:, 0], 2 * points[:, 0] / 640 - 1, atol=1e-6)
    np.testing.assert_allclose(features[:, 1], 2 * points[:, 1] / 640 - 480 / 640, atol=1e-6)
