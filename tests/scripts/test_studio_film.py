from pathlib import Path

import av
import numpy as np
import pytest

from coach_server.errors import InputError
from scripts.studio.film import FORMATS, FilmWriter
from scripts.studio.renderer import Picture

pytestmark = pytest.mark.film

SIZE = (64, 48)
FPS = 15
FRAMES = 30
MEAN_ERROR = {".mp4": 3.0, ".y4m": 1.5, ".mjpeg": 2.0}
"""Suffix -> how far a pixel may be off on average, of 255; chroma at half size costs them all."""


def pictures() -> list[Picture]:
    """A soft ball on a slope of colour; each picture has its own place of the ball."""
    width, height = SIZE
    rows, columns = np.indices((height, width), np.float64)
    slope = np.stack([80 + columns, 60 + 2 * rows, 200 - columns], axis=-1)
    found = []
    for i in range(FRAMES):
        square = (columns - 10 - 1.5 * i) ** 2 + (rows - 24) ** 2
        light = 50.0 * np.exp(-square / 72.0)
        found.append(np.clip(slope + light[..., None], 0, 255).astype(np.uint8))
    return found


def write(path: Path, crf: int = 12) -> None:
    with FilmWriter(path, SIZE, FPS, crf) as film:
        for picture in pictures():
            film.write(picture)


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_written_is_read_again(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    write(path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        read = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
        if suffix != ".mjpeg":  # which has no rate of its own
            assert stream.average_rate == FPS
        assert (stream.width, stream.height) == SIZE
    assert len(read) == FRAMES
    off = [np.abs(a.astype(int) - b).mean() for a, b in zip(read, pictures(), strict=True)]
    assert max(off) < MEAN_ERROR[suffix]
    assert np.abs(read[0].astype(int) - pictures()[-1]).mean() > 2 * MEAN_ERROR[suffix]


def test_jpegs_follow_one_another(tmp_path: Path) -> None:
    path = tmp_path / "film.mjpeg"
    write(path)
    data = path.read_bytes()
    assert data.startswith(b"\xff\xd8")
    assert data.count(b"\xff\xd8\xff") == FRAMES


def test_a_frame_of_y4m_is_not_compressed(tmp_path: Path) -> None:
    path = tmp_path / "film.y4m"
    write(path)
    header, _, _ = path.read_bytes().partition(b"\n")
    width, height = SIZE
    assert header.startswith(b"YUV4MPEG2 W64 H48 F15:1")
    frame = len(b"FRAME\n") + width * height * 3 // 2
    assert path.stat().st_size == len(header) + 1 + FRAMES * frame


def test_a_lower_crf_gives_a_larger_film(tmp_path: Path) -> None:
    fine, coarse = tmp_path / "fine.mp4", tmp_path / "coarse.mp4"
    write(fine, crf=10)
    write(coarse, crf=40)
    assert fine.stat().st_size > 1.5 * coarse.stat().st_size


def test_a_film_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"the film before")
    with pytest.raises(ValueError, match="array shape"), FilmWriter(path, SIZE, FPS) as film:
        film.write(np.zeros((48, 64, 5), np.uint8))
    assert path.read_bytes() == b"the film before"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"film\.gif"):
        FilmWriter(tmp_path / "film.gif", SIZE, FPS)
    assert not list(tmp_path.iterdir())
