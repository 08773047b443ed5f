"""Chapters as WebVTT: which pose is shown when."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coach_server.errors import InputError

_TIMING: Final = re.compile(
    r"(?:(\d+):)?([0-5]\d):([0-5]\d)\.(\d{3})\s+-->\s+(?:(\d+):)?([0-5]\d):([0-5]\d)\.(\d{3})"
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One named stretch, seconds on the routine's clock."""

    start_s: float
    end_s: float
    title: str


def read_chapters(path: Path) -> tuple[Chapter, ...]:
    """The chapters of a WebVTT file.

    Raises:
        InputError: the file is missing or no WebVTT, or a chapter ends before it begins; says
            in which line.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The chapters in {path.name} cannot be read.",
            hint="Give a WebVTT file in UTF-8.",
            code="bad_chapters",
        ) from error
    lines = text.splitlines()
    if not lines or not lines[0].startswith("WEBVTT"):
        raise _bad(path, 1, "a WebVTT file begins with the word WEBVTT")
    chapters = []
    for number, line in enumerate(lines, start=1):
        if "-->" not in line:
            continue
        timing = _TIMING.match(line.strip())
        if not timing:
            raise _bad(path, number, "times look like 00:01.500 --> 00:09.000")
        start, end = _seconds(timing.groups()[:4]), _seconds(timing.groups()[4:])
        if end <= start:
            raise _bad(path, number, "the chapter ends before it begins")
        title = lines[number].strip() if number < len(lines) else ""
        if not title:
            raise _bad(path, number, "the chapter has no name in the line below")
        chapters.append(Chapter(start, end, title))
    return tuple(chapters)


def write_chapters(chapters: tuple[Chapter, ...], path: Path) -> None:
    """Write chapters as WebVTT."""
    blocks = [
        f"{_stamp(chapter.start_s)} --> {_stamp(chapter.end_s)}\n{chapter.title}\n"
        for chapter in chapters
    ]
    path.write_text("\n".join(["WEBVTT\n", *blocks]), "utf-8")


def _seconds(groups: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, millis = (int(group or 0) for group in groups)
    return hours * 3600 + minutes * 60 + seconds + millis / 1000


def _stamp(seconds: float) -> str:
    millis = round(seconds * 1000)
    return (
        f"{millis // 3_600_000:02}:{millis // 60_000 % 60:02}:"
        f"{millis // 1000 % 60:02}.{millis % 1000:03}"
    )


def _bad(path: Path, line: int, why: str) -> InputError:
    return InputError(
        f"{path.name}, line {line}: {why}.", hint="Mend that line.", code="bad_chapters"
    )
