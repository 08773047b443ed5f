import numpy as np
import pytest

from scripts.studio.camera import Camera

pytestmark = pytest.mark.unit

SIZES = [(640, 480), (640, 360), (1280, 720)]
POINTS = np.array([(0.0, 1.02, 0.0), (0.9, 1.7, 0.1), (-0.8, 0.2, -0.3), (0.3, 0.0, 0.6)])


@pytest.mark.parametrize("roll_deg", [0.0, 7.0])
@pytest.mark.parametrize("size", SIZES)
def test_pixels_are_where_opengl_draws(size: tuple[int, int], roll_deg: float) -> None:
    camera = Camera(*size, yaw_deg=15.0, roll_deg=roll_deg)
    homogeneous = np.concatenate([POINTS, np.ones((len(POINTS), 1))], axis=1)
    clip = homogeneous @ (camera.projection() @ camera.view()).T
    seen = clip[:, :2] / clip[:, 3:]
    drawn = (seen * (1.0, -1.0) + 1.0) / 2.0 * size
    assert camera.to_pixels(POINTS) == pytest.approx(drawn)


@pytest.mark.parametrize("size", SIZES)
def test_the_vertical_field_is_the_pictures_height(size: tuple[int, int]) -> None:
    camera = Camera(*size, distance_m=3.0, height_m=1.0, look_at_m=1.0, field_deg=50.0)
    top = 1.0 + 3.0 * np.tan(np.radians(25.0))
    assert camera.to_pixels(np.array([0.0, top, 0.0])) == pytest.approx((size[0] / 2.0, 0.0))


def test_pixels_are_square() -> None:
    camera = Camera(1280, 720, distance_m=3.0, height_m=1.0, look_at_m=1.0)
    aside, above = camera.to_pixels(np.array([(0.4, 1.0, 0.0), (0.0, 1.4, 0.0)]))
    assert aside[0] - 640.0 == pytest.approx(360.0 - above[1])


def test_a_camera_turned_clockwise_sees_the_world_turned_the_other_way() -> None:
    middle, above = np.array([0.0, 1.02, 0.0]), np.array([0.0, 1.5, 0.0])
    for roll_deg, side in ((3.0, -1.0), (-3.0, 1.0)):
        camera = Camera(height_m=1.02, roll_deg=roll_deg)
        across, up = camera.to_pixels(above) - camera.to_pixels(middle)
        assert np.degrees(np.arctan2(across, -up)) == pytest.approx(side * 3.0)
        assert camera.to_pixels(middle) == pytest.approx((320.0, 240.0))


def test_pitch_is_positive_where_the_camera_looks_down() -> None:
    camera = Camera(distance_m=2.0, height_m=1.5, look_at_m=0.5)
    assert camera.pitch_deg == pytest.approx(np.degrees(np.arctan(0.5)))
    assert Camera(distance_m=2.0, height_m=0.5, look_at_m=1.5).pitch_deg == -camera.pitch_deg
    level_ahead = camera.eye - (0.0, 0.0, 1.0)
    assert camera.to_pixels(level_ahead)[1] < camera.height / 2.0
