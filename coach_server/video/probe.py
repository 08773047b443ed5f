"""A first look at a film that a stranger sent, in a process of its own that may use little.

Demuxing and decoding are where a crafted file does its harm. So nothing of a film is read in the
server itself: `probe_apart` starts this module as a program, which says what the film is, or why it
is refused. All packets are read, for what a film says of its length need not be so; one picture is
decoded.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import av.logging
import structlog

from coach_server.environment import without_settings
from coach_server.errors import CoachError, InputError, KindError, MediaError, TooLargeError
from coach_server.video.course import cut_short
from coach_server.video.kinds import HEAD, kind_of, promised_bytes
from coach_server.video.limits import FilmLimits
from coach_server.video.reader import WHOLE, FilmReader

MEMORY: Final = 768 << 20
"""Bytes that the process may have for its data: a picture of the largest size, some times over."""
CPU_S: Final = 60
WALL_S: Final = 90.0

_log = structlog.get_logger(__name__)

_TOO_LARGE: Final = "exceeds specified max pixel count"

_ERRORS: Final[dict[str, type[InputError]]] = {
    kind.__name__: kind for kind in (InputError, KindError, MediaError, TooLargeError)
}


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What a film is.

    Attributes:
        width, height: of its pictures, as they are stored.
        frames: how many there are.
        duration_s: from the first to the last.
    """

    width: int
    height: int
    frames: int
    duration_s: float


def probe(path: Path, limits: FilmLimits, *, called: str) -> FilmFacts:
    """Look at a film in this very process.

    Args:
        path: of the film.
        limits: how large it may be.
        called: what the user calls it.

    Raises:
        KindError, MediaError, TooLargeError: it is refused; says why.
    """
    limits.check_bytes(path.stat().st_size, called)
    with path.open("rb") as file:
        head = file.read(HEAD)
    if kind_of(head, called) != "film":
        raise KindError(f"{called} is a zip archive, no film.", hint="Give a film.")
    count, promised = path.stat().st_size, promised_bytes(head)
    if count < WHOLE * promised:
        raise cut_short(called, f"{count} of {promised} bytes")
    try:
        with (
            _ffmpeg_says() as said,
            FilmReader(path, limits, called=called, threads=False) as reader,
        ):
            frames, duration_s = reader.count()
            width, height = reader.size
    except MediaError as error:
        if any(_TOO_LARGE in line for line in said):  # the header alone did not tell its size
            raise TooLargeError(
                f"{called} has pictures of more than {limits.max_pixels / 1e6:.0f} megapixels.",
                hint="Scale it to 1920 x 1080 or smaller.",
            ) from error
        raise
    return FilmFacts(width, height, frames, duration_s)


@contextmanager
def _ffmpeg_says() -> Iterator[list[str]]:
    """Collects what FFmpeg complains of meanwhile, in this process."""
    said: list[str] = []
    level = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture(local=False) as lines:
            try:
                yield said
            finally:
                said += [line for _, _, line in lines]
    finally:
        av.logging.set_level(level)


def probe_apart(path: Path, limits: FilmLimits, *, called: str) -> FilmFacts:
    """`probe` in a process that may use little memory and time; blocks until it has ended.

    Raises:
        KindError, MediaError, TooLargeError: it is refused; says why.
    """
    asked = json.dumps({"path": str(path), "limits": asdict(limits), "called": called})
    told = _asked_apart(asked) or _asked_apart(asked)  # one may be killed for what others took
    if told is None:
        raise MediaError(
            f"{called} cannot be read: it takes more memory or time than a film may.",
            hint="Save it anew as mp4 with a video editor, at 1280 x 720 or smaller.",
        )
    if "error" in told:
        kind = _ERRORS.get(told["kind"], InputError)
        refusal = told["error"]
        raise kind(refusal["message"], hint=refusal["hint"], code=refusal["code"])
    return FilmFacts(**told)


def _asked_apart(asked: str) -> dict[str, Any] | None:
    """What one process answers; None where it was killed by its limits, or crashed.

    It gets no settings: the token may be among them, and it opens a stranger's film.
    """
    try:
        done = subprocess.run(  # no shell; our own interpreter and module
            [sys.executable, "-P", "-m", "coach_server.video.probe"],
            input=asked.encode(),
            capture_output=True,
            env=without_settings(),
            timeout=WALL_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        _log.warning("a look at a film took too long", seconds=WALL_S)
        return None
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.decode(errors="replace").strip().rsplit("\n", 1)[-1]
        _log.warning("a look at a film ended without an answer", code=done.returncode, said=last)
        return None
    return told


def _main() -> None:
    """Answer on stdout what is asked on stdin, as JSON, within limits."""
    for what, most in (
        (resource.RLIMIT_DATA, MEMORY),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    asked = json.load(sys.stdin)
    limits = FilmLimits(**asked["limits"])
    try:
        told: dict[str, Any] = asdict(probe(Path(asked["path"]), limits, called=asked["called"]))
    except CoachError as error:
        told = {"kind": type(error).__name__, **error.as_dict()}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    _main()
