"""What strangers send is looked at apart, and refused for what it is, whatever it is called."""

import json
import os
import subprocess
import sys
from pathlib import Path

import av
import av.logging
import pytest
from support.films import write_film, write_gigantic_picture

from coach_server.errors import KindError, MediaError, TooLargeError
from coach_server.video import probe as film_probe
from coach_server.video.kinds import kind_of, promised_bytes
from coach_server.video.limits import FilmLimits
from coach_server.video.probe import probe_apart
from coach_server.video.reader import FilmReader

pytestmark = pytest.mark.film


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.avi", "a.ts"])
def test_a_film_of_any_kind_is_known(tmp_path: Path, name: str) -> None:
    codec = "libvpx" if name.endswith("webm") else "libx264"
    film = write_film(tmp_path / name, 12, fps=10, codec=codec)
    assert kind_of(film.read_bytes()[:512], name) == "film"
    facts = probe_apart(film, FilmLimits(), called=name)
    assert (facts.width, facts.height, facts.frames) == (96, 64, 12)
    assert facts.duration_s == pytest.approx(1.1, abs=0.01)


def decoding_threads() -> list[str]:
    """FFmpeg's own in this process, by the names that it gives them."""
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    return [name for name in names if name.startswith("av:")]


@pytest.mark.parametrize("threads", [False, True])
def test_a_film_is_read_by_one_thread_where_that_is_asked_for(
    tmp_path: Path, *, threads: bool
) -> None:
    film = write_film(tmp_path / "a.ts", 12, fps=10)
    with FilmReader(film, threads=threads) as reader:
        reader.count()
        assert bool(decoding_threads()) == (threads and (os.cpu_count() or 1) > 1)


def test_nobody_else_decodes_while_python_hears_what_ffmpeg_complains_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyAV waits for a decoder's threads with the lock for which one that complains waits."""
    seen: list[tuple[bool, list[str]]] = []

    class Watched(FilmReader):
        def count(self) -> tuple[int, float]:
            counted = super().count()
            seen.append((av.logging.get_level() is not None, decoding_threads()))
            return counted

    monkeypatch.setattr(film_probe, "FilmReader", Watched)
    film = write_film(tmp_path / "a.ts", 12, fps=10)
    assert film_probe.probe(film, FilmLimits(), called="a.ts").frames == 12
    assert seen == [(True, [])]


@pytest.mark.parametrize(
    ("content", "error", "why"),
    [
        (b"", MediaError, "empty"),
        (b"Dear coach, this is a letter.", MediaError, "text"),
        (b"\x00\x01\x02\x03" * 200, MediaError, "no film"),
        (b"ffconcat version 1.0\nfile secret.mp4\n", KindError, "playlist"),
        (b"\xef\xbb\xbf#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", KindError, "playlist"),
        (b"<?xml version='1.0'?><MPD></MPD>", KindError, "XML"),
        (b"\x89PNG\r\n\x1a\n" + bytes(600), KindError, "picture"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(600), KindError, "picture"),
        (b"PK\x03\x04" + bytes(600), KindError, "archive"),
        (b"#!/bin/sh\nrm -rf /\n", KindError, "program"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(600), MediaError, "damaged"),
    ],
)
def test_what_is_no_film_is_refused_with_the_reason(
    tmp_path: Path, content: bytes, error: type[Exception], why: str
) -> None:
    path = written(tmp_path / "film", content)
    with pytest.raises(error, match=why) as caught:
        probe_apart(path, FilmLimits(), called="flow.mp4")
    assert "flow.mp4" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.mp4"
    os.mkfifo(secret)  # who opens it waits for ever
    for text in ("ffconcat version 1.0\nfile secret.mp4\n", f"#EXTM3U\n{secret}\n"):
        path = written(tmp_path / "a.mp4", text.encode())
        with pytest.raises(KindError):
            probe_apart(path, FilmLimits(), called="a.mp4")


def test_a_film_cut_short_is_refused(tmp_path: Path) -> None:
    """An mp4 loses the index at its end; what a Matroska file has of pictures could be played."""
    for name, codec, code, why in (
        ("a.mp4", "libx264", "bad_media", "it is damaged"),
        ("a.mkv", "libx264", "cut_short", r"a\.mkv is cut short: it has \d+ of \d+ bytes"),
        ("a.webm", "libvpx", "cut_short", r"a\.webm is cut short: it has \d+ of \d+ bytes"),
    ):
        content = write_film(tmp_path / name, 60, codec=codec).read_bytes()
        for share in (0.2, 0.5, 0.9):
            cut = written(tmp_path / f"cut-{name}", content[: int(share * len(content))])
            with pytest.raises(MediaError, match=why) as refused:
                probe_apart(cut, FilmLimits(), called=name)
            assert refused.value.error_code == code


HEADER = b"\x1aE\xdf\xa3\x84\0\0\0\0"
"""Of a Matroska file, of 9 bytes."""


@pytest.mark.parametrize(
    ("head", "count"),
    [
        (HEADER + b"\x18S\x80g\x8a", 9 + 5 + 10),
        (HEADER + b"\x18S\x80g\x01\0\0\0\0\0\x10\0", 9 + 12 + 4096),
        (HEADER + b"\x18S\x80g\x01" + b"\xff" * 7, 0),  # live: it did not know yet
        (HEADER + b"\x18S\x80g\xff", 0),
        (HEADER + b"\x18S\x80g\x01\0\0", 0),
        (HEADER + b"\x18S\x80g\0" + b"\1" * 9, 0),
        (HEADER + b"\x18S\x80g", 0),
        (HEADER, 0),
        (HEADER[:4], 0),
        (b"\0\0\0\x18ftypmp42", 0),
        (b"", 0),
    ],
)
def test_how_large_a_matroska_file_says_it_is(head: bytes, count: int) -> None:
    assert promised_bytes(head) == count


def test_a_picture_bomb_is_refused_for_its_size(tmp_path: Path) -> None:
    bomb = write_gigantic_picture(tmp_path / "bomb.mp4", 8000, "mpeg4", "yuv420p")
    assert bomb.stat().st_size < 2_000_000
    with pytest.raises(TooLargeError, match=r"8000 x 8000|megapixels"):
        probe_apart(bomb, FilmLimits(), called="bomb.mp4")


REFUSING = """
import json, sys
from pathlib import Path
from coach_server.errors import TooLargeError
from coach_server.video.limits import FilmLimits
from coach_server.video.probe import probe

def peak_mb():  # of this program alone: getrusage tells what was before it, too
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024

before_mb = peak_mb()
try:
    probe(Path(sys.argv[1]), FilmLimits(), called="bomb.mov")
except TooLargeError as error:
    print(json.dumps([error.http_status, peak_mb() - before_mb]))
"""


def test_a_gigantic_picture_is_refused_before_it_costs_anything(tmp_path: Path) -> None:
    bomb = write_gigantic_picture(tmp_path / "bomb.mov")
    assert bomb.stat().st_size < 20_000_000
    command = [sys.executable, "-P", "-c", REFUSING, str(bomb)]
    done = subprocess.run(command, capture_output=True, check=True)
    status, grown_mb = json.loads(done.stdout)
    assert status == 413
    assert grown_mb < 100, "its decoded picture has 216 MB"


@pytest.mark.parametrize(
    "limits",
    [FilmLimits(max_bytes=500), FilmLimits(max_seconds=0.5), FilmLimits(max_frames=10)],
)
def test_bytes_seconds_and_frames_have_limits(tmp_path: Path, limits: FilmLimits) -> None:
    film = write_film(tmp_path / "a.mkv", 30)
    with pytest.raises(TooLargeError):
        probe_apart(film, limits, called="a.mkv")
