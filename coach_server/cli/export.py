"""`coach export`: a track in the formats of other programs."""

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from coach_server.cli.console import stderr
from coach_server.coaching.track import Track
from coach_server.errors import InputError
from coach_server.files import check_writable, write_result
from coach_server.library.demo import DEMO_ID, install_demo
from coach_server.library.exports import FORMATS, export_track
from coach_server.library.store import RoutineLibrary
from coach_server.library.track_file import load_track
from coach_server.settings import load_settings

_CHOICE: Final = ", ".join(FORMATS)


def export(
    source: Annotated[
        str,
        typer.Argument(
            metavar="TRACK.npz|ROUTINE_ID", show_default=False, help="a track, or a routine's id"
        ),
    ],
    out: Annotated[Path, typer.Option(help=f"where it goes; its suffix may be {_CHOICE}")],
    kind: Annotated[
        str | None,
        typer.Option("--format", help=f"{_CHOICE}; without it, as the file's name ends"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="say what was written as JSON on stdout")
    ] = False,
) -> None:
    """Write a track as CSV, JSON, npz, TRC, BVH or C3D."""
    check_writable(out)
    chosen = kind or out.suffix.removeprefix(".")
    if not chosen:
        raise InputError(
            f"{out} does not say which format it is to have.",
            hint=f"Give --format, or a name that ends in one of {_CHOICE}.",
            code="unknown_format",
        )
    track, title = _source(source)
    write_result(out, export_track(track, chosen, title=title))
    seen, frames = int(track.present.sum()), len(track.present)
    if as_json:
        said = {"out": str(out), "format": chosen.lower(), "frames": frames, "seen": seen}
        typer.echo(json.dumps(said))
    stderr.print(f"{seen} of {frames} frames with a person -> {out}", markup=False)
    stderr.print(FORMATS[chosen.lower()].sentence, markup=False)


def _source(source: str) -> tuple[Track, str]:
    """The track that is meant, and what people call it."""
    path = Path(source)
    if path.suffix == ".npz" or path.is_file():
        return load_track(path), path.stem
    library = RoutineLibrary(load_settings().data / "routines")
    if source == DEMO_ID:
        install_demo(library)
    stored = library.open(source)
    return load_track(stored.track), stored.meta.title
