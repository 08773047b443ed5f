"""Real weights for the tests of the engines: pulled once into the user's cache, then reused."""

from pathlib import Path

import av
import numpy as np
import pytest
from support.cache_lock import filling_the_cache

from coach_server.inference.engines import Engines
from coach_server.inference.protocols import Rgb
from coach_server.resources import packaged
from coach_server.settings import Settings


@pytest.fixture(scope="session")
def engine_cache() -> Path:
    """Where models are kept: COACH_CACHE, or the user's cache folder."""
    return Settings().cache


@pytest.fixture(scope="session")
def engines(engine_cache: Path) -> Engines:
    """The default engines on the CPU."""
    with filling_the_cache():
        return Engines.load(
            engine_cache, keypoints="blazepose-full", lifter="blazepose-world", device="cpu"
        )


def read_film(path: Path) -> list[Rgb]:
    with av.open(str(path)) as film:
        return [np.asarray(f.to_ndarray(format="rgb24"), np.uint8) for f in film.decode(video=0)]


@pytest.fixture(scope="session")
def person_frames() -> list[Rgb]:
    """Two seconds of a person whose whole body is in view, 640 x 480, from the demo."""
    film = packaged("static") / "demo" / "student_right.mp4"
    if not film.is_file():
        pytest.skip("the demo film has not been rendered")
    return read_film(film)[:60]


@pytest.fixture
def squat_frames(shared_clips: Path) -> list[Rgb]:
    """65 frames of a person squatting, 720 x 1280."""
    return read_film(shared_clips / "squat_tfjs.mp4")


@pytest.fixture(scope="session")
def empty_room() -> Rgb:
    """A picture with nobody in it: a wall, a floor, some grain."""
    room = np.full((480, 640, 3), 190, np.uint8)
    room[330:] = (150, 120, 90)
    grain = np.random.default_rng(5).integers(0, 8, room.shape, dtype=np.uint8)
    return room + grain
