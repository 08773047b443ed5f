"""Films that were cut without encoding: what their edit lists hide is neither shown nor tracked."""

from pathlib import Path

import av
import numpy as np
import pytest
from support.films import write_film

from coach_server.errors import MediaError
from coach_server.video.limits import FilmLimits
from coach_server.video.playable import is_playable, make_playable
from coach_server.video.probe import probe
from coach_server.video.reader import FilmReader

pytestmark = pytest.mark.film


def cut(source: Path, target: Path, seconds: float, *, faststart: bool = False) -> Path:
    """As `ffmpeg -ss SECONDS -c copy` cuts: an edit list hides what comes before."""
    options = {"avoid_negative_ts": "disabled"} | ({"movflags": "+faststart"} if faststart else {})
    with av.open(str(source)) as film, av.open(str(target), "w", options=options) as out:
        streams = {stream: out.add_stream_from_template(stream) for stream in film.streams}
        for packet in film.demux():
            if packet.dts is None or packet.pts is None:
                continue
            shift = round(seconds / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = streams[packet.stream]
            out.mux(packet)
    return target


def pictures(path: Path) -> tuple[list[float], list[int]]:
    """On the file's own clock, as a browser plays it: when each is shown, and how bright it is."""
    with av.open(str(path)) as film:
        shown = [
            (frame.time, int(frame.to_ndarray(format="gray")[-4, -4]))
            for frame in film.decode(film.streams.video[0])
        ]
    return [time for time, _ in shown if time is not None], [bright for _, bright in shown]


@pytest.mark.parametrize(("seconds", "sound"), [(0.1, False), (1.0, True)])
def test_a_cut_film_begins_with_the_first_picture_that_is_shown(
    tmp_path: Path, seconds: float, sound: bool
) -> None:
    whole = write_film(tmp_path / "whole.mp4", 60, sound=sound)
    source = cut(whole, tmp_path / "cut.mp4", seconds)
    left = 60 - round(seconds * 30)
    assert not is_playable(source)
    facts = probe(source, FilmLimits(), called="cut.mp4")
    assert facts.frames == left
    assert facts.duration_s == pytest.approx((left - 1) / 30)
    make_playable(source, tmp_path / "video.mp4")
    with FilmReader(tmp_path / "video.mp4") as film:
        assert film.expected_frames == left
        tracked = [shown.time_s for shown in film]
    played, bright = pictures(tmp_path / "video.mp4")
    assert played == pytest.approx(np.arange(left) / 30)
    assert tracked == pytest.approx(played)
    assert bright[0] == pytest.approx(60 + round(seconds * 30), abs=3)


def test_a_cut_film_that_ends_too_soon_is_still_refused(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "whole.mp4", 90)
    source = cut(whole, tmp_path / "cut.mp4", 1.0, faststart=True)
    source.write_bytes(source.read_bytes()[:-400])
    with pytest.raises(MediaError), FilmReader(source) as film:
        list(film)
    with pytest.raises(MediaError):
        probe(source, FilmLimits(), called="cut.mp4")


@pytest.mark.parametrize("begins", [0, 20])
def test_a_film_with_pictures_decoded_ahead_is_copied_as_it_is(tmp_path: Path, begins: int) -> None:
    source = write_film(tmp_path / "a.mp4", 40, begins=begins, sound=begins > 0)
    with av.open(str(source)) as film:
        packets = [packet for packet in film.demux(film.streams.video[0]) if packet.size]
        coded = [bytes(packet) for packet in packets]
    first = min(packets, key=lambda packet: packet.dts or 0)
    assert (first.dts or 0) < (first.pts or 0)  # B-frames
    assert is_playable(source)
    make_playable(source, tmp_path / "video.mp4")
    with av.open(str(tmp_path / "video.mp4")) as film:
        video = film.streams.video[0]
        assert [bytes(packet) for packet in film.demux(video) if packet.size] == coded
    with FilmReader(tmp_path / "video.mp4") as film:
        tracked = [shown.time_s for shown in film]
    played, bright = pictures(tmp_path / "video.mp4")
    assert played == pytest.approx(np.arange(40) / 30, abs=1e-3)
    assert tracked == pytest.approx(played)
    assert bright[0] == pytest.approx(60, abs=3)


def test_leading_pictures_that_cannot_be_decoded_are_not_copied(tmp_path: Path) -> None:
    whole = tmp_path / "open.mp4"
    with av.open(str(whole), "w") as out:
        options = {"g": "15", "x264-params": "open-gop=1:scenecut=0:b-adapt=0:bframes=3"}
        stream = out.add_stream("libx264", rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for index in range(60):
            picture = np.full((64, 96, 3), 60 + index, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    source = tmp_path / "a.mp4"  # from the second key frame on, with the B-frames before it
    with av.open(str(whole)) as film, av.open(str(source), "w") as out:
        copied = out.add_stream_from_template(film.streams.video[0])
        keys = 0
        for packet in film.demux(film.streams.video[0]):
            keys += packet.is_keyframe
            if packet.dts is not None and keys > 1:
                packet.stream = copied
                out.mux(packet)
    with av.open(str(source)) as film:
        first, second = list(film.demux(film.streams.video[0]))[:2]
    assert (second.pts or 0) < (first.pts or 0)
    assert not is_playable(source)
    make_playable(source, tmp_path / "video.mp4")
    assert pictures(tmp_path / "video.mp4")[0][0] == 0.0
