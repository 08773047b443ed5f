"""The film that simulated webcams send: VP8 as a browser makes it, encoded once and kept."""

import hashlib
import os
import tempfile
from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.video.stream import VideoStream

from coach_server.library.demo import STUDENTS
from coach_server.resources import packaged
from coach_server.video.reader import FilmReader

FILM_FPS: Final = 30
"""Of the demo's students."""
_BITS_PER_S: Final = 1_500_000
"""Of a browser's webcam at 640x480 and 30 frames a second."""
_OPTIONS: Final = {"deadline": "realtime", "cpu-used": "8", "error-resilient": "1"}
_VERSION: Final = 2
"""Counted up with every change of what is encoded, so that no older file is read."""


@dataclass(frozen=True, slots=True)
class EncodedFilm:
    """A film's frames as VP8, a key frame every second; shared by all who send it.

    Attributes:
        fps: frames a second.
        packets: one a frame.
        keys: indices of the key frames, ascending; the first is 0.
    """

    fps: int
    packets: tuple[bytes, ...]
    keys: tuple[int, ...]

    def key_from(self, index: int) -> int:
        """The first key frame at or after `index`; the film's first where there is none."""
        at = bisect_left(self.keys, index)
        return self.keys[at] if at < len(self.keys) else 0


class Films:
    """One film at the rates and sizes asked for, each encoded once and kept on disk.

    Args:
        cache: where encoded films are kept.
        film: of a student, at 30 frames a second; the demo's.
        seconds: of its beginning; all of it.
    """

    def __init__(self, cache: Path, film: Path | None = None, seconds: float | None = None) -> None:
        self._film = film or packaged("static") / "demo" / f"student_{STUDENTS[-1]}.mp4"
        self._folder = cache / "bench" / "webcams"
        self._seconds = seconds
        self._kept: dict[tuple[int, float], EncodedFilm] = {}

    def at(self, max_fps: float, scale_down: float = 1.0) -> EncodedFilm:
        """The film at `max_fps`, its sides divided by `scale_down`; slow the first time."""
        key = max(1, min(FILM_FPS, round(max_fps))), max(1.0, scale_down)
        if key not in self._kept:
            path = self._path(*key)
            if not path.exists():
                _encode(self._film, path, *key, self._seconds)
            self._kept[key] = _read(path, key[0])
        return self._kept[key]

    def _path(self, fps: int, smaller: float) -> Path:
        of = self._film.stat()
        source = f"{self._film.resolve()} {of.st_size} {of.st_mtime_ns} {self._seconds} {_VERSION}"
        name = hashlib.sha256(source.encode()).hexdigest()[:12]
        return self._folder / f"{name}-{fps}fps-{smaller:g}.ivf"


def _encode(film: Path, path: Path, fps: int, smaller: float, seconds: float | None) -> None:
    """Write the film as a browser would send it: whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    try:
        with av.open(unfinished, "w", format="ivf") as out, FilmReader(film) as reader:
            stream: VideoStream | None = None
            count = 0
            for index, shown in enumerate(reader):
                if seconds is not None and shown.time_s >= seconds:
                    break
                if index < count * FILM_FPS // fps:
                    continue
                width, height = (
                    2 * round(side / smaller / 2)
                    for side in (shown.frame.width, shown.frame.height)
                )
                if stream is None:
                    stream = out.add_stream("libvpx", rate=fps, options=dict(_OPTIONS))
                    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
                    stream.bit_rate = round(_BITS_PER_S * fps / FILM_FPS / smaller**2)
                    stream.codec_context.gop_size = fps
                    stream.codec_context.thread_count = 1
                picture = shown.frame.reformat(width, height, format="yuv420p")
                picture.pts, picture.time_base = count, Fraction(1, fps)
                count += 1
                out.mux(stream.encode(picture))
            if stream is not None:
                out.mux(stream.encode(None))
        Path(unfinished).replace(path)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _read(path: Path, fps: int) -> EncodedFilm:
    packets: list[bytes] = []
    keys: list[int] = []
    with av.open(str(path), format="ivf") as container:
        for packet in container.demux(video=0):
            if packet.size:
                if packet.is_keyframe:
                    keys.append(len(packets))
                packets.append(bytes(packet))
    return EncodedFilm(fps, tuple(packets), tuple(keys))
