"""Commands that read films: prepare, track, replay."""

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from coach_server.cli.console import progress_bar, stderr, work_bar
from coach_server.cli.options import AsJson, Film, Keypoints, Lifter, load_engines
from coach_server.coaching.choices import Choices
from coach_server.coaching.deviation import Strictness
from coach_server.coaching.routine import Mirror
from coach_server.files import check_writable, write_result
from coach_server.library.demo import install_demo
from coach_server.library.prepare import is_stale, prepare_routine, retrack
from coach_server.library.replay import replay as replay_film
from coach_server.library.routine_file import MAX_TITLE, FilmWarning, Level
from coach_server.library.store import RoutineLibrary
from coach_server.library.track_file import save_track
from coach_server.library.tracking import track_film
from coach_server.library.uploads import shown_name, title_of
from coach_server.settings import load_settings
from coach_server.video.limits import FilmLimits
from coach_server.video.reader import FilmReader


def prepare(
    video: Film,
    title: Annotated[str | None, typer.Option(help="what people will call it")] = None,
    chapters: Annotated[Path | None, typer.Option(help="WebVTT with the poses' names")] = None,
    mirror: Annotated[
        Mirror, typer.Option(help="how students' sides go with the instructor's")
    ] = Mirror.SAME,
    level: Annotated[Level | None, typer.Option(help="whom it is for")] = None,
    as_json: AsJson = False,
    keypoints: Keypoints = None,
    lifter: Lifter = None,
) -> None:
    """Make a routine from an instructor's film; the last line on stdout is its id."""
    settings = load_settings()
    limits = FilmLimits.of(settings)
    with FilmReader(video, limits):  # what is no film is told before the engines are loaded
        pass
    engines = load_engines(keypoints, lifter)
    library = _library()
    with work_bar() as progress:
        routine_id = prepare_routine(
            library,
            video,
            engines,
            title=title or title_of(shown_name(video.name, "film"))[:MAX_TITLE],
            chapters=chapters,
            mirror=mirror,
            level=level,
            limits=limits,
            progress=progress,
        )
    meta = library.open(routine_id).meta
    repeated = sum(segment.kind == "repetitions" for segment in meta.segments)
    stderr.print(
        f"{meta.title}: {meta.duration_s:.0f} s, {len(meta.holds)} holds"
        + (f", {repeated} repeated movements" if repeated else ""),
        markup=False,
    )
    for warning in meta.warnings:
        stderr.print(f"warning: {_in_words(warning)}", markup=False)
    if as_json:
        typer.echo(json.dumps(meta.model_dump(mode="json"), indent=2))
    else:
        typer.echo(routine_id)


def track(
    video: Film,
    out: Annotated[Path, typer.Option(help="where the track goes (.npz)")],
    as_json: AsJson = False,
    keypoints: Keypoints = None,
    lifter: Lifter = None,
) -> None:
    """Keypoints and joints of a film, one row per decoded frame, unsmoothed."""
    check_writable(out)
    limits = FilmLimits.of(load_settings())
    with FilmReader(video, limits):
        pass
    engines = load_engines(keypoints, lifter)
    with progress_bar() as progress:
        found = track_film(
            video,
            engines.new_detector(),
            engines.new_lifter(),
            partial(progress, f"tracking {video.name}"),
            limits=limits,
        )
    save_track(found, out)
    frames, seen = len(found.present), int(found.present.sum())
    stderr.print(f"{seen} of {frames} frames with a person -> {out}", markup=False)
    if as_json:
        told = {"track": str(out), "fps": found.fps, "frames": frames, "present": seen}
        typer.echo(json.dumps(told))


def replay(
    routine_id: Annotated[str, typer.Argument(show_default=False, help="a routine's id")],
    student_video: Film,
    out: Annotated[Path, typer.Option(help="where the cues go (.jsonl)")],
    mirror: Annotated[
        Mirror, typer.Option(help="how sides go with the instructor's")
    ] = Mirror.SAME,
    strictness: Annotated[Strictness, typer.Option(help="how much may be off")] = (
        Strictness.DEFAULT
    ),
    keypoints: Keypoints = None,
    lifter: Lifter = None,
) -> None:
    """The cues a student of this film would be given live, one JSON object a line."""
    check_writable(out)
    settings, library = load_settings(), _library()
    stored = library.open(routine_id)
    engines = load_engines(keypoints, lifter)
    with progress_bar() as progress:
        if is_stale(stored, engines):
            again = partial(progress, "tracking the instructor again")
            retrack(library, stored.meta.id, engines, again)
            stored = library.open(routine_id)
        events = list(
            replay_film(
                stored.load(),
                student_video,
                engines,
                choices=Choices(strictness, mirror),
                limits=FilmLimits.of(settings),
                skip_still=settings.skip_still,
                progress=partial(progress, f"watching {student_video.name}"),
            )
        )
    lines = [json.dumps(event.as_dict()) + "\n" for event in events]
    write_result(out, "".join(lines).encode())
    raised = sum(event.state == "raised" for event in events)
    stderr.print(f"{raised} cues -> {out}", markup=False)


def _library() -> RoutineLibrary:
    library = RoutineLibrary.of(load_settings().data)
    install_demo(library)
    return library


def _in_words(warning: FilmWarning) -> str:
    """A warning with when it is so."""
    at = [
        _clock(span.start_s)
        if span.end_s - span.start_s < 1
        else f"{_clock(span.start_s)} to {_clock(span.end_s)}"
        for span in warning.spans
    ]
    return f"{', '.join(at)}: {warning.message}" if at else warning.message


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
