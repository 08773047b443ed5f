"""What is done for each kind of job, with the modules that do it imported only then."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from coach_server.coaching.comparing.warping import Alignment
from coach_server.coaching.routine import Mirror
from coach_server.inference.engines import Engines
from coach_server.inference.protocols import Progress
from coach_server.library.jobs.performer import Performer, Workplace
from coach_server.library.store import RoutineLibrary
from coach_server.video.limits import FilmLimits


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
        routines = RoutineLibrary.of(place.settings.data)
        instructor = routines.open(named) if named else place.file(arguments["instructor"])
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
            limits=FilmLimits.of(place.settings),
            progress=progress,
        )
    engines = _engines(place, progress)
    if is_stale(library.open(routine), engines):
        again = partial(progress, "watching the instructor again")
        retrack(library, routine, engines, again)
    return {"routine": routine}


def trim(place: Workplace, arguments: Mapping[str, Any], progress: Progress) -> Mapping[str, str]:
    """The routine `routine`, cut to what lies between `start_s` and `end_s`."""
    from coach_server.library.trimming import trim_routine

    routine = str(arguments["routine"])
    library = RoutineLibrary.of(place.settings.data)
    duration_s = library.open(routine).meta.duration_s
    if _length_before(place.folder / "before.json", duration_s) == duration_s:
        trim_routine(library, routine, arguments["start_s"], arguments["end_s"], progress)
    return {"routine": routine}


def _length_before(note: Path, duration_s: float) -> float:
    """How long the film was when the job was first begun: a cut film must not be cut again."""
    if not note.exists():
        note.write_text(json.dumps(duration_s), "utf-8")
    return float(json.loads(note.read_text("utf-8")))


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
