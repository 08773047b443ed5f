"""`coach library`: the routines there are, and what is done with whole ones."""

import json
from pathlib import Path
from typing import Annotated

import typer

from coach_server.cli.console import columns, stderr, work_bar
from coach_server.errors import InputError
from coach_server.files import check_writable
from coach_server.library.archive import SUFFIX, export_routine, import_routine
from coach_server.library.editing import Edit, edit_routine
from coach_server.library.store import RoutineLibrary
from coach_server.settings import load_settings
from coach_server.video.limits import FilmLimits

app = typer.Typer(
    help="The routines: list, rename, delete, export and import them.", no_args_is_help=True
)

RoutineId = Annotated[str, typer.Argument(show_default=False, help="a routine's id")]


@app.command("list")
def show(
    as_json: Annotated[bool, typer.Option("--json", help="as JSON, one object")] = False,
) -> None:
    """The routines there are."""
    found = _library().summaries()
    if as_json:
        routines = [meta.model_dump(mode="json") for meta in found]
        typer.echo(json.dumps({"routines": routines}, indent=2))
        return
    rows = [("id", "length", "holds", "title")]
    for meta in found:
        minutes, seconds = divmod(round(meta.duration_s), 60)
        rows.append((meta.id, f"{minutes}:{seconds:02}", str(len(meta.holds)), meta.title))
    typer.echo(columns(rows))


@app.command("rename")
def rename(
    routine_id: RoutineId, title: Annotated[str, typer.Argument(help="its new title")]
) -> None:
    """Give a routine another title; its id stays."""
    meta = edit_routine(_library(), routine_id, Edit(title=title))
    stderr.print(f"{meta.id} is now called {meta.title}", markup=False)


@app.command("delete")
def delete(
    routine_id: RoutineId,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Remove a routine with its film for good."""
    library = _library()
    title = library.open(routine_id).meta.title
    if not yes:
        typer.confirm(f"Remove {title} with its film for good?", abort=True, err=True)
    library.remove(routine_id)
    stderr.print(f"removed {title}", markup=False)


@app.command("export")
def export(
    routine_id: RoutineId,
    out: Annotated[
        Path | None, typer.Option(help=f"where it goes; ID{SUFFIX} here where none is named")
    ] = None,
) -> None:
    """Write a routine as one file, to keep or to give away."""
    stored = _library().open(routine_id)
    target = out or Path(f"{routine_id}{SUFFIX}")
    check_writable(target)
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            export_routine(stored, file)
        unfinished.replace(target)
    except OSError as error:
        raise InputError(
            f"{target} cannot be written: {error.strerror}.", hint="Make room.", code="unwritable"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    typer.echo(str(target))


@app.command("import")
def import_(
    archive: Annotated[Path, typer.Argument(show_default=False, help="what `export` has written")],
) -> None:
    """Take in a routine that was exported; the last line on stdout is its id."""
    settings = load_settings()
    library = _library()
    if not archive.is_file():
        raise InputError(f"There is no file {archive}.", hint="Check the path.")
    with work_bar() as progress:
        meta = import_routine(
            library,
            archive,
            library.new_id(archive.name.removesuffix(SUFFIX)),
            limits=FilmLimits.of(settings),
            progress=progress,
        )
    typer.echo(meta.id)


@app.command("reindex")
def reindex() -> None:
    """Read all routines anew, after their folder was moved or mended by hand."""
    stderr.print(f"{_library().reindex()} routines", markup=False)


def _library() -> RoutineLibrary:
    return RoutineLibrary.of(load_settings().data)
