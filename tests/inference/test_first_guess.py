"""The guess that our networks correct: joints on the rays of their pixels."""

import numpy as np
import pytest

from coach_server.body.skeleton import COCO_MIRROR, H36M_MIRROR, Coco, H36m
from coach_server.inference.videopose.encoding import FOCAL
from coach_server.inference.videopose.first_guess import first_guess

pytestmark = pytest.mark.unit

SIZE = (640, 480)
BODY = {
    Coco.NOSE: (0.0, -0.62, -0.12),
    Coco.LEFT_EYE: (0.03, -0.66, -0.1),
    Coco.LEFT_EAR: (0.07, -0.64, 0.0),
    Coco.LEFT_SHOULDER: (0.17, -0.48, 0.0),
    Coco.LEFT_ELBOW: (0.17, -0.20, 0.0),
    Coco.LEFT_WRIST: (0.17, -0.20, -0.25),  # the forearm points at the camera
    Coco.LEFT_HIP: (0.10, 0.0, 0.0),
    Coco.LEFT_KNEE: (0.10, 0.42, 0.0),
    Coco.LEFT_ANKLE: (0.10, 0.84, 0.0),
}
"""An average adult in metres about mid-hip, camera axes; the left side is at the image's right."""


def body() -> np.ndarray:
    """(17, 3) COCO-17, alike on both sides."""
    points = np.zeros((17, 3))
    for joint, place in BODY.items():
        points[joint] = place
        points[COCO_MIRROR[joint]] = np.array(place) * (-1, 1, 1)
    return points


def seen(space: np.ndarray, at: tuple[float, float, float]) -> np.ndarray:
    """(17, 3) keypoints of a body whose mid-hip is at a place, by a camera of the usual field."""
    place = space + at
    pixels = place[:, :2] / place[:, 2:] * FOCAL * max(SIZE) + np.array(SIZE) / 2
    return np.concatenate([pixels, np.ones((17, 1))], axis=1).astype(np.float32)


@pytest.mark.parametrize("at", [(0.0, 0.0, 3.0), (0.6, 0.1, 2.2), (-0.5, -0.2, 4.0)])
def test_an_average_body_with_its_true_depth_is_found_where_it_is(
    at: tuple[float, float, float],
) -> None:
    space = body()
    depth = space[:, 2].astype(np.float32)

    guess = first_guess(seen(space, at), depth, SIZE)

    for joint, keypoint in (
        (H36m.LEFT_WRIST, Coco.LEFT_WRIST),
        (H36m.RIGHT_KNEE, Coco.RIGHT_KNEE),
        (H36m.LEFT_SHOULDER, Coco.LEFT_SHOULDER),
    ):
        np.testing.assert_allclose(guess[joint], space[keypoint], atol=0.03)
    np.testing.assert_allclose(guess[H36m.THORAX], (0, -0.48, 0), atol=0.02)
    assert guess[H36m.HEAD, 1] < guess[H36m.NECK, 1] < guess[H36m.THORAX, 1]
    np.testing.assert_allclose(guess[H36m.PELVIS], 0, atol=1e-6)


def test_without_depth_the_body_is_flat() -> None:
    guess = first_guess(seen(body(), (0, 0, 3)), np.full(17, np.nan, np.float32), SIZE)

    assert np.isfinite(guess).all()
    np.testing.assert_array_equal(guess[:, 2], 0)


def test_joints_that_are_not_finite_are_put_among_the_others() -> None:
    points = seen(body(), (0, 0, 3))
    depth = body()[:, 2].astype(np.float32)
    points[Coco.LEFT_WRIST] = np.nan

    guess = first_guess(points, depth, SIZE)

    assert np.isfinite(guess).all()
    assert np.abs(guess[H36m.LEFT_WRIST]).max() < 1
    nobody = first_guess(np.full((17, 3), np.nan, np.float32), np.full(17, np.nan), SIZE)
    assert np.isfinite(nobody).all()


def test_a_mirrored_picture_gives_the_mirrored_guess() -> None:
    space = body() + np.random.default_rng(3).normal(0, 0.05, (17, 3))
    points, depth = seen(space, (0.3, 0, 3)), space[:, 2].astype(np.float32)
    mirrored = points[list(COCO_MIRROR)]
    mirrored[:, 0] = SIZE[0] - mirrored[:, 0]

    guess = first_guess(points, depth, SIZE)
    other = first_guess(mirrored, depth[list(COCO_MIRROR)], SIZE)

    np.testing.assert_allclose(other[list(H36M_MIRROR)] * (-1, 1, 1), guess, atol=1e-5)


def test_each_frame_is_guessed_by_itself() -> None:
    rng = np.random.default_rng(4)
    frames = np.stack([seen(body() + rng.normal(0, 0.05, (17, 3)), (0, 0, 3)) for _ in range(6)])
    depth = rng.normal(0, 0.2, (6, 17)).astype(np.float32)

    together = first_guess(frames.reshape(2, 3, 17, 3), depth.reshape(2, 3, 17), SIZE)

    for i in range(6):
        alone = first_guess(frames[i], depth[i], SIZE)
        np.testing.assert_allclose(together.reshape(6, 17, 3)[i], alone, atol=1e-6)
