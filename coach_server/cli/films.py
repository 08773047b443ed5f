"""Commands that read films: prepare, track, replay."""

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from coach_server.cli.console import progress_bar, stderr
from coach_server.cli.options import Film, Keypoints, Lifter, load_engines
from coach_server.coaching.deviation import Strictness
from coach_server.coaching.routine import Mirror
from coach_server.errors import InputError
from coach_server.library.demo import install_demo
from coach_server.library.prepare import is_stale, prepare_routine, retrack
from coach_server.library.replay import replay as replay_film
from coach_server.library.store import RoutineLibrary
from coach_server.library.track_file import save_track
from coach_server.library.tracking import track_film
from coach_server.settings import Settings


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
    _writable(out)
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
    _writable(out)
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
                strictness=strictness,
                mirror=mirror,
                progress=partial(progress, f"watching {student_video.name}"),
            )
        )
    lines = [json.dumps(event.as_dict()) + "\n" for event in events]
    out.write_text("".join(lines), "utf-8")
    raised = sum(event.state == "raised" for event in events)
    stderr.print(f"{raised} cues -> {out}", markup=False)


def _library() -> RoutineLibrary:
    library = RoutineLibrary(Settings().data / "routines")
    install_demo(library)
    return library


def _writable(out: Path) -> None:
    """Say so before the work, not after it, when the result has nowhere to go."""
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent}.", hint="Make it, or choose another.")
    if out.is_dir():
        raise InputError(f"{out} is a folder.", hint="Give a file's name.")
