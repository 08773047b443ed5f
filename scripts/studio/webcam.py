"""What a laptop's webcam makes of a clean picture: blur, exposure, noise, colour, compression.

The steps are those of a real one and in its order. Light, linear: lens, exposure, vignetting,
noise. Colour: white balance and saturation. The picture: tone, sharpening, JPEG.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.studio.renderer import Picture, Region

Light = NDArray[np.float32]
"""(height, width, 3) linear light, 1 where the sensor is full."""

GAMMA: Final = 2.2
"""Of the renderer's pictures and of the developed ones."""
FULL_WELL: Final = 2500.0
"""Electrons that fill a pixel at a gain of 1; the small sensors of laptops hold few."""
READ_NOISE: Final = 2.5
"""Electrons, one standard deviation."""
DENOISED: Final = 0.35
"""The share of the noise (standard deviation) that the webcam's own denoising leaves."""
LUMA_SHARE: Final = 0.75
"""Of the noise's variance; the rest is chroma."""
LUMA_GRAIN_PX, CHROMA_GRAIN_PX = 0.7, 2.2
"""Blur of the noise: demosaicing and denoising spread it to the neighbours, colour furthest."""

STEP_PX: Final = 3.0
"""Sub-exposures this far apart look like one smear, drawn with edges that are a pixel soft."""

CODE: Final = 65535.0
"""Linear light as 16 bits, from which a table leads to the picture."""
BLOCK: Final = 16
"""JPEG with colour at half size works in blocks of 16 pixels."""
KERNEL: Final = (7, 7)
SHARPENING_PX: Final = 1.2
MARGIN: Final = 8
"""How far a pixel reaches through both blurs, a little more than the sum of their radii."""
GRAIN_SHIFTS: Final = 64
"""The noise is drawn once, and laid elsewhere by up to so many pixels for every picture."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """A webcam in the light of one room.

    Attributes:
        exposure_s: how long the shutter is open.
        gain: amplification, at least 1. With I the linear light (1 is full), the noise has the
            variance DENOISED^2 * (gain * I / FULL_WELL + (gain * READ_NOISE / FULL_WELL)^2).
        stops: how far the picture is over (+) or under (-) exposed: light * 2^stops.
        white: what is left of the colour of the light, a factor each for R, G and B.
        saturation: 0 is grey, 1 as it is.
        contrast: 0 as it is, 1 a full S from black to white.
        blur_px: sigma of the lens.
        sharpening: share of the difference from a blurred picture that is added.
        vignetting: share of the light that the corners lack.
        jpeg_quality: 1 to 100, or None for no compression.
    """

    exposure_s: float = 1 / 60
    gain: float = 1.0
    stops: float = 0.0
    white: tuple[float, float, float] = (1.0, 1.0, 1.0)
    saturation: float = 1.0
    contrast: float = 0.0
    blur_px: float = 0.6
    sharpening: float = 0.3
    vignetting: float = 0.15
    jpeg_quality: int | None = 80


def draw_sensor(rng: np.random.Generator) -> Sensor:
    """A natural one: from the daylight of a window to one lamp in the evening.

    In less light the shutter stays open for longer, up to a frame at 30 a second; then the gain
    rises; then the picture stays dark. With the gain, detail and colour are lost to the denoising.
    """
    lux = float(np.exp(rng.uniform(np.log(25.0), np.log(1500.0))))
    needed_s = 15.0 / lux  # times the gain; f/2 and ISO 100 as the gain of 1
    exposure_s = float(np.clip(needed_s, 1 / 250, 1 / 30))
    gain = float(np.clip(needed_s / exposure_s, 1.0, 12.0))
    missing = np.log2(needed_s / (exposure_s * gain))
    noisy = np.log2(gain) / np.log2(12.0)
    warm = rng.normal(0.0, 0.04) + 0.2 * noisy * rng.uniform()
    tint = rng.normal(0.0, 0.02)
    return Sensor(
        exposure_s=exposure_s,
        gain=gain,
        stops=float(rng.normal(-0.1, 0.35) - missing),
        white=(float(1.0 + warm), float(1.0 + tint), float(1.0 - 1.3 * warm)),
        saturation=float(rng.uniform(0.75, 1.15) * (1.0 - 0.25 * noisy)),
        contrast=float(rng.uniform(0.0, 0.5)),
        blur_px=float(rng.uniform(0.45, 0.9) + 0.35 * noisy),
        sharpening=float(rng.uniform(0.0, 0.9) * (1.0 - 0.6 * noisy)),
        vignetting=float(rng.uniform(0.05, 0.35)),
        jpeg_quality=int(rng.integers(45, 93)),
    )


def sub_exposures(pixel_speed_px_s: float, exposure_s: float, limit: int) -> int:
    """How many pictures make up one frame, so that what moves is smeared and not doubled.

    Args:
        pixel_speed_px_s: of the fastest point in the picture.
        exposure_s: how long the shutter is open.
        limit: the most that may be drawn; fast movement then falls into steps.
    """
    return int(np.clip(np.ceil(pixel_speed_px_s * exposure_s / STEP_PX), 1, limit))


def exposure_times(t: float, exposure_s: float, count: int) -> NDArray[np.float64]:
    """(count,) when the sub-exposures of a frame are drawn: the middles of equal parts of it.

    Their mean is t, the frame's time: the truth at t is that of the middle of the smear.
    """
    return t + exposure_s * ((np.arange(count) + 0.5) / count - 0.5)


class Webcam:
    """Develops the pictures of one clip.

    Args:
        sensor: the webcam and its light.
        size: (width, height) of the pictures.
        seed: of the noise, which is new in every picture and has no memory.
    """

    def __init__(self, sensor: Sensor, size: tuple[int, int], seed: int) -> None:
        self._sensor = sensor
        self._width, self._height = size
        self._rng = np.random.default_rng(seed)
        self._grain = _grain(*size)
        self._fall_off = _fall_off(size, sensor.vignetting)
        values = np.arange(256) / 255.0
        self._to_light = (values**GAMMA * 2.0**sensor.stops).astype(np.float32)
        self._colour = _colour(sensor)
        self._tone = _tone(sensor.contrast)

    def develop(
        self, pictures: Picture | Sequence[Picture], region: Region | None = None
    ) -> Picture:
        """One frame as the webcam gives it.

        Args:
            pictures: (height, width, 3) RGB, one or the sub-exposures of a frame.
            region: where the frame matters; outside, and further than the block of 16 pixels that
                it ends in, it is the clean picture in the middle of the exposure.

        Returns:
            (height, width, 3) RGB. Within the region it does not depend on the region.
        """
        shots = [pictures] if isinstance(pictures, np.ndarray) else pictures
        left, top, right, bottom = self._whole_blocks(region)
        first_row, first_column = max(top - MARGIN, 0), max(left - MARGIN, 0)
        rows = slice(first_row, bottom + MARGIN)
        columns = slice(first_column, right + MARGIN)
        sharp = self._picture(self._exposed([shot[rows, columns] for shot in shots], rows, columns))
        block = sharp[top - first_row : bottom - first_row, left - first_column :]
        developed = shots[len(shots) // 2].copy()
        developed[top:bottom, left:right] = self._compressed(block[:, : right - left])
        return developed

    def _whole_blocks(self, region: Region | None) -> Region:
        if region is None:
            return 0, 0, self._width, self._height
        left, top, right, bottom = region
        return (
            max(left // BLOCK * BLOCK, 0),
            max(top // BLOCK * BLOCK, 0),
            min(-(-right // BLOCK) * BLOCK, self._width),
            min(-(-bottom // BLOCK) * BLOCK, self._height),
        )

    def _exposed(self, shots: Sequence[Picture], rows: slice, columns: slice) -> Light:
        """The light that the sensor reads, with its noise."""
        light = cv2.LUT(shots[0], self._to_light)
        for shot in shots[1:]:
            light = cv2.add(light, cv2.LUT(shot, self._to_light))
        light = cv2.GaussianBlur(light, KERNEL, self._sensor.blur_px)
        fall_off = self._fall_off[rows, columns]
        light = cv2.multiply(light, fall_off, dst=light, scale=1.0 / len(shots))
        gain = self._sensor.gain / FULL_WELL
        variance = cv2.addWeighted(light, gain, light, 0.0, (gain * READ_NOISE) ** 2)
        down, aside = self._rng.integers(0, GRAIN_SHIFTS, size=2)
        grain = self._grain[rows.start + down :, columns.start + aside :]
        height, width = light.shape[:2]
        noise = cv2.multiply(
            cv2.sqrt(variance, dst=variance), grain[:height, :width], scale=DENOISED
        )
        return np.asarray(cv2.add(light, noise, dst=light), np.float32)

    def _picture(self, light: Light) -> Picture:
        """Colour, tone and sharpening."""
        coloured = cv2.transform(light, self._colour)
        codes = cv2.addWeighted(coloured, CODE, coloured, 0.0, 0.0, dtype=cv2.CV_16U)
        picture = self._tone.take(np.asarray(codes, np.uint16))
        soft = cv2.GaussianBlur(picture, KERNEL, SHARPENING_PX)
        share = self._sensor.sharpening
        return np.asarray(cv2.addWeighted(picture, 1.0 + share, soft, -share, 0.0), np.uint8)

    def _compressed(self, picture: Picture) -> Picture:
        quality = self._sensor.jpeg_quality
        if quality is None:
            return picture
        blue_first = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        _, coded = cv2.imencode(".jpg", blue_first, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR_RGB), np.uint8)


@lru_cache(maxsize=4)
def _grain(width: int, height: int) -> Light:
    """Noise of variance 1, GRAIN_SHIFTS larger each way than the pictures that it is laid on."""
    rng = np.random.default_rng(0)
    shape = (height + GRAIN_SHIFTS, width + GRAIN_SHIFTS, 3)
    luma = cv2.GaussianBlur(rng.standard_normal(shape[:2], np.float32), (0, 0), LUMA_GRAIN_PX)
    chroma = cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), CHROMA_GRAIN_PX)
    grain = np.sqrt(1.0 - LUMA_SHARE) * chroma / chroma.std()
    grain += np.sqrt(LUMA_SHARE) * (luma / luma.std())[..., None]
    return np.asarray(grain, np.float32)


def _fall_off(size: tuple[int, int], vignetting: float) -> Light:
    """The share of the light that reaches each pixel."""
    width, height = size
    x, y = np.linspace(-1.0, 1.0, width) * width, np.linspace(-1.0, 1.0, height) * height
    square = (x[None, :] ** 2 + y[:, None] ** 2) / (width**2 + height**2)
    return np.stack([1.0 - vignetting * square] * 3, axis=-1).astype(np.float32)


def _colour(sensor: Sensor) -> NDArray[np.float32]:
    """(3, 3) white balance, then saturation about the brightness."""
    brightness = np.array([0.2126, 0.7152, 0.0722])
    keep = sensor.saturation
    saturation = keep * np.eye(3) + (1.0 - keep) * np.tile(brightness, (3, 1))
    return np.asarray(saturation * sensor.white, np.float32)


def _tone(contrast: float) -> NDArray[np.uint8]:
    """(65536,) the picture's value of every code of linear light."""
    value = (np.arange(65536) / CODE) ** (1.0 / GAMMA)
    bent = value * value * (3.0 - 2.0 * value)
    return np.round(255.0 * (value + contrast * (bent - value))).astype(np.uint8)
