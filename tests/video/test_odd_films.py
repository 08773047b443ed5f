"""Films out of the common become films that play, or are refused with the reason."""

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from support.films import ScriptedEngines, write_film

from coach_server.errors import FullError, MediaError, TooLargeError
from coach_server.library.tracking import track_film
from coach_server.video.limits import FilmLimits
from coach_server.video.pixels import PictureMaker
from coach_server.video.playable import is_playable, make_playable
from coach_server.video.probe import probe
from coach_server.video.reader import FilmReader

pytestmark = pytest.mark.film


def squeezed(path: Path, aspect: Fraction, *, rotation: int = 0) -> Path:
    """A film whose pixels are `aspect` times as wide as they are high; its left half is bright."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        picture = np.zeros((64, 96, 3), np.uint8)
        picture[:, :48] = 200
        for _ in range(5):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("aspect", "rotation", "shape"),
    [
        (Fraction(16, 11), 0, (64, 140)),
        (Fraction(1, 2), 0, (64, 48)),
        (Fraction(4, 3), 90, (128, 64)),
        (Fraction(201, 200), 0, (64, 96)),
    ],
)
def test_pixels_become_square(
    tmp_path: Path, aspect: Fraction, rotation: int, shape: tuple[int, int]
) -> None:
    source = squeezed(tmp_path / "a.mp4", aspect, rotation=rotation)
    make_playable(source, tmp_path / "video.mp4")
    for path in (source, tmp_path / "video.mp4"):
        with FilmReader(path) as film:
            rgb = PictureMaker().rgb(next(iter(film)).frame)
        assert rgb.shape[:2] == shape
        halves = np.array_split(rgb, 2, axis=0 if rotation else 1)
        assert abs(int(halves[0].mean()) - int(halves[1].mean())) > 150
    with av.open(str(tmp_path / "video.mp4")) as played:
        left = played.streams.video[0].sample_aspect_ratio or Fraction(1)
    assert float(left) == pytest.approx(1.0, abs=0.01)


def test_a_film_is_as_large_as_it_is_once_its_pixels_are_square(tmp_path: Path) -> None:
    source, limits = squeezed(tmp_path / "a.mp4", Fraction(4, 1)), FilmLimits(max_pixels=150 * 100)
    with pytest.raises(TooLargeError, match="384 x 64"):
        FilmReader(source, limits)
    with pytest.raises(TooLargeError, match="384 x 64"):
        make_playable(source, tmp_path / "video.mp4", limits=limits)


def at_times(path: Path, times_ms: Sequence[int]) -> Path:
    """A film whose pictures are shown at these times, later or not."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"tune": "zerolatency"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 90, np.uint8), format="rgb24")
        packets = [packet for _ in times_ms for packet in stream.encode(picture)]
        for packet, time_ms in zip(packets + stream.encode(None), times_ms, strict=True):
            packet.time_base = Fraction(1, 1000)
            packet.pts = packet.dts = time_ms
            out.mux(packet)
    return path


def test_a_picture_not_shown_later_than_the_last_is_left_out(tmp_path: Path) -> None:
    source = at_times(tmp_path / "a.mkv", [0, 33, 67, 67, 67, 100, 133])
    make_playable(source, tmp_path / "video.mp4")
    for path in (source, tmp_path / "video.mp4"):
        with FilmReader(path) as film:
            times = [shown.time_s for shown in film]
        assert all(later > before for before, later in pairwise(times))
        assert times == pytest.approx([0.0, 0.033, 0.067, 0.1, 0.133], abs=2e-3)


def test_a_film_whose_pictures_all_have_one_time_is_refused(tmp_path: Path) -> None:
    source = at_times(tmp_path / "a.mkv", [40] * 6)
    engines = ScriptedEngines(np.zeros((6, 17, 3), np.float32))
    with pytest.raises(MediaError, match="one time"):
        track_film(source, engines.new_detector(), engines.new_lifter())
    with pytest.raises(MediaError, match="one time"):
        make_playable(source, tmp_path / "video.mp4")
    with pytest.raises(MediaError, match="one time"):
        probe(source, FilmLimits(), called="a.mkv")


@contextmanager
def room_for(count: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: the muxer sees EFBIG, as ENOSPC on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_full_disk_is_called_a_full_disk(tmp_path: Path, name: str) -> None:
    source = write_film(tmp_path / name, 30, size=(320, 240))
    with pytest.raises(FullError, match="no room") as caught, room_for(2000):
        make_playable(source, tmp_path / "video.mp4", called="flow.mp4")
    assert caught.value.hint
    assert "flow.mp4" in caught.value.message
    assert str(tmp_path) not in caught.value.message


def with_sound(path: Path, seconds: int) -> Path:
    """A film of a second, with so many seconds of silence."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=30)
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        audio = out.add_stream("aac", rate=48_000)
        silence = av.AudioFrame.from_ndarray(
            np.zeros((1, 2048), np.int16), format="s16", layout="stereo"
        )
        silence.sample_rate = 48_000
        packets = [packet for _ in range(4) for packet in audio.encode(silence)]
        picture = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 90, np.uint8), format="rgb24")
        for _ in range(30):
            out.mux(video.encode(picture))
        out.mux(video.encode(None))
        coded = bytes(packets[-1])
        for index in range(seconds * 48_000 // 1024):
            packet = av.Packet(coded)
            packet.stream, packet.time_base = audio, Fraction(1, 48_000)
            packet.pts = packet.dts = index * 1024
            out.mux(packet)
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_sound_does_not_go_on_without_pictures(tmp_path: Path, name: str) -> None:
    source = with_sound(tmp_path / name, 30)
    assert is_playable(source) == name.endswith("mp4")
    make_playable(source, tmp_path / "video.mp4")
    with av.open(str(tmp_path / "video.mp4")) as film:
        assert film.streams.audio
        assert film.duration is not None
        assert 1.0 <= film.duration / av.time_base < 2.1


def test_no_folder_of_the_server_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone.mp4"
    for call in (
        lambda: FilmReader(gone, called="flow.mp4"),
        lambda: make_playable(gone, tmp_path / "video.mp4", called="flow.mp4"),
    ):
        with pytest.raises(MediaError, match=r"There is no file flow\.mp4"):
            call()
