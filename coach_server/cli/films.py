"""Commands that read films: prepare, track, replay."""

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from coach_server.cli.console import progress_bar, stderr
from coach_server.cli.options import Film, Keypoints, Lifter, load_engines
from coach_server.coaching.choices import Choices
from coach_server.coaching.deviation import Strictness
from coach_server.coaching.routine import Mirror
from coach_server.files import check_writable, write_result
from coach_server.library.demo import install_demo
from coach_server.library.prepare import is_stale, prepare_routine, retrack
from coach_server.library.replay import replay as replay_film
from coach_server.library.store import RoutineLibrary
from coach_server.library.track_file import save_track
from coach_server.library.tracking import track_film
from coach_server.settings import load_settings


def prepare(
    video: Film,
    title: Annotated[str | None, typer.Option(help="what people will call it")] = None,
    chapters: Annotated[Path | None, typer.Option(help="WebVTT with the poses' names")] = None,
    keypoints: Keypoints = None,
    lifter: Lifter = None,
) -> None:
    """Make a routine from an instructor's film; the last line on stdout is its id."""
    engines = load_engines(keypoints, lifter)
    library = _library()
    with progress_bar() as progress:
        routine_id = prepare_routine(
            library,
            video,
            engines,
            title=title or video.stem,
            chapters=chapters,
            progress=partial(progress, f"reading {video.name}"),
        )
    holds = library.open(routine_id).meta.segments
    stderr.print(f"{len(holds)} holds found", markup=False)
    typer.echo(routine_id)


def track(
    video: Film,
    out: Annotated[Path, typer.Option(help="where the track goes (.npz)")],
    keypoints: Keypoints = None,
    lifter: Lifter = None,
) -> None:
    """Keypoints and joints of a film, one row per decoded frame, unsmoothed."""
    check_writable(out)
    engines = load_engines(keypoints, lifter)
    with progress_bar() as progress:
        found = track_film(
            video,
            engines.new_detector(),
            engines.new_lifter(),
            partial(progress, f"tracking {video.name}"),
        )
    save_track(found, out)
    stderr.print(
        f"{int(found.present.sum())} of {len(found.present)} frames with a person -> {out}",
        markup=False,
    )


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
    library = _library()
    stored = library.open(routine_id)
    engines = load_engines(keypoints, lifter)
    with progress_bar() as progress:
        if is_stale(stored, engines):
            retrack(library, stored, engines, partial(progress, "tracking the instructor again"))
            stored = library.open(routine_id)
        events = list(
            replay_film(
                stored.load(),
                student_video,
                engines,
                choices=Choices(strictness, mirror),
                progress=partial(progress, f"watching {student_video.name}"),
            )
        )
    lines = [json.dumps(event.as_dict()) + "\n" for event in events]
    write_result(out, "".join(lines).encode())
    raised = sum(event.state == "raised" for event in events)
    stderr.print(f"{raised} cues -> {out}", markup=False)


def _library() -> RoutineLibrary:
    library = RoutineLibrary(load_settings().data / "routines")
    install_demo(library)
    return library
