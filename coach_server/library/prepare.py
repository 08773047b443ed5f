"""From an instructor's film to a routine on disk."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from coach_server.coaching.anomalies import Anomaly, find_anomalies
from coach_server.coaching.holds import Hold, find_holds
from coach_server.coaching.routine import Mirror
from coach_server.coaching.track import Track
from coach_server.errors import CoachError
from coach_server.inference.protocols import EngineSet, Progress
from coach_server.library.chapters import (
    Chapter,
    are_numbered,
    moved,
    numbered,
    read_chapters,
    within,
    write_chapters,
)
from coach_server.library.editing import checked_title, link_or_copy
from coach_server.library.film_checks import FilmChecks
from coach_server.library.naming import suggested_names
from coach_server.library.poster import save_poster
from coach_server.library.progress import FrameProgress, Staged, silent
from coach_server.library.routine_file import FilmWarning, Level, RoutineMeta, Span, write_meta
from coach_server.library.segments import is_seen, segments_of
from coach_server.library.store import RoutineLibrary, StoredRoutine
from coach_server.library.track_file import save_track
from coach_server.library.tracking import track_film
from coach_server.video.limits import LET_IN, USUAL, FilmLimits
from coach_server.video.playable import is_playable, make_playable
from coach_server.video.reader import FilmReader

log = structlog.get_logger(__name__)


PREPARING: Final = {
    "copying the film": 0.05,
    "watching the instructor": 0.9,
    "finding the holds": 0.03,
    "writing the routine": 0.02,
}
"""The stages, with the share of the time that each takes where the film plays in browsers."""
TRANSCODING: Final = PREPARING | {"copying the film": 0.4, "watching the instructor": 0.55}
"""The same where it has to be encoded anew."""


def prepare_routine(
    library: RoutineLibrary,
    film: Path,
    engines: EngineSet,
    *,
    title: str,
    chapters: Path | None = None,
    routine_id: str | None = None,
    mirror: Mirror = Mirror.SAME,
    level: Level | None = None,
    called: str | None = None,
    limits: FilmLimits = USUAL,
    progress: Progress = silent,
) -> str:
    """Track the film, find its holds and write the routine's folder.

    Args:
        library: where it goes.
        film: the instructor's film.
        engines: the same as the students', so that their biases cancel.
        title: what people will call it.
        chapters: WebVTT with the poses' names; without it names are suggested, or numbers.
        routine_id: the folder's name; one is made from the title where None.
        mirror: how students follow unless they choose themselves.
        level: whom it is for; None where nobody has said so.
        called: what the user calls the film, where that is not the file's name.
        limits: how large the film may be.
        progress: is told the stage, and how far all of it is.

    Returns:
        The routine's id.

    Raises:
        MediaError, TooLargeError, InputError: the film, the chapters or the library's folder
            cannot be used; nothing is left behind.
    """
    title = checked_title(title)
    called = called or film.name
    named = read_chapters(chapters) if chapters else None
    routine_id = routine_id or library.new_id(title)
    staged = Staged(progress, PREPARING if is_playable(film, limits) else TRANSCODING)
    with library.writing(routine_id) as folder:
        played = folder / "video.mp4"
        copied = staged.stage("copying the film")
        make_playable(film, played, limits=limits, called=called, progress=copied)
        if named:  # before the work, not after it
            with FilmReader(played, LET_IN, called=called) as reader:
                named = within(named, reader.count()[1] + 1.0 / reader.fps)
        # what is tracked is what will be played: their clocks are one
        watching = staged.stage("watching the instructor")
        track, warnings = _watched(played, engines, watching, called)
        staged.stage("finding the holds")
        holds = find_holds(track)
        anomalies = find_anomalies(track, holds)
        meta = RoutineMeta(
            id=routine_id,
            title=title,
            fps=track.fps,
            duration_s=len(track.time_s) / track.fps,
            segments=segments_of(track, holds, anomalies),
            engines=engines.fingerprints(),
            mirror=mirror,
            level=level,
            anomalies=_spans(anomalies),
            warnings=warnings,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        written = staged.stage("writing the routine")
        save_poster(played, meta.holds, meta.duration_s, folder / "poster.jpg")
        save_track(track, folder / "track.npz")
        write_chapters(
            named or _suggested(track, holds),
            folder / "chapters.vtt",
        )
        write_meta(meta, folder)
        written(1, 1)
    return routine_id


def retrack(
    library: RoutineLibrary,
    routine_id: str,
    engines: EngineSet,
    progress: FrameProgress = lambda _done, _of: None,
) -> None:
    """Make a routine's track again with the engines in use, from its own film.

    What people have changed by hand stays: title, mirror, names, and holds.

    Raises:
        NotFoundError: there is no such routine.
        BusyError: somebody changes it at this moment.
        MediaError, InputError: its film cannot be tracked; it stays as it is.
    """
    with library.changing(routine_id) as stored:
        track, warnings = _watched(stored.video, engines, progress, stored.meta.title)
        kept = tuple(Hold(hold.start_s, hold.end_s) for hold in stored.meta.holds)
        by_hand = tuple(hold for hold in kept if is_seen(track, hold))
        holds = by_hand if stored.meta.holds_by_hand else find_holds(track)
        anomalies = find_anomalies(track, holds)
        meta = stored.meta.model_copy(
            update={
                "segments": segments_of(track, holds, anomalies),
                "anomalies": _spans(anomalies),
                "warnings": warnings,
                "engines": engines.fingerprints(),
            }
        )
        chapters = read_chapters(stored.chapters)
        with library.writing(meta.id) as folder:
            link_or_copy(stored.video, folder / stored.video.name)
            if stored.poster.is_file():
                link_or_copy(stored.poster, folder / stored.poster.name)
            else:
                save_poster(stored.video, meta.holds, meta.duration_s, folder / "poster.jpg")
            again = _suggested(track, holds)
            if not are_numbered(chapters):
                again = moved(chapters, kept, holds)
            write_chapters(again, folder / "chapters.vtt")
            save_track(track, folder / "track.npz")
            write_meta(meta, folder)


def retrack_stale(library: RoutineLibrary, engines: EngineSet, progress: Progress) -> None:
    """Bring all routines that other engines tracked up to the engines in use.

    A routine whose film cannot be tracked any more is left as it is, and logged.
    """
    for meta in library.summaries():
        try:
            stored = library.open(meta.id)
            if is_stale(stored, engines):
                again = partial(progress, f"tracking {meta.title} again")
                retrack(library, meta.id, engines, again)
        except CoachError as error:  # an engine's too: all the others can be practised
            log.warning("routine_not_tracked_again", routine=meta.id, reason=error.message)


def is_stale(stored: StoredRoutine, engines: EngineSet) -> bool:
    """Whether other engines made the track than those in use."""
    return stored.meta.engines != engines.fingerprints()


def _watched(
    film: Path, engines: EngineSet, progress: FrameProgress, called: str
) -> tuple[Track, tuple[FilmWarning, ...]]:
    """The film's track, and what is to be said against the film."""
    checks = FilmChecks()
    track = track_film(
        film,
        engines.new_detector(),
        engines.new_lifter(),
        progress,
        called=called,
        limits=LET_IN,
        watcher=checks.see,
    )
    return track, checks.warnings(track.fps)


def _spans(anomalies: tuple[Anomaly, ...]) -> tuple[Span, ...]:
    return tuple(
        Span(start_s=round(one.start_s, 3), end_s=round(one.end_s, 3)) for one in anomalies
    )


def _suggested(track: Track, holds: tuple[Hold, ...]) -> tuple[Chapter, ...]:
    """Chapters with the names of poses that are known; the others are numbered."""
    return numbered(holds, suggested_names(track, holds))
