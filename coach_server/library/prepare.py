"""From an instructor's film to a routine on disk."""

import shutil
from functools import partial
from pathlib import Path

import structlog

from coach_server.body.angles import Angle
from coach_server.coaching.holds import Hold, find_holds
from coach_server.coaching.routine import Routine
from coach_server.coaching.track import Track
from coach_server.errors import InputError
from coach_server.inference.protocols import EngineSet, Progress
from coach_server.library.chapters import (
    are_numbered,
    numbered,
    read_chapters,
    within,
    write_chapters,
)
from coach_server.library.progress import FrameProgress
from coach_server.library.routine_file import MAX_TITLE, RoutineMeta, Segment, write_meta
from coach_server.library.store import RoutineLibrary, StoredRoutine
from coach_server.library.track_file import save_track
from coach_server.library.tracking import track_film
from coach_server.video.playable import make_playable
from coach_server.video.still import save_still

log = structlog.get_logger(__name__)


def prepare_routine(
    library: RoutineLibrary,
    film: Path,
    engines: EngineSet,
    *,
    title: str,
    chapters: Path | None = None,
    routine_id: str | None = None,
    progress: FrameProgress = lambda _done, _of: None,
) -> str:
    """Track the film, find its holds and write the routine's folder.

    Args:
        library: where it goes.
        film: the instructor's film.
        engines: the same as the students', so that their biases cancel.
        title: what people will call it.
        chapters: WebVTT with the poses' names; without it the holds are numbered.
        routine_id: the folder's name; one is made from the title where None.
        progress: called after each frame.

    Returns:
        The routine's id.

    Raises:
        MediaError, TooLargeError, InputError: the film, the chapters or the library's folder
            cannot be used; nothing is left behind.
    """
    _check_title(title)
    named = read_chapters(chapters) if chapters else None
    routine_id = routine_id or library.new_id(title)
    with library.writing(routine_id) as folder:
        played = folder / "video.mp4"
        make_playable(film, played)
        # what is tracked is what will be played: their clocks are one
        track = track_film(
            played, engines.new_detector(), engines.new_lifter(), progress, called=film.name
        )
        holds = find_holds(track)
        meta = RoutineMeta(
            id=routine_id,
            title=title,
            fps=track.fps,
            duration_s=len(track.time_s) / track.fps,
            segments=_segments(track, holds),
            engines=engines.fingerprints(),
        )
        save_still(played, _poster_time(holds, meta.duration_s), folder / "poster.jpg")
        save_track(track, folder / "track.npz")
        kept = within(named, meta.duration_s) if named else numbered(holds)
        write_chapters(kept, folder / "chapters.vtt")
        write_meta(meta, folder)
    return routine_id


def retrack(
    library: RoutineLibrary,
    stored: StoredRoutine,
    engines: EngineSet,
    progress: FrameProgress = lambda _done, _of: None,
) -> None:
    """Make a routine's track again with the engines in use, from its own film."""
    track = track_film(stored.video, engines.new_detector(), engines.new_lifter(), progress)
    holds = find_holds(track)
    meta = stored.meta.model_copy(
        update={"segments": _segments(track, holds), "engines": engines.fingerprints()}
    )
    chapters = read_chapters(stored.chapters)
    with library.writing(meta.id) as folder:
        for kept in (stored.video, stored.poster):
            shutil.copyfile(kept, folder / kept.name)
        write_chapters(
            numbered(holds) if are_numbered(chapters) else chapters, folder / "chapters.vtt"
        )
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
                retrack(library, stored, engines, partial(progress, f"tracking {meta.title} again"))
        except InputError as error:
            log.warning("routine_not_tracked_again", routine=meta.id, reason=error.message)


def is_stale(stored: StoredRoutine, engines: EngineSet) -> bool:
    """Whether other engines made the track than those in use."""
    return stored.meta.engines != engines.fingerprints()


def _segments(track: Track, holds: tuple[Hold, ...]) -> tuple[Segment, ...]:
    """The holds, with how much each angle makes their pose."""
    names = [angle.name.lower() for angle in Angle]
    return tuple(
        Segment.model_validate(
            {
                "start_s": round(hold.start_s, 3),
                "end_s": round(hold.end_s, 3),
                "importance": dict(zip(names, (round(float(w), 2) for w in weights), strict=True)),
            }
        )
        for hold, weights in zip(holds, Routine(track, holds).importance, strict=True)
    )


def _poster_time(holds: tuple[Hold, ...], duration_s: float) -> float:
    """The middle of the second hold (the first is mostly standing at ease)."""
    if not holds:
        return duration_s / 2
    hold = holds[min(1, len(holds) - 1)]
    return (hold.start_s + hold.end_s) / 2


def _check_title(title: str) -> None:
    if not 1 <= len(title.strip()) <= MAX_TITLE:
        raise InputError(
            f"A title has 1 to {MAX_TITLE} characters; this one has {len(title.strip())}.",
            hint="Choose another with --title.",
            code="bad_title",
        )
