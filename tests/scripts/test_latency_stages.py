"""`coach bench latency`: numbers survive the encoder, and a frame's way adds up."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext

from scripts.bench.latency_stages import STAGES, journeys, stages_of, summary
from scripts.bench.numbered_camera import draw_number, number_on

pytestmark = pytest.mark.unit
ROOT = Path(__file__).resolve().parents[2]

NUMBERS = (0, 1, 341, 2730, 4095)

SAMPLE = {
    "seq": 7,
    "number": 3,
    "first": 1004.0,
    "last": 1005.0,
    "decoding": 1005.5,
    "decoded": 1006.5,
    "arrived": 1007.0,
    "taken": 1008.0,
    "colours": 0.5,
    "keypoints": 9.0,
    "lifter": 1.5,
    "coaching": 1.0,
    "said": 1021.0,
    "sent": 1021.5,
    "out": 1022.0,
}
CLOCK_MS = 500_000.0


def noisy(number: int) -> av.VideoFrame:
    rng = np.random.default_rng(number)
    picture = rng.integers(60, 200, (720, 640)).astype(np.uint8)
    draw_number(picture, number)
    return av.VideoFrame.from_ndarray(picture, format="yuv420p")


@pytest.mark.parametrize("size", [(640, 480), (480, 360)])
def test_a_number_is_read_after_a_webcams_encoder(size: tuple[int, int]) -> None:
    encoder = VideoCodecContext.create("libvpx", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.bit_rate, encoder.framerate = "yuv420p", 1_000_000, Fraction(30)
    encoder.options = {"deadline": "realtime", "cpu-used": "8"}
    decoder = VideoCodecContext.create("libvpx", "r")
    read = []
    for at, number in enumerate(NUMBERS):
        frame = noisy(number).reformat(*size)
        frame.pts, frame.time_base = at, Fraction(1, 30)
        for packet in encoder.encode(frame):
            read += [number_on(shown) for shown in decoder.decode(av.Packet(bytes(packet)))]
    assert read == list(NUMBERS)


def test_a_picture_without_a_number_gives_none() -> None:
    grey = np.full((720, 640), 128, np.uint8)
    assert number_on(av.VideoFrame.from_ndarray(grey, format="yuv420p")) is None


def test_stages_add_up_to_the_whole() -> None:
    stages = stages_of(SAMPLE, 1000.0, 1024.5)
    assert set(stages) == set(STAGES)
    assert sum(stages.values()) == pytest.approx(24.5)
    assert stages["threads"] == pytest.approx(13 - 12)


def test_what_nobody_noted_is_left_out_and_the_rest_still_adds_up() -> None:
    unseen = {"first", "last", "decoding", "decoded", "keypoints", "lifter", "coaching"}
    bare = {name: value for name, value in SAMPLE.items() if name not in unseen}
    stages = stages_of(bare, 1000.0, 1024.5)
    assert "reorder" not in stages
    assert sum(stages.values()) == pytest.approx(24.5)


def page(*frames: tuple[int, float]) -> list[tuple[int, float]]:
    return [(number, CLOCK_MS + at) for number, at in frames]


def test_a_pose_is_held_against_the_frame_it_was_found_in() -> None:
    frames = page((3, 200.0), (2, 967.0), (3, 1000.0), (4, 1033.0))  # a looped film shows 3 twice
    made = journeys(frames, [(7, CLOCK_MS + 1001.0, CLOCK_MS + 1024.5)], [SAMPLE], CLOCK_MS)
    assert made[0].total == pytest.approx(24.5)
    assert made[0].ours == pytest.approx(17 - 9)
    told = summary(made, seconds=1.0)
    assert told["frames"]["on_their_own"] == 1
    assert told["total_ms"]["p95"] == pytest.approx(24.5)


@pytest.mark.parametrize(
    ("said", "own", "within_one", "none"), [(1033.0, 0, 1, 0), (967.0, 0, 1, 0), (1016.0, 0, 0, 1)]
)
def test_a_pose_on_another_frame_is_told(said: float, own: int, within_one: int, none: int) -> None:
    frames = page((2, 967.0), (3, 1000.0), (4, 1033.0))
    made = journeys(frames, [(7, CLOCK_MS + said, CLOCK_MS + 1024.5)], [SAMPLE], CLOCK_MS)
    told = summary(made, seconds=1.0)["frames"]
    assert (told["on_their_own"], told["within_one"], told["on_none"]) == (own, within_one, none)


def test_poses_that_only_one_side_noted_are_left_out() -> None:
    frames = page((3, 1000.0))
    arrived = CLOCK_MS + 1024.5
    assert journeys(frames, [(8, None, arrived)], [SAMPLE], CLOCK_MS) == []
    assert journeys([], [(7, None, arrived)], [SAMPLE], CLOCK_MS) == []


def test_all_that_is_traced_of_the_server_is_there() -> None:
    """In a process of its own, for it changes classes."""
    script = (
        "from scripts.bench.traced_server import Trace, trace_sessions\n"
        "trace = Trace(raw=True)\n"
        "trace.install()\n"
        "trace_sessions(trace)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=60)
