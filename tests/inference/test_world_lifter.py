"""The detector's own 3D, as H36M-17."""

import numpy as np
import pytest

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.skeleton import COCO_MIRROR, H36M_MIRROR, Coco, H36m
from coach_server.errors import EngineError
from coach_server.inference.world_lifter import WorldLifter

pytestmark = pytest.mark.unit

STANDING: FloatArray = np.array(
    [
        (0, -0.65, -0.10),  # nose
        (0.03, -0.69, -0.08),
        (-0.03, -0.69, -0.08),
        (0.07, -0.67, 0),  # ears
        (-0.07, -0.67, 0),
        (0.17, -0.45, 0),  # shoulders
        (-0.17, -0.45, 0),
        (0.22, -0.2, 0.02),
        (-0.22, -0.2, 0.02),
        (0.24, 0.02, 0),
        (-0.24, 0.02, 0),
        (0.1, 0, 0),  # hips
        (-0.1, 0, 0),
        (0.1, 0.4, 0),
        (-0.1, 0.4, 0),
        (0.1, 0.8, 0.05),
        (-0.1, 0.8, 0.05),
    ],
    np.float32,
)
"""COCO-17 of a person who faces the camera, metres."""


BELIEVED = np.array([1, 1, 0.5], np.float32)
"""Depth counts by half."""


def lift(
    world: FloatArray | None, seen: FloatArray = STANDING, size: tuple[int, int] = (640, 480)
) -> FloatArray:
    """Lift what a camera three metres away sees of `seen`, with `world` beside it."""
    points = np.zeros((17, 3), np.float32)
    focal = 0.87 * max(size)
    body = seen * BELIEVED
    pixels = body[:, :2] * (focal / (3.0 + body[:, 2:]))
    points[:, :2] = pixels / np.array(size) + 0.5
    keypoints = Keypoints(points, np.zeros(17, np.float32), world, size)
    return WorldLifter("blazepose-world", "x").lift(keypoints, 0.0).joints


@pytest.mark.parametrize("size", [(640, 480), (720, 1280)])
def test_limbs_keep_their_places_and_sides(size: tuple[int, int]) -> None:
    joints = lift(STANDING, size=size)
    for joint in ("LEFT_SHOULDER", "RIGHT_WRIST", "LEFT_KNEE", "RIGHT_ANKLE", "RIGHT_HIP"):
        expected = STANDING[Coco[joint]] * BELIEVED
        np.testing.assert_allclose(joints[H36m[joint]], expected, atol=0.01)
    ears = STANDING[[Coco.LEFT_EAR, Coco.RIGHT_EAR]].mean(axis=0) * BELIEVED
    np.testing.assert_allclose(joints[H36m.NECK], ears + np.array([0, 0.03, 0]), atol=0.01)


def test_the_picture_decides_what_it_shows() -> None:
    drawn_in = STANDING.copy()
    drawn_in[[Coco.LEFT_WRIST, Coco.RIGHT_WRIST], 0] *= 0.5  # the estimate in space is off
    joints = lift(drawn_in, seen=STANDING)
    assert joints[H36m.LEFT_WRIST, 0] == pytest.approx(0.24, abs=0.01)


def test_a_picture_that_contradicts_the_estimate_is_left_aside() -> None:
    joints = lift(STANDING, seen=STANDING * np.array([-1, -1, 1], np.float32))
    np.testing.assert_allclose(joints[H36m.LEFT_KNEE], STANDING[Coco.LEFT_KNEE] * BELIEVED)


def test_the_trunk_stands_on_the_pelvis() -> None:
    joints = lift(STANDING)
    np.testing.assert_array_equal(joints[H36m.PELVIS], 0)
    np.testing.assert_allclose(joints[H36m.THORAX], (0, -0.513, 0), atol=0.005)
    np.testing.assert_allclose(joints[H36m.SPINE], (0, -0.2283, 0), atol=0.003)


def test_the_crown_is_above_the_ears() -> None:
    head = lift(STANDING)[H36m.HEAD]
    # The nose lies a little lower than the ears: so the crown is tipped a little back.
    np.testing.assert_allclose(np.linalg.norm(head - (0, -0.67, 0)), 0.13, atol=0.005)
    assert head[1] < -0.79


def test_the_pelvis_is_the_origin_wherever_the_hips_are() -> None:
    moved = STANDING + np.array([0.3, 0.2, 0], np.float32)
    np.testing.assert_allclose(lift(STANDING, seen=moved), lift(STANDING), atol=0.02)


def test_mirrored_in_mirrored_out() -> None:
    flip = np.array([-1, 1, 1], np.float32)
    image = STANDING[list(COCO_MIRROR)] * flip
    mirrored = lift(image, seen=image)
    np.testing.assert_allclose(mirrored, lift(STANDING)[list(H36M_MIRROR)] * flip, atol=1e-6)


def test_a_head_without_extent_still_has_a_crown() -> None:
    flat = STANDING.copy()
    flat[:5] = (0, -0.65, 0)
    np.testing.assert_allclose(lift(flat, seen=flat)[H36m.HEAD], (0, -0.78, 0), atol=0.01)


def test_there_is_no_sigma() -> None:
    keypoints = Keypoints(STANDING, STANDING[:, 2], STANDING, (640, 480))
    assert np.isnan(WorldLifter("blazepose-world", "x").lift(keypoints, 0.0).sigma).all()


def test_a_detector_without_3d_is_refused() -> None:
    with pytest.raises(EngineError, match="estimates 3D") as failure:
        lift(None)
    assert "BlazePose" in failure.value.hint
