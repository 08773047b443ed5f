"""`coach engines`: which models there are, fetching them, and making one of a checkpoint."""

from pathlib import Path
from typing import Annotated

import typer

from coach_server.cli.console import columns, progress_bar, stderr
from coach_server.inference.engines import list_engines, pull_engines
from coach_server.inference.importing import import_engine
from coach_server.inference.videopose.importing import parsed_widths
from coach_server.settings import Device, load_settings

app = typer.Typer(help="The models: list, fetch and import them.", no_args_is_help=True)


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
    device: Annotated[
        Device | None, typer.Option(help="fetch what would run there; that of the settings")
    ] = None,
) -> None:
    """Fetch models, check them and convert them; what is there already is kept."""
    settings = load_settings() if device is None else load_settings(device=device)
    wanted = names or [settings.keypoints, settings.lifter]
    with progress_bar() as progress:
        pull_engines(settings.cache, wanted, progress)
    stderr.print(f"ready: {', '.join(wanted)}", markup=False)


@app.command("import")
def import_(
    checkpoint: Annotated[
        Path,
        typer.Argument(metavar="FILE", show_default=False, help="a .bin, .pt, .pth or .pkl"),
    ],
    widths: Annotated[
        str | None, typer.Option(help="filter widths it must have, as 3,3,3,3,3")
    ] = None,
    causal: Annotated[
        bool, typer.Option("--causal", help="it was trained to see no future frames")
    ] = False,
) -> None:
    """Make an engine of a checkpoint; the last line on stdout is its name.

    Takes VideoPose3D as a lifter, and Keypoint R-CNN of Detectron2's or torchvision's. Nothing in
    the file is executed.
    """
    imported = import_engine(
        load_settings().cache,
        checkpoint,
        widths=None if widths is None else parsed_widths(widths),
        causal=causal,
    )
    for caveat in imported.caveats:
        stderr.print(f"caveat: {caveat}", markup=False)
    typer.echo(imported.name)
