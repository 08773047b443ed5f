"""Chapters as WebVTT: which pose is shown when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Final

from coach_server.coaching.holds import Hold
from coach_server.errors import InputError

_TIMING: Final = re.compile(
    r"(?:(\d+):)?([0-5]\d):([0-5]\d)\.(\d{3})\s+-->\s+(?:(\d+):)?([0-5]\d):([0-5]\d)\.(\d{3})"
)
_SAME_S: Final = 0.05
"""Times in files are rounded, and a film's last picture is shown until its end."""
_NUMBER: Final = re.compile(r"Pose \d+")
"""What stands in the place of a name."""


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
    number = 1  # lines are counted from 1; the first is the header
    for block in _blocks(lines[1:]):
        number += block.gap
        has_times = any("-->" in line for line in block.lines[:2])
        if has_times and not block.lines[0].startswith("NOTE"):
            chapters.append(_chapter(path, number, block.lines))
        number += len(block.lines)
    return tuple(chapters)


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines between empty ones; `gap` counts the empty ones before."""

    gap: int
    lines: list[str]


def _blocks(lines: list[str]) -> Iterator[_Block]:
    gap = 0
    for filled, group in groupby(lines, key=lambda line: bool(line.strip())):
        found = list(group)
        if filled:
            yield _Block(gap, found)
        gap = len(found)


def _chapter(path: Path, before: int, lines: list[str]) -> Chapter:
    """The chapter of a block; `before` lines lie above it."""
    at = next(i for i, line in enumerate(lines) if "-->" in line)
    number = before + at + 1
    timing = _TIMING.match(lines[at].strip())
    if not timing:
        raise _bad(path, number, "times look like 00:01.500 --> 00:09.000")
    start, end = _seconds(timing.groups()[:4]), _seconds(timing.groups()[4:])
    if end <= start:
        raise _bad(path, number, "the chapter ends before it begins")
    title = " ".join(line.strip() for line in lines[at + 1 :])
    if not title:
        raise _bad(path, number, "the chapter has no name in the line below")
    return Chapter(start, end, title)


def within(chapters: tuple[Chapter, ...], duration_s: float) -> tuple[Chapter, ...]:
    """The chapters cut at the film's end.

    Raises:
        InputError: one begins after the end.
    """
    for chapter in chapters:
        if chapter.start_s + _SAME_S > duration_s:
            raise InputError(
                f"The chapter {chapter.title!r} begins at {chapter.start_s:.1f} s, but the film "
                f"ends at {duration_s:.1f} s.",
                hint="Give the chapters of this film.",
                code="bad_chapters",
            )
    return tuple(replace(c, end_s=min(c.end_s, duration_s)) for c in chapters)


def numbered(holds: tuple[Hold, ...], names: tuple[str, ...] = ()) -> tuple[Chapter, ...]:
    """Chapters for holds; those that have no name are numbered.

    Args:
        holds: in order.
        names: one for each hold, "" where it has none; () where none has.
    """
    given = names or ("",) * len(holds)
    return tuple(
        Chapter(hold.start_s, hold.end_s, name or f"Pose {number}")
        for number, (hold, name) in enumerate(zip(holds, given, strict=True), start=1)
    )


def are_numbered(chapters: tuple[Chapter, ...]) -> bool:
    """Whether these are chapters that `numbered` made."""
    return all(
        chapter.title == f"Pose {number}" for number, chapter in enumerate(chapters, start=1)
    )


def moved(
    chapters: tuple[Chapter, ...], before: tuple[Hold, ...], after: tuple[Hold, ...]
) -> tuple[Chapter, ...]:
    """Chapters when holds are others: those that were of the holds themselves go with them."""
    apart = [
        abs(chapter.start_s - hold.start_s) + abs(chapter.end_s - hold.end_s)
        for chapter, hold in zip(chapters, before, strict=False)
    ]
    if len(chapters) != len(before) or any(off > _SAME_S for off in apart):
        return chapters
    return numbered(after, names_of(after, chapters))


def names_of(holds: tuple[Hold, ...], chapters: tuple[Chapter, ...]) -> tuple[str, ...]:
    """The name of each hold's pose: that of the chapter it lies in; "" where none has a name."""
    names = []
    for hold in holds:
        shared = [
            (min(chapter.end_s, hold.end_s) - max(chapter.start_s, hold.start_s), chapter.title)
            for chapter in chapters
        ]
        longest, title = max(shared, default=(0.0, ""))
        names.append(title if longest > 0 and not _NUMBER.fullmatch(title) else "")
    return tuple(names)


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
