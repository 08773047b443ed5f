"""Films are read upright and whole, and what is no film is refused with the reason."""

from pathlib import Path

import av
import numpy as np
import pytest
from support.films import write_film

from coach_server.errors import MediaError, TooLargeError
from coach_server.video.limits import FilmLimits
from coach_server.video.pixels import PictureMaker
from coach_server.video.playable import make_playable
from coach_server.video.reader import FilmReader
from coach_server.video.still import save_still

pytestmark = pytest.mark.film


def test_every_frame_comes_with_its_time(tmp_path: Path) -> None:
    with FilmReader(write_film(tmp_path / "a.mp4", 20, fps=10)) as film:
        assert film.fps == 10
        assert film.expected_frames == 20
        times = [shown.time_s for shown in film]
    assert times == pytest.approx(np.arange(20) / 10)


@pytest.mark.parametrize(
    ("rotation", "corner"), [(0, "top left"), (90, "bottom left"), (180, "bottom right")]
)
def test_a_rotated_film_is_read_upright(tmp_path: Path, rotation: int, corner: str) -> None:
    path = write_film(tmp_path / "phone.mp4", 3, rotation=rotation)
    with FilmReader(path) as film:
        rgb = PictureMaker().rgb(next(iter(film)).frame)
    assert rgb.shape == ((96, 64, 3) if rotation == 90 else (64, 96, 3))
    row = 4 if corner.startswith("top") else -4
    column = 4 if corner.endswith("left") else -4
    red, green, _ = rgb[row, column].astype(int)
    assert red > 180
    assert green < 90


def test_the_view_is_the_frame_and_no_second_copy(tmp_path: Path) -> None:
    with FilmReader(write_film(tmp_path / "a.mp4", 1, size=(100, 64))) as film:
        rgb = PictureMaker().rgb(next(iter(film)).frame)
    assert rgb.base is not None
    assert rgb.strides[0] >= 300  # rows may be padded


@pytest.mark.parametrize(
    "content", [b"", b"not a film", b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 64]
)
def test_what_is_no_film_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaError) as caught, FilmReader(path) as film:
        list(film)
    assert caught.value.hint


def test_a_film_cut_short_keeps_what_can_be_read_or_is_refused(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", 60)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(MediaError), FilmReader(path) as film:
        list(film)


def test_a_playlist_called_mp4_opens_no_other_file(tmp_path: Path) -> None:
    write_film(tmp_path / "secret.mp4", 3)
    playlist = tmp_path / "a.mp4"
    playlist.write_text("ffconcat version 1.0\nfile secret.mp4\n")
    with pytest.raises(MediaError), FilmReader(playlist):
        pass


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 2048), np.int16), format="s16", layout="stereo"
        )
        frame.sample_rate, frame.pts = 48_000, 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with pytest.raises(MediaError, match="no picture"):
        FilmReader(path)


def test_a_picture_too_large_is_refused_before_decoding(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", 1, size=(320, 240))
    with pytest.raises(TooLargeError, match="320 x 240"):
        FilmReader(path, FilmLimits(max_pixels=200 * 200))


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_a_film_becomes_playable_and_keeps_its_sound(tmp_path: Path, codec: str) -> None:
    source = write_film(tmp_path / "a.mov", 30, codec=codec, sound=True, rotation=90)
    target = tmp_path / "video.mp4"
    make_playable(source, target)
    with av.open(str(target)) as film:
        assert film.streams.video[0].codec_context.name == "h264"
        assert film.streams.audio[0].codec_context.name == "aac"
        frames = list(film.decode(video=0))
    assert len(frames) == 30
    assert frames[0].rotation % 360 == 90


@pytest.mark.parametrize("name", ["vfr.webm", "odd.mkv", "late.mkv"])
def test_films_of_any_kind_become_playable(tmp_path: Path, name: str) -> None:
    codec = "libvpx" if name.endswith("webm") else "mpeg4"
    size = (97, 65) if name == "odd.mkv" else (96, 64)
    begins = 20 if name == "late.mkv" else 0
    source = write_film(
        tmp_path / name, 30, codec=codec, size=size, begins=begins, every=2, sound=begins > 0
    )
    make_playable(source, tmp_path / "video.mp4")
    with FilmReader(tmp_path / "video.mp4") as film:
        times = [shown.time_s for shown in film]
    with av.open(str(tmp_path / "video.mp4")) as played:
        first = next(played.decode(video=0))
        assert first.width % 2 == first.height % 2 == 0
        assert first.time == pytest.approx(0.0, abs=0.01)
    assert times == pytest.approx(np.arange(30) * 2 / 30, abs=0.01)


def test_the_still_is_the_frame_asked_for(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mp4", 60, size=(1280, 720))
    save_still(film, 1.0, tmp_path / "poster.jpg")
    with av.open(str(tmp_path / "poster.jpg")) as picture:
        frame = next(picture.decode(video=0))
    assert (frame.width, frame.height) == (640, 360)
    grey = frame.to_ndarray(format="rgb24")[-1, -1].astype(float)
    assert grey == pytest.approx(np.full(3, 60 + 30), abs=8)
