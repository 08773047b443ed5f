"""`coach bench`: measured figures, with the baselines beside them in the same run."""

import typer

app = typer.Typer(help="Measure, with the baselines in the same run.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure, with the baselines in the same run."""
