"""One side of a comparison: a film, a routine or a track, brought to poses."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from coach_server.coaching.holds import find_holds
from coach_server.coaching.routine import Routine
from coach_server.errors import InputError
from coach_server.inference.protocols import EngineSet
from coach_server.library.progress import FrameProgress
from coach_server.library.store import StoredRoutine
from coach_server.library.track_file import load_track
from coach_server.library.tracking import track_film
from coach_server.video.limits import LET_IN, USUAL, FilmLimits

_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Side:
    """Instructor or student.

    Attributes:
        title: for people.
        routine: the poses, and the holds found in them or known of the routine.
        film: the pictures; None where there is a track alone.
        routine_id: where it is a routine of the library, else None.
        fingerprints: of the engines that made the poses; None where nobody knows.
    """

    title: str
    routine: Routine
    film: Path | None
    routine_id: str | None
    fingerprints: dict[str, str] | None


def needs_tracking(given: Path | StoredRoutine, engines: EngineSet) -> bool:
    """Whether the film has to be looked at; a track and a routine of the same engines have not."""
    if isinstance(given, StoredRoutine):
        return given.meta.engines != engines.fingerprints()
    return not _is_track(given)


def side_of(
    given: Path | StoredRoutine,
    engines: EngineSet,
    progress: FrameProgress,
    *,
    called: str | None = None,
    limits: FilmLimits = USUAL,
) -> Side:
    """Bring one side to poses.

    Args:
        given: a film, a track (`.npz`), or a routine, which is tracked again from its film where
            other engines made its track.
        engines: look at films.
        progress: called after each frame of a film.
        called: what people call it; a file's name or a routine's title where None.
        limits: how large a film may be.

    Raises:
        MediaError, TooLargeError: the film cannot be read.
        InputError: nobody is seen in it, or the track is damaged.
    """
    if isinstance(given, StoredRoutine):
        return _of_routine(given, engines, progress, called or given.meta.title)
    name = called or given.name
    if _is_track(given):
        track = load_track(given)
        if not track.present.any():
            raise InputError(
                f"Nobody is seen in {name}.",
                hint="Give a track of a film in which one person is in view from head to feet.",
                code="no_person",
            )
        return Side(name, Routine(track, find_holds(track)), None, None, None)
    track = track_film(
        given, engines.new_detector(), engines.new_lifter(), progress, called=name, limits=limits
    )
    return Side(name, Routine(track, find_holds(track)), given, None, engines.fingerprints())


def _of_routine(
    stored: StoredRoutine, engines: EngineSet, progress: FrameProgress, title: str
) -> Side:
    routine = stored.load()
    if needs_tracking(stored, engines):
        track = track_film(
            stored.video,
            engines.new_detector(),
            engines.new_lifter(),
            progress,
            called=title,
            limits=LET_IN,
        )
        routine = replace(routine, track=track)
    return Side(title, routine, stored.video, stored.meta.id, engines.fingerprints())


def _is_track(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_ZIP)) == _ZIP
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", hint="Check the path.", code="unreadable"
        ) from error
