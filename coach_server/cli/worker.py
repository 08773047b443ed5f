"""`coach worker`: does jobs until it is told to stop; the server runs it by itself."""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from coach_server.cli.logs import log_as
from coach_server.errors import CoachError
from coach_server.library.jobs.worker import Worker
from coach_server.logs import logs_to_stderr
from coach_server.settings import load_settings


def worker(
    config: Annotated[Path | None, typer.Option(help="settings as a TOML file")] = None,
) -> None:
    """Do jobs of the data folder until told to stop, for a server with job_workers = 0."""
    _end_on_sigterm()
    settings = load_settings(config)
    log_as(settings)
    Worker(settings).run()


def main() -> None:
    """As the server starts it: settings by the environment, ended with stdin."""
    logs_to_stderr()
    _end_on_sigterm()
    threading.Thread(target=_end_with_server, name="lifeline", daemon=True).start()
    try:
        worker()
    except CoachError as error:
        sys.stderr.write(f"coach worker: {error.message} {error.hint}\n")
        sys.exit(error.exit_code)


def _end_on_sigterm() -> None:
    """Until the worker listens to it itself: what has not begun ends without a complaint."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def _end_with_server() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
