"""Still frames left out: only where nothing moves, never for long, and at no cost in keypoints."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from coach_server.body.keypoints import Keypoints
from coach_server.inference.engines import Engines
from coach_server.inference.protocols import Rgb
from coach_server.inference.still_frames import MOST, StillFrames
from coach_server.library.demo import STUDENTS
from coach_server.resources import packaged
from coach_server.video.pixels import PictureMaker
from coach_server.video.reader import FilmReader

pytestmark = pytest.mark.engine

SIZE: Final = (480, 640)
BODY: Final = (slice(120, 360), slice(280, 360))
"""Where the person stands."""
NOISE: Final = 4.0
"""Grey levels: a webcam's in a room that is not bright."""


class Reader:
    """A detector that finds the same person in each picture it is shown, and counts them."""

    name = fingerprint = "reader"

    def __init__(self) -> None:
        self.read = 0
        self.people = 1
        self.raises = False
        self.points = np.full((17, 3), 0.9, np.float32)
        self.points[:, 0] = np.linspace(200, 360, 17) / 640
        self.points[:, 1] = np.linspace(120, 360, 17) / 480
        self.resets = 0

    def detect(self, rgb: Rgb) -> Keypoints | None:
        self.read += 1
        if self.raises:
            raise RuntimeError("the engine broke")
        if not self.people:
            return None
        height, width = rgb.shape[:2]
        depth = np.zeros(17, np.float32)
        return Keypoints(self.points.copy(), depth, None, (width, height), self.people)

    def reset(self) -> None:
        self.resets += 1

    def close(self) -> None: ...


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def sparing(reader: Reader) -> StillFrames:
    return StillFrames(reader)


def room(rng: np.random.Generator, *, arm: float = 300.0) -> Rgb:
    """A picture of someone grey before a bright wall, whose upper arm's edge is at column `arm`."""
    picture = np.full((*SIZE, 4), 150, np.float32)
    picture[BODY] = 90
    whole = int(arm)
    picture[180:210, whole:280] = 90
    if whole < 280:
        picture[180:210, whole - 1] = 90 + 60 * (1 - (arm - whole))
    return np.clip(picture + rng.normal(0, NOISE, picture.shape), 0, 255).astype(np.uint8)


def test_of_a_still_student_each_third_frame_is_read(sparing: StillFrames, reader: Reader) -> None:
    rng = np.random.default_rng(1)
    told = [sparing.detect(room(rng)) for _ in range(30)]
    assert reader.read == 10
    repeated = [one is not None and one.repeated for one in told]
    assert repeated == [i % (MOST + 1) > 0 for i in range(30)]


def test_who_moves_is_read(sparing: StillFrames, reader: Reader) -> None:
    rng = np.random.default_rng(2)
    for i in range(30):  # three pixels a frame: an arm that is raised in two seconds
        sparing.detect(room(rng, arm=270.0 - 3 * i))
    assert reader.read == 30


def test_slow_movements_add_up(sparing: StillFrames, reader: Reader) -> None:
    rng = np.random.default_rng(3)
    told = [sparing.detect(room(rng, arm=270.0 - i)) for i in range(60)]
    # a pixel may pass, two may not
    assert reader.read >= 30
    assert not any(
        first.repeated and second.repeated
        for first, second in pairwise(told)
        if first is not None and second is not None
    )


def test_what_moves_elsewhere_costs_nothing(sparing: StillFrames, reader: Reader) -> None:
    rng = np.random.default_rng(4)
    for i in range(30):  # somebody walks past, well to the side
        picture = room(rng)
        picture[100:400, 5 + 3 * i : 25 + 3 * i] = 40
        sparing.detect(picture)
    assert reader.read == 10


def test_nobody_is_looked_for_in_each_frame(sparing: StillFrames, reader: Reader) -> None:
    reader.people = 0
    rng = np.random.default_rng(5)
    assert [sparing.detect(room(rng)) for _ in range(9)] == [None] * 9
    assert reader.read == 9


def test_whether_others_have_gone_is_told_by_reading(sparing: StillFrames, reader: Reader) -> None:
    flat = np.full((*SIZE, 3), 120, np.uint8)
    reader.people = 2
    for _ in range(6):
        sparing.detect(flat)
    assert reader.read == 6
    reader.people = 1
    told = [sparing.detect(flat) for _ in range(3)]
    assert [one is not None and (one.people, one.repeated) for one in told] == [
        (1, False),
        (1, True),
        (1, True),
    ]


def test_an_engine_that_raises_leaves_no_old_answer(sparing: StillFrames, reader: Reader) -> None:
    flat = np.full((*SIZE, 3), 120, np.uint8)
    sparing.detect(flat)
    reader.raises = True
    for _ in range(3):  # another picture, and the same again
        with pytest.raises(RuntimeError):
            sparing.detect(flat + 60)
    reader.raises = False
    told = sparing.detect(flat + 60)
    assert told is not None
    assert not told.repeated


def test_an_answer_that_is_no_number_is_not_repeated(sparing: StillFrames, reader: Reader) -> None:
    flat = np.full((*SIZE, 3), 120, np.uint8)
    reader.points[3] = np.nan
    sparing.detect(flat)
    reader.points[3] = 0.5
    told = sparing.detect(flat)
    assert told is not None
    assert np.isfinite(told.points).all()
    assert reader.read == 2


def test_another_size_and_a_reset_are_read(sparing: StillFrames, reader: Reader) -> None:
    flat = np.full((*SIZE, 3), 120, np.uint8)
    sparing.detect(flat)
    sparing.detect(flat[:400])
    assert reader.read == 2
    sparing.detect(flat[:400])
    assert reader.read == 2
    sparing.reset()
    sparing.detect(flat[:400])
    assert (reader.read, reader.resets) == (3, 1)


@pytest.mark.parametrize("shape", [(480, 640, 4), (720, 1280, 4), (1280, 720, 3), (9, 7, 3)])
def test_any_size_of_picture(shape: tuple[int, int, int]) -> None:
    reader = Reader()
    sparing = StillFrames(reader)
    rng = np.random.default_rng(6)
    noisy: Iterator[NDArray[np.uint8]] = (
        rng.integers(118, 122, (shape[0], shape[1] + 8, shape[2]), dtype=np.uint8)[:, : shape[1]]
        for _ in range(6)
    )
    for picture in noisy:  # rows padded, as decoders do
        sparing.detect(picture)
    assert reader.read == 2


def test_answers_belong_to_who_gets_them(sparing: StillFrames) -> None:
    flat = np.full((*SIZE, 3), 120, np.uint8)
    for _ in range(MOST + 1):
        told = sparing.detect(flat)
        assert told is not None
        assert told.points[0, 2] == np.float32(0.9)
        told.points[:] = told.depth[:] = -1


def test_what_is_left_out_would_have_said_the_same(engines: Engines) -> None:
    """Of the demo's student, by a third of a percent of their height in the median."""
    sparing, every = StillFrames(engines.new_detector()), engines.new_detector()
    maker = PictureMaker()
    off, left_out, jitter = [], 0, []
    before: NDArray[np.float32] | None = None
    with FilmReader(packaged("static") / "demo" / f"student_{STUDENTS[0]}.mp4") as film:
        for number, shown in enumerate(film):
            if number == 600:
                break
            picture = maker.rgbx(shown.frame)
            told, true = sparing.detect(picture), every.detect(picture)
            assert told is not None
            assert true is not None
            here = true.pixels[:, :2]
            if told.repeated:
                left_out += 1
                off.append(np.linalg.norm(told.pixels[:, :2] - here, axis=1))
                if before is not None:
                    jitter.append(np.linalg.norm(here - before, axis=1))
            before = here
    assert left_out > 120
    height = 280.0
    assert np.median(off) < 0.003 * height
    assert np.quantile(off, 0.95) < 0.01 * height
    assert np.median(off) < 2 * np.median(jitter)
