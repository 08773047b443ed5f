"""Frames as pictures."""

import numpy as np
import pytest
from av import VideoFrame

from coach_server.inference.protocols import Planes, frame_size
from coach_server.video.pixels import PictureMaker

pytestmark = pytest.mark.unit


def test_colours_and_sizes_survive_padded_rows_and_a_change_of_size() -> None:
    maker = PictureMaker()
    for height, width in ((120, 162), (64, 50), (120, 162)):
        rgb = np.zeros((height, width, 3), np.uint8)
        rgb[:, : width // 2] = (200, 30, 30)
        rgb[:, width // 2 :] = (30, 30, 200)
        frame = VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
        made = maker.rgb(frame)
        assert made.shape == (height, width, 3)
        assert np.abs(made[:, : width // 2 - 2].astype(int) - (200, 30, 30)).max() < 8
        assert np.abs(made[:, width // 2 + 2 :].astype(int) - (30, 30, 200)).max() < 8


def test_the_picture_is_a_view() -> None:
    frame = VideoFrame.from_ndarray(np.zeros((96, 50), np.uint8), format="gray8")
    assert PictureMaker().rgb(frame).base is not None


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "nv12", "rgb24", "gray8"])
def test_detectors_are_shown_the_same_picture(pixel_format: str) -> None:
    rng = np.random.default_rng(5)
    channels = set()
    for width in range(96, 130, 2):
        rgb = rng.integers(0, 256, (64, width, 3), np.uint8)
        frame = VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=pixel_format)
        made = PictureMaker().made(frame, planes=False)
        assert isinstance(made, np.ndarray)
        channels.add(made.shape[2])
        np.testing.assert_array_equal(made[:, :, :3], PictureMaker().rgb(frame))
    assert channels == {3, 4}


@pytest.mark.parametrize(
    ("pixel_format", "size", "space", "as_planes"),
    [
        ("yuv420p", (96, 64), 2, True),
        ("yuv420p", (96, 64), 6, True),
        ("yuv420p", (96, 64), 1, False),  # BT.709
        ("yuv420p", (95, 64), 2, False),
        ("yuv422p", (96, 64), 2, False),
        ("rgb24", (96, 64), 2, False),
    ],
)
def test_planes_are_handed_on_where_they_are_what_cameras_give(
    pixel_format: str, size: tuple[int, int], space: int, as_planes: bool
) -> None:
    frame = VideoFrame(*size, pixel_format)
    frame.colorspace = space
    for plane in frame.planes:
        plane.update(bytes([77]) * plane.buffer_size)
    made = PictureMaker().made(frame, planes=True)
    assert isinstance(made, Planes) is as_planes
    assert frame_size(made) == size
    assert isinstance(PictureMaker().made(frame, planes=False), np.ndarray)
