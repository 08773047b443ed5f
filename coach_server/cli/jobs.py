"""`coach jobs`: what the server has under way, from beside it."""

import json
from typing import Annotated

import typer

from coach_server.cli.console import columns, stderr
from coach_server.library.database import NAME, Database
from coach_server.library.jobs.ledger import Ledger
from coach_server.settings import load_settings

app = typer.Typer(help="The server's background jobs: list, cancel and retry them.")

JobId = Annotated[str, typer.Argument(show_default=False, help="a job's id")]


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON, one object")] = False,
) -> None:
    """The jobs, the newest first."""
    if context.invoked_subcommand is not None:
        return
    found = _ledger().all()
    if as_json:
        typer.echo(json.dumps({"jobs": [job.as_dict() for job in found]}, indent=2))
        return
    rows = [("id", "kind", "state", "done", "title")]
    for job in found:
        share = "" if job.share is None else f"{job.share:.0%}"
        title = job.title if job.error is None else f"{job.title}: {job.error['message']}"
        rows.append((job.id, job.kind, job.state.value, share, title))
    typer.echo(columns(rows))


@app.command("cancel")
def cancel(job_id: JobId) -> None:
    """Call off a job that waits or runs."""
    job = _ledger().cancel(job_id)
    stderr.print(f"{job.title} is {job.state.value}", markup=False)


@app.command("retry")
def retry(job_id: JobId) -> None:
    """Try a job again that has failed or was cancelled; a running server's workers take it up."""
    job = _ledger().retry(job_id)
    stderr.print(f"{job.title} waits for a worker", markup=False)


def _ledger() -> Ledger:
    return Ledger(Database(load_settings().data / NAME))
