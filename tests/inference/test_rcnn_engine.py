"""Frames of all sizes and forms through a Keypoint R-CNN, on the CPU with the module itself."""

import av
import numpy as np
import pytest
import torch
from support.torch_devices import DEVICES
from torch import Tensor

from coach_server.body.keypoints import FloatArray
from coach_server.inference.batching.engine import Direct
from coach_server.inference.keypoint_rcnn.detector import RcnnDetector, score_of
from coach_server.inference.keypoint_rcnn.letterbox import LANDSCAPE, PORTRAIT, Letterbox
from coach_server.inference.keypoint_rcnn.sighting import Sighting
from coach_server.inference.protocols import Frame, Planes, Rgb, frame_size
from coach_server.inference.tensorrt.pictures import PictureUpload
from coach_server.inference.tensorrt.rcnn_engine import RcnnEngine

pytestmark = pytest.mark.unit

CPU = torch.device("cpu")
MEAN = (123.0, 116.0, 103.0)
WIDE, TALL = (64, 96), (96, 64)


def noise(height: int, width: int, seed: int = 0) -> Rgb:
    small = np.random.default_rng(seed).integers(0, 256, (height // 8, width // 8, 3))
    return np.kron(small, np.ones((8, 8, 1))).astype(np.uint8)


def centre_of_red(pictures: Tensor, sizes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """In place of a network: all keypoints in the middle of what is red, and the picture's ends."""
    count, _, height, width = pictures.shape
    red = (pictures[:, 0] > 200) & (pictures[:, 1] < 50)
    rows, columns = (torch.arange(n, device=red.device) + 0.5 for n in (height, width))
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    area = red.sum(dim=(1, 2)).clamp(min=1)
    places = [(red * axis).sum(dim=(1, 2)) / area for axis in (x, y)]
    point = torch.stack([*places, red.sum(dim=(1, 2)).float()], dim=1)
    box = (point[:, :1] * 0 + 1) * pictures.new_zeros(4)
    box[:, 2:] += sizes
    return point[:, None].expand(count, 17, 3), box, red.any(dim=2).any(dim=1).float()


def engine(batches: tuple[int, ...] = (1, 4), device: torch.device = CPU) -> RcnnEngine:
    calls = {(canvas, batch): centre_of_red for canvas in (WIDE, TALL) for batch in batches}
    return RcnnEngine(calls, MEAN, device)


def with_red(height: int, width: int, x: int, y: int, side: int = 16) -> Rgb:
    frame = np.full((height, width, 3), 255, np.uint8)
    frame[y : y + side, x : x + side] = (255, 0, 0)
    return frame


@pytest.mark.parametrize(
    ("width", "height"),
    [(96, 64), (192, 128), (64, 96), (320, 180), (180, 320), (50, 50), (40, 90)],
)
def test_places_come_back_in_the_pixels_of_the_frame(width: int, height: int) -> None:
    frame = with_red(height, width, x=width // 4, y=height // 3)
    (seen,) = engine().run([frame])
    middle = (width // 4 + 8, height // 3 + 8)
    letterbox = Letterbox.of((width, height), (WIDE, TALL))
    a_canvas_pixel = width / letterbox.size[0]
    np.testing.assert_allclose(seen.keypoints[:, :2], [middle] * 17, atol=0.6 * a_canvas_pixel)
    assert seen.score == 1
    assert letterbox.canvas == (TALL if height > width else WIDE)
    np.testing.assert_allclose(seen.box, [0, 0, width, height], atol=a_canvas_pixel)


@pytest.mark.parametrize("device", DEVICES, ids=str)
def test_each_gets_their_own_answer_whatever_the_others_send(device: torch.device) -> None:
    frames = [
        with_red(90, 120, x=20 + 10 * n, y=30) if n % 3 else with_red(120, 90, x=30, y=20 + 10 * n)
        for n in range(4)
    ]
    runner, apart = engine(device=device), engine()
    for frame, seen in zip(frames, runner.run(frames), strict=True):
        (alone,) = apart.run([frame])
        np.testing.assert_allclose(seen.keypoints, alone.keypoints, atol=0.1)
        np.testing.assert_allclose(seen.box, alone.box)


def test_nothing_of_an_earlier_frame_stays_on_a_canvas() -> None:
    runner = engine(batches=(1,))
    runner.run([np.full((64, 96, 3), (255, 0, 0), np.uint8)])
    (seen,) = runner.run([np.zeros((30, 96, 3), np.uint8)])
    assert seen.score == 0


def test_padded_rows_are_closed_up() -> None:
    wide = np.zeros((64, 128, 3), np.uint8)
    view = wide[:, :96]
    view[:] = noise(64, 96)
    (padded,), (whole,) = (engine().run([frame]) for frame in (view, view.copy()))
    np.testing.assert_array_equal(padded.keypoints, whole.keypoints)


def drawn(frame: Frame, canvas: tuple[int, int], device: torch.device = CPU) -> FloatArray:
    upload = PictureUpload(device, MEAN)
    picture = torch.full((3, *canvas), -1.0, device=device)
    upload.draw(upload.send([frame])[0], Letterbox.of(frame_size(frame), (canvas,)), picture)
    return picture.permute(1, 2, 0).cpu().numpy()


def test_a_frame_of_the_canvas_size_is_drawn_as_it_is() -> None:
    frame = noise(64, 96)
    np.testing.assert_array_equal(drawn(frame, WIDE), frame)


def test_beside_the_picture_there_is_the_mean_pixel() -> None:
    picture = drawn(np.zeros((32, 96, 3), np.uint8), WIDE)
    assert not picture[:32].any()
    np.testing.assert_array_equal(picture[32:], np.broadcast_to(MEAN, (32, 96, 3)))


def test_pixels_are_averaged_when_a_frame_is_made_smaller() -> None:
    stripes = np.zeros((128, 192, 3), np.uint8)
    stripes[:, ::2] = 200
    np.testing.assert_allclose(drawn(stripes, WIDE)[4:-4, 4:-4], 100, atol=1)


@pytest.mark.parametrize("device", DEVICES, ids=str)
def test_planes_become_the_rgb_that_swscale_makes(device: torch.device) -> None:
    rgb = noise(64, 96, seed=3)
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
    planes = Planes(np.asarray(frame.to_ndarray(), np.uint8))
    assert planes.size == (96, 64)
    expected = frame.to_ndarray(format="rgb24").astype(np.float32)
    off = np.abs(drawn(planes, WIDE, device) - expected)
    assert off.max() <= 3  # swscale computes in fixed point
    assert off.mean() < 1.5
    assert np.ptp(expected) > 200


class Saying:
    """A place at a network that says this of every frame."""

    generation = 0

    def __init__(self, sighting: Sighting) -> None:
        self.sighting = sighting
        self.closed = False

    def ask(self, _item: Frame) -> Sighting:
        return self.sighting

    def close(self) -> None:
        self.closed = True


def sighting(score: float, logit: float = 8.0) -> Sighting:
    keypoints = np.tile(np.array([48, 16, logit], np.float32), (17, 1))
    return Sighting(keypoints, np.zeros(4, np.float32), score)


def test_a_detector_says_fractions_and_no_depth() -> None:
    keypoints = RcnnDetector("r", "r:1", Saying(sighting(0.9))).detect(noise(64, 96))
    assert keypoints is not None
    np.testing.assert_allclose(keypoints.points[:, :2], [[0.5, 0.25]] * 17)
    assert (keypoints.points[:, 2] > 0.99).all()
    assert keypoints.points.dtype == np.float32
    assert np.isnan(keypoints.depth).all()
    assert (keypoints.world, keypoints.image_size, keypoints.people) == (None, (96, 64), 1)


@pytest.mark.parametrize("score", [0.0, 0.49, float("nan")])
def test_nobody_is_there(score: float) -> None:
    assert RcnnDetector("r", "r:1", Saying(sighting(score))).detect(noise(64, 96)) is None


def test_scores_rise_with_logits_from_0_to_1() -> None:
    scores = score_of(np.array([-1e9, -5, 0, 2, 5, 1e9], np.float32))
    assert (np.diff(scores) > 0).all()
    assert scores[0] < 1e-3
    assert scores[3] == 0.5
    assert scores[-1] == 1


def test_a_detector_through_the_engine() -> None:
    seat = Direct[Frame, Sighting](engine())
    detector = RcnnDetector("r", "r:1", seat)
    keypoints = detector.detect(with_red(128, 192, x=40, y=40))
    assert keypoints is not None
    np.testing.assert_allclose(keypoints.pixels[:, :2], [[48, 48]] * 17, atol=0.5)


def test_who_goes_gives_their_place_back() -> None:
    seat = Saying(sighting(0.9))
    RcnnDetector("r", "r:1", seat).close()
    assert seat.closed


def test_both_canvases_are_the_issues() -> None:
    assert Letterbox.of((1280, 720), (LANDSCAPE, PORTRAIT)) == Letterbox(
        (1280, 720), (640, 360), LANDSCAPE
    )
    assert Letterbox.of((720, 1280), (LANDSCAPE, PORTRAIT)) == Letterbox(
        (720, 1280), (360, 640), PORTRAIT
    )
