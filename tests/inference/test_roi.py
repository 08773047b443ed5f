"""The turned square that follows the person."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach_server.inference.blazepose.roi import SCALE, Roi, between_centres

pytestmark = pytest.mark.unit

CROP = 256
points = st.tuples(st.floats(-500, 1500), st.floats(-500, 1500)).map(np.array)


@given(points, points)
def test_the_hip_is_in_the_middle_and_the_rim_straight_above(
    hip: np.ndarray, rim: np.ndarray
) -> None:
    if math.dist(hip, rim) < 1:
        return
    to_frame = Roi.around(hip, rim).from_crop(CROP)
    above = CROP / 2 * (1 - 1 / SCALE)
    np.testing.assert_allclose(to_frame @ (CROP / 2, CROP / 2, 1), hip, atol=1e-6)
    np.testing.assert_allclose(to_frame @ (CROP / 2, above, 1), rim, atol=1e-6)


@pytest.mark.parametrize(
    ("rim", "degrees"), [((0, -9), 0), ((9, 0), 90), ((0, 9), 180), ((-9, 0), -90)]
)
def test_the_angle_is_clockwise_on_the_screen(rim: tuple[int, int], degrees: int) -> None:
    roi = Roi.around(np.zeros(2), np.array(rim, float))
    assert math.degrees(roi.angle) == pytest.approx(degrees)


@given(st.floats(-math.pi, math.pi))
def test_the_rotation_turns_the_crops_up_to_the_persons_up(angle: float) -> None:
    up = Roi(0, 0, 100, angle).rotation @ (0, -1)
    np.testing.assert_allclose(up, (math.sin(angle), -math.cos(angle)), atol=1e-9)


def test_pixel_centres() -> None:
    # Half the size: the centre of crop pixel 0 is the corner between frame pixels 0 and 1.
    halved = Roi(100, 100, 200, 0).from_crop(100)
    np.testing.assert_allclose(between_centres(halved) @ (0, 0, 1), (0.5, 0.5))
    np.testing.assert_allclose(halved @ (0, 0, 1), (0, 0))


@pytest.mark.parametrize(
    ("roi", "touches"),
    [
        (Roi(320, 240, 300, 0), True),
        (Roi(-140, 240, 300, 0), True),
        (Roi(-160, 240, 300, 0), False),
        (Roi(320, 700, 300, 0), False),
        (Roi(320, 240, 10, 0), False),
        (Roi(320, 240, math.nan, 0), False),
        (Roi(math.nan, 240, 300, 0), False),
    ],
)
def test_what_touches_the_frame(roi: Roi, touches: bool) -> None:
    assert roi.touches(640, 480) is touches


@given(st.floats(-100, 740), st.floats(-100, 580), st.floats(16, 900), st.floats(-math.pi, math.pi))
def test_a_crop_reads_nothing_outside_the_bounds(
    x: float, y: float, size: float, angle: float
) -> None:
    roi, frame = Roi(x, y, size, angle), np.full((480, 640), 255, np.uint8)
    left, top, right, bottom = roi.bounds(640, 480)
    frame[top:bottom, left:right] = 0
    if not roi.touches(640, 480) or left == right or top == bottom:
        return
    warp = between_centres(roi.from_crop(CROP))
    crop = cv2.warpAffine(
        frame,
        warp,
        (CROP, CROP),
        dst=np.zeros((CROP, CROP), np.uint8),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
    )
    assert not crop.any()
