"""What people change of a routine by hand: its title, mirror, level, names of poses, and holds."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Final

from coach_server.coaching.anomalies import Anomaly
from coach_server.coaching.holds import Hold
from coach_server.coaching.routine import Mirror
from coach_server.errors import InputError
from coach_server.library.chapters import (
    Chapter,
    moved,
    read_chapters,
    write_chapters,
)
from coach_server.library.routine_file import (
    FILE,
    MAX_TITLE,
    Level,
    RoutineMeta,
    Segment,
    Span,
    write_meta,
)
from coach_server.library.segments import hold_segments, is_seen, with_transitions
from coach_server.library.store import RoutineLibrary, StoredRoutine
from coach_server.library.text import seen_text
from coach_server.library.track_file import load_track

SHORTEST_S: Final = 0.3
"""A shorter hold cannot be followed, let alone judged."""

SHORTEST_NAME_S: Final = 0.05
"""A name that is shown for less is none; files hold thousandths."""

MAX_HOLDS: Final = 1000
MAX_NAME: Final = 200
"""Characters of a chapter's name."""


class Unchanged(Enum):
    """Leaves as it is what may also be nothing."""

    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be changed; None leaves as it is.

    Attributes:
        title: what people call the routine.
        mirror: how students follow unless they choose themselves.
        level: whom it is for; None says that nobody knows.
        chapters: all names of poses, with their times.
        holds: all holds; their importance is taken from the track anew where they were moved.
    """

    title: str | None = None
    mirror: Mirror | None = None
    level: Level | Unchanged | None = Unchanged.UNCHANGED
    chapters: tuple[Chapter, ...] | None = None
    holds: tuple[Span, ...] | None = None


def edit_routine(library: RoutineLibrary, routine_id: str, edit: Edit) -> RoutineMeta:
    """Change a routine, wholly or not at all; gives what it has become.

    Raises:
        NotFoundError: there is no such routine.
        BusyError: somebody else changes it at this moment.
        InputError: something does not fit; says what. Nothing is changed.
    """
    with library.changing(routine_id) as stored:
        meta = stored.meta
        if edit.title is not None:
            meta = meta.model_copy(update={"title": checked_title(edit.title)})
        if edit.mirror is not None:
            meta = meta.model_copy(update={"mirror": edit.mirror})
        if edit.level is not Unchanged.UNCHANGED:
            meta = meta.model_copy(update={"level": edit.level})
        chapters = None
        if edit.chapters is not None:
            chapters = _checked_chapters(edit.chapters, meta.duration_s)
        if edit.holds is not None:
            spans = checked_holds(edit.holds, meta.duration_s)
            if spans != [(hold.start_s, hold.end_s) for hold in meta.holds]:
                segments = _segments(stored, spans)
                meta = meta.model_copy(update={"segments": segments, "holds_by_hand": True})
                if chapters is None:
                    before = tuple(Hold(hold.start_s, hold.end_s) for hold in stored.meta.holds)
                    after = tuple(Hold(*span) for span in spans)
                    chapters = moved(read_chapters(stored.chapters), before, after)
        _write(library, stored, meta, chapters)
        return meta


def checked_title(title: str) -> str:
    """A title as it is kept.

    Raises:
        InputError: it is empty or too long.
    """
    title = seen_text(title)
    if not 1 <= len(title) <= MAX_TITLE:
        raise InputError(
            f"A title has 1 to {MAX_TITLE} characters; this one has {len(title)}.",
            hint="Choose another.",
            code="bad_title",
        )
    return title


def _checked_chapters(chapters: tuple[Chapter, ...], duration_s: float) -> tuple[Chapter, ...]:
    if len(chapters) > MAX_HOLDS:
        raise _bad("chapters", f"there are more than {MAX_HOLDS} names")
    kept = []
    for chapter in sorted(chapters, key=lambda chapter: chapter.start_s):
        title = seen_text(chapter.title).replace("-->", "→")
        if not 1 <= len(title) <= MAX_NAME:
            raise _bad("chapters", f"a name has 1 to {MAX_NAME} characters, not {len(title)}")
        end_s = min(chapter.end_s, duration_s)
        if not 0 <= chapter.start_s <= end_s - SHORTEST_NAME_S:
            raise _bad(
                "chapters",
                f"{title!r} ends before it begins, lies outside the film, or is shorter than "
                f"{SHORTEST_NAME_S} s",
            )
        kept.append(Chapter(chapter.start_s, end_s, title))
    return tuple(kept)


def checked_holds(holds: Sequence[Span], duration_s: float) -> list[tuple[float, float]]:
    """The holds in order, to the film's end at the most.

    Raises:
        InputError: they overlap, are too short or too many, or lie outside the film.
    """
    if len(holds) > MAX_HOLDS:
        raise _bad("holds", f"there are more than {MAX_HOLDS} of them")
    spans = sorted((hold.start_s, min(hold.end_s, duration_s)) for hold in holds)
    for start_s, end_s in spans:
        if end_s - start_s < SHORTEST_S:
            raise _bad("holds", f"that at {start_s:.1f} s is shorter than {SHORTEST_S} s")
    for (_, end_s), (start_s, _) in pairwise(spans):
        if start_s < end_s:
            raise _bad("holds", f"two of them overlap at {start_s:.1f} s")
    return spans


def _segments(stored: StoredRoutine, spans: list[tuple[float, float]]) -> tuple[Segment, ...]:
    """The holds as given; one that was not moved keeps its importance."""
    track = load_track(stored.track)
    wanted = tuple(Hold(*span) for span in spans)
    for hold in wanted:
        if not is_seen(track, hold):
            raise _bad("holds", f"nobody is seen in that at {hold.start_s:.1f} s")
    kept = {(hold.start_s, hold.end_s): hold for hold in stored.meta.holds}
    anomalies = tuple(Anomaly(span.start_s, span.end_s) for span in stored.meta.anomalies)
    new = hold_segments(track, wanted, anomalies)
    holds = [kept.get((hold.start_s, hold.end_s), hold) for hold in new]
    repetitions = [s for s in stored.meta.segments if s.kind == "repetitions"]
    return with_transitions(holds, repetitions, stored.meta.duration_s)


def _write(
    library: RoutineLibrary,
    stored: StoredRoutine,
    meta: RoutineMeta,
    chapters: tuple[Chapter, ...] | None,
) -> None:
    with library.writing(meta.id) as folder:
        changed = {FILE} if chapters is None else {FILE, stored.chapters.name}
        for file in stored.folder.iterdir():
            if file.name not in changed:
                link_or_copy(file, folder / file.name)
        if chapters is not None:
            write_chapters(chapters, folder / stored.chapters.name)
        write_meta(meta, folder)


def link_or_copy(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _bad(what: str, why: str) -> InputError:
    return InputError(
        f"The {what} do not fit: {why}.", hint="Mend that, and save again.", code=f"bad_{what}"
    )
