"""What is done for each kind of job, with the modules that do it imported only then."""

import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from coach_server.coaching.comparing.warping import Alignment
from coach_server.coaching.routine import Mirror
from coach_server.errors import BusyError
from coach_server.inference.engines import Engines
from coach_server.inference.protocols import Progress
from coach_server.library.editing import link_or_copy
from coach_server.library.jobs.one_cut import NOTE, OneCutLibrary
from coach_server.library.jobs.performer import Performer, Workplace
from coach_server.library.routine_file import Level
from coach_server.library.store import RoutineLibrary, StoredRoutine
from coach_server.video.limits import FilmLimits

_TRIES: Final = 5


def prepare(
    place: Workplace, arguments: Mapping[str, Any], progress: Progress
) -> Mapping[str, str]:
    """A routine from the film `film`, which its sender calls `called`."""
    from coach_server.library.prepare import prepare_routine

    routine = str(arguments["routine"])
    library = RoutineLibrary.of(place.settings.data)
    if library.folders.path_of(routine) is None:  # else the attempt before came this far
        film = place.file(arguments["film"])
        chapters = arguments.get("chapters")
        prepare_routine(
            library,
            film,
            _engines(place, progress),
            title=arguments["title"],
            chapters=place.file(chapters) if chapters else None,
            routine_id=routine,
            mirror=Mirror(arguments.get("mirror") or Mirror.SAME),
            level=Level(level) if (level := arguments.get("level")) else None,
            called=arguments.get("called"),
            limits=FilmLimits.of(place.settings),
            progress=progress,
        )
    return {"routine": routine}


def compare(
    place: Workplace, arguments: Mapping[str, Any], progress: Progress
) -> Mapping[str, str]:
    """The film `student` beside the film `instructor`, or beside the routine `routine`."""
    from coach_server.library.comparisons import (
        ComparisonLibrary,
        compare_films,
    )

    comparison = str(arguments["comparison"])
    library = ComparisonLibrary(place.settings.data / "comparisons")
    if not (place.settings.data / "comparisons" / comparison).is_dir():
        named = arguments.get("routine")
        instructor = (
            _as_it_is(RoutineLibrary.of(place.settings.data), str(named), place.folder)
            if named
            else place.file(arguments["instructor"])
        )
        student = place.file(arguments["student"])
        called = [*arguments.get("called", ()), None, None]
        engines = _engines(place, progress)
        with library.writing(comparison) as folder:
            compare_films(
                instructor,
                student,
                engines,
                folder,
                title=arguments.get("title"),
                mirror=Mirror(arguments.get("mirror") or Mirror.SAME),
                alignment=Alignment(arguments.get("alignment") or Alignment.WARPED),
                called=(called[0], called[1]),
                limits=FilmLimits.of(place.settings),
                progress=progress,
            )
    return {"comparison": comparison}


def _as_it_is(library: RoutineLibrary, routine_id: str, folder: Path) -> StoredRoutine:
    """A routine that stays in `folder` as it is now, though others change or remove it.

    Raises:
        NotFoundError: there is no such routine.
        BusyError: others keep changing it.
    """
    kept = folder / "routine" / routine_id  # a routine's id is its folder's name
    for _ in range(_TRIES):
        if kept.is_dir():
            return StoredRoutine(kept)
        stored = library.open(routine_id)
        with tempfile.TemporaryDirectory(dir=folder) as half, suppress(FileNotFoundError):
            before = stored.folder.stat().st_ino
            for file in stored.folder.iterdir():
                link_or_copy(file, Path(half, file.name))
            if stored.folder.stat().st_ino == before:  # a folder is replaced whole
                kept.parent.mkdir(exist_ok=True)
                Path(half).rename(kept)
    raise BusyError(
        f"The routine {routine_id!r} is being changed all the time.",
        hint="Try it again when that is over.",
    )


def import_(
    place: Workplace, arguments: Mapping[str, Any], progress: Progress
) -> Mapping[str, str]:
    """The routine that was exported to the file `archive`, tracked by the engines in use."""
    from coach_server.library.archive import import_routine
    from coach_server.library.prepare import is_stale, retrack

    routine = str(arguments["routine"])
    library = RoutineLibrary.of(place.settings.data)
    if library.folders.path_of(routine) is None:
        import_routine(
            library,
            place.file(arguments["archive"]),
            routine,
            called=arguments["called"],
            title=arguments.get("title"),
            mirror=Mirror(sides) if (sides := arguments.get("mirror")) else None,
            level=Level(level) if (level := arguments.get("level")) else None,
            limits=FilmLimits.of(place.settings),
            progress=progress,
        )
    engines = _engines(place, progress)
    if is_stale(library.open(routine), engines):
        again = partial(progress, "watching the instructor again")
        retrack(library, routine, engines, again)
    return {"routine": routine}


def trim(place: Workplace, arguments: Mapping[str, Any], progress: Progress) -> Mapping[str, str]:
    """The routine `routine`, cut to what lies between `start_s` and `end_s` of what it `was`."""
    from coach_server.library.trimming import trim_routine

    routine = str(arguments["routine"])
    library = OneCutLibrary(place.settings.data, arguments["was"], place.folder / NOTE)
    if not library.is_cut(routine):
        trim_routine(library, routine, arguments["start_s"], arguments["end_s"], progress)
    return {"routine": routine}


def _engines(place: Workplace, progress: Progress) -> Engines:
    """The server's own, so that routine and students are seen alike."""
    settings = place.settings
    progress("loading the engines", 0, None)
    return Engines.load(
        settings.cache,
        keypoints=settings.keypoints,
        lifter=settings.lifter,
        device=settings.device,
        progress=lambda stage, _done, _of: progress(stage, 0, None),
    )


PERFORMERS: Final[Mapping[str, Performer]] = {
    "prepare": prepare,
    "compare": compare,
    "import": import_,
    "trim": trim,
}
