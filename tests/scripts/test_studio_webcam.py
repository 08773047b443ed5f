from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from scripts.studio.renderer import Picture
from scripts.studio.webcam import (
    DENOISED,
    FULL_WELL,
    GAMMA,
    READ_NOISE,
    STEP_PX,
    Sensor,
    Webcam,
    draw_sensor,
    exposure_times,
    sub_exposures,
)

pytestmark = pytest.mark.unit

SIZE = (192, 160)
PLAIN = Sensor(
    gain=1e-6, blur_px=0.1, sharpening=0.0, vignetting=0.0, jpeg_quality=None, contrast=0.0
)
"""Changes nothing: the noise of this gain is far below one step of the picture."""


def flat(value: float) -> Picture:
    return np.full((SIZE[1], SIZE[0], 3), value, np.uint8)


def textured() -> Picture:
    coarse = np.random.default_rng(3).integers(0, 256, (SIZE[1] // 8, SIZE[0] // 8, 3))
    return np.kron(coarse, np.ones((8, 8, 1))).astype(np.uint8)


def light(picture: Picture) -> np.ndarray:
    return (picture / 255.0) ** GAMMA


def develop(sensor: Sensor, picture: Picture, seed: int = 1) -> Picture:
    return Webcam(sensor, SIZE, seed).develop(picture)


def test_a_plain_sensor_keeps_the_picture() -> None:
    assert np.abs(develop(PLAIN, textured()).astype(int) - textured()).max() <= 1


def test_same_seed_same_pictures() -> None:
    sensor = Sensor(gain=4.0)
    first, again, other = (Webcam(sensor, SIZE, seed) for seed in (5, 5, 6))
    film = [[camera.develop(flat(120)) for _ in range(3)] for camera in (first, again, other)]
    assert np.array_equal(film[0], film[1])
    assert not np.array_equal(film[0], film[2])
    assert not np.array_equal(film[0][0], film[0][1])


@pytest.mark.parametrize("gain", [4.0, 12.0])
@pytest.mark.parametrize("value", [90, 180])
def test_noise_has_the_variance_that_is_documented(gain: float, value: int) -> None:
    developed = light(develop(replace(PLAIN, gain=gain), flat(value)))
    middle = (value / 255.0) ** GAMMA
    expected = DENOISED**2 * (gain * middle / FULL_WELL + (gain * READ_NOISE / FULL_WELL) ** 2)
    step = GAMMA * middle ** (1.0 - 1.0 / GAMMA) / 255.0
    assert developed.var() == pytest.approx(expected + step**2 / 12.0, rel=0.12)
    assert developed.mean() == pytest.approx(middle, rel=0.01)


def test_noise_is_spread_to_its_neighbours_and_no_further() -> None:
    noise = develop(replace(PLAIN, gain=8.0), flat(120)).astype(float) - 120.0

    def alike(distance: int) -> float:
        return float(np.corrcoef(noise[:, distance:].ravel(), noise[:, :-distance].ravel())[0, 1])

    assert alike(1) > 0.3
    assert abs(alike(12)) < 0.05


@pytest.mark.parametrize("stops", [-2.0, -1.0, 0.5])
def test_a_stop_halves_the_light(stops: float) -> None:
    developed = develop(replace(PLAIN, stops=stops), flat(150))
    assert developed.mean() == pytest.approx(150.0 * 2.0 ** (stops / GAMMA), abs=1.0)


def test_corners_are_darker_by_the_vignetting() -> None:
    share = light(develop(replace(PLAIN, vignetting=0.4), flat(200))) / light(flat(200))
    height, width = SIZE[1] // 2, SIZE[0] // 2
    assert share[0, 0] == pytest.approx(0.6, abs=0.02)
    assert share[height, width] == pytest.approx(1.0, abs=0.02)


def test_colour_is_shifted_and_taken_away() -> None:
    warm = light(develop(replace(PLAIN, white=(1.2, 1.0, 0.8)), flat(150))) / light(flat(150))
    assert warm.mean(axis=(0, 1)) == pytest.approx([1.2, 1.0, 0.8], abs=0.02)
    grey = develop(replace(PLAIN, saturation=0.0), textured()).astype(int)
    assert np.ptp(grey, axis=2).max() <= 1


def test_contrast_keeps_black_grey_and_white() -> None:
    bent = [develop(replace(PLAIN, contrast=0.5), flat(v)).mean() for v in (0, 64, 128, 192, 255)]
    assert [bent[0], bent[2], bent[4]] == pytest.approx([0.0, 128.0, 255.0], abs=1.0)
    assert bent[1] < 60
    assert bent[3] > 196


def test_lens_softens_and_sharpening_overshoots() -> None:
    edge = flat(100)
    edge[:, SIZE[0] // 2 :] = 180
    steepest = {
        name: np.abs(np.diff(develop(sensor, edge).astype(int), axis=1)).max()
        for name, sensor in (("plain", PLAIN), ("soft", replace(PLAIN, blur_px=1.0)))
    }
    assert steepest["soft"] < 0.6 * steepest["plain"]
    sharp = develop(replace(PLAIN, sharpening=0.8), edge)
    assert sharp.max() > 185
    assert sharp.min() < 95


def test_compression_costs_more_the_lower_its_quality() -> None:
    off = [
        np.abs(develop(replace(PLAIN, jpeg_quality=quality), textured()).astype(int) - textured())
        for quality in (None, 90, 40)
    ]
    errors = [float(o.mean()) for o in off]
    assert errors[0] < 1.0 < errors[1] < errors[2]


def test_red_stays_red_through_the_compression() -> None:
    red = flat(40)
    red[..., 0] = 200
    developed = develop(replace(PLAIN, jpeg_quality=90), red)
    assert developed.mean(axis=(0, 1)) == pytest.approx([200.0, 40.0, 40.0], abs=3.0)


@pytest.mark.parametrize("region", [(37, 21, 101, 90), (0, 0, 50, 160), (100, 100, 192, 160)])
def test_a_region_is_that_part_of_the_whole_frame(region: tuple[int, int, int, int]) -> None:
    sensor = Sensor(gain=6.0, vignetting=0.3, blur_px=1.2, sharpening=0.8, jpeg_quality=60)
    whole = Webcam(sensor, SIZE, 2).develop(textured())
    part = Webcam(sensor, SIZE, 2).develop(textured(), region)
    left, top, right, bottom = region
    inside = np.s_[top:bottom, left:right]
    assert np.array_equal(part[inside], whole[inside])
    outside = np.ones(part.shape, bool)
    outside[max(top - 16, 0) : bottom + 16, max(left - 16, 0) : right + 16] = False
    assert np.array_equal(part[outside], textured()[outside])


@pytest.mark.parametrize(("speed_px_s", "exposure_s"), [(600.0, 1 / 30), (1200.0, 1 / 60)])
def test_a_moving_edge_is_smeared_over_its_way(speed_px_s: float, exposure_s: float) -> None:
    count = sub_exposures(speed_px_s, exposure_s, 20)
    shots = [edge_at(96.0 + speed_px_s * t) for t in exposure_times(0.0, exposure_s, count)]
    row = light(Webcam(PLAIN, SIZE, 1).develop(shots))[80, :, 1]
    share = (row - row[0]) / (row[-1] - row[0])
    crossing = partial(np.interp, xp=share, fp=np.arange(len(share)) + 0.5)
    way = speed_px_s * exposure_s
    assert crossing(0.9) - crossing(0.1) == pytest.approx(0.8 * way, abs=STEP_PX / 2)
    assert crossing(0.5) == pytest.approx(96.0, abs=1.0)  # the truth: where it is at the time


def edge_at(x: float) -> Picture:
    """Dark up to x, bright behind it, in linear light also where a pixel is cut."""
    bright = np.clip(np.arange(1, SIZE[0] + 1) - x, 0.0, 1.0)
    row = 255.0 * (0.05 + 0.75 * bright) ** (1.0 / GAMMA)
    return np.repeat(np.broadcast_to(row, SIZE[::-1])[..., None], 3, axis=-1).astype(np.uint8)


def test_sub_exposures_are_as_many_as_the_smear_is_long() -> None:
    assert sub_exposures(0.0, 1 / 30, 8) == 1
    assert sub_exposures(STEP_PX * 30 * 4 - 1.0, 1 / 30, 8) == 4
    assert sub_exposures(5000.0, 1 / 30, 8) == 8


@pytest.mark.parametrize("count", [1, 2, 5])
def test_sub_exposures_are_spread_evenly_about_the_frames_time(count: int) -> None:
    times = exposure_times(7.0, 0.03, count)
    assert times.mean() == pytest.approx(7.0)
    assert np.diff(times) == pytest.approx(np.full(count - 1, 0.03 / count))
    assert times[-1] - times[0] == pytest.approx(0.03 * (1 - 1 / count))


def test_sensors_are_drawn_from_daylight_to_evening() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw_sensor(rng) for _ in range(300)]
    assert drawn[0] == draw_sensor(np.random.default_rng(0))
    for sensor in drawn:
        assert 1 / 250 <= sensor.exposure_s <= 1 / 30
        assert 1.0 <= sensor.gain <= 12.0
        assert sensor.gain == pytest.approx(1.0) or sensor.exposure_s == pytest.approx(1 / 30)
    gains = np.array([sensor.gain for sensor in drawn])
    assert np.mean(gains < 1.01) > 0.2
    assert np.mean(gains > 4.0) > 0.2
    blue = np.array([sensor.white[2] for sensor in drawn])
    assert blue[gains > 4.0].mean() < blue[gains < 1.01].mean() - 0.05
