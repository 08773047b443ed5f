"""`coach engines`: which models there are, and fetching them."""

from typing import Annotated

import typer

from coach_server.cli.console import columns, progress_bar, stderr
from coach_server.inference.engines import list_engines, pull_engines
from coach_server.settings import load_settings

app = typer.Typer(help="The models: list and fetch them.", no_args_is_help=True)


@app.command("list")
def show() -> None:
    """The models there are recipes for."""
    rows = [("name", "role", "fetched", "size", "licence", "what it is")]
    for engine in list_engines(load_settings().cache):
        size = f"{engine.size / 1e6:.1f} MB" if engine.size else "-"
        fetched = "yes" if engine.pulled else "no"
        role = engine.role.replace("_", " ")
        rows.append((engine.name, role, fetched, size, engine.licence, engine.summary))
    typer.echo(columns(rows))


@app.command("pull")
def pull(
    names: Annotated[
        list[str] | None, typer.Argument(help="models to fetch; the default's where none is named")
    ] = None,
) -> None:
    """Fetch models, check them and convert them; what is there already is kept."""
    settings = load_settings()
    wanted = names or [settings.keypoints, settings.lifter]
    with progress_bar() as progress:
        pull_engines(settings.cache, wanted, progress)
    stderr.print(f"ready: {', '.join(wanted)}", markup=False)
