"""The `coach` command and the only place where its errors become text and exit codes."""

import os
import sys

import typer
from typer.exceptions import TyperException

from coach_server.cli import (
    bench,
    check,
    compare,
    doctor,
    engine_build,
    engine_check,
    engines,
    export,
    films,
    jobs,
    library,
    lift,
    worker,
)
from coach_server.cli.console import stderr
from coach_server.cli.serve import server_command
from coach_server.errors import CoachError
from coach_server.logs import logs_to_stderr

app = typer.Typer(
    help="A live practice coach: follow a recorded instructor and be corrected while moving.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("serve", help="Run the server; open the address it prints.")(server_command("/"))
app.command("demo", help="Serve, and practise with a rendered student: no camera needed.")(
    server_command("/practice?routine=demo&camera=demo-faults")
)
app.command("test")(check.run_tests)
app.command("prepare")(films.prepare)
app.command("track")(films.track)
app.command("lift")(lift.lift)
app.command("compare")(compare.compare)
app.command("replay")(films.replay)
app.command("export")(export.export)
app.command("doctor")(doctor.doctor)
app.command("worker", hidden=True)(worker.worker)
engines.app.command("build")(engine_build.build)
engines.app.command("check")(engine_check.check)
app.add_typer(engines.app, name="engines")
app.add_typer(bench.app, name="bench")
app.add_typer(jobs.app, name="jobs")
app.add_typer(library.app, name="library")


def main() -> None:
    """Run the command line; exit 0 done, 2 for what the user can mend, 1 for our fault."""
    logs_to_stderr()
    try:
        code = app(prog_name="coach", standalone_mode=False)
    except CoachError as error:
        stderr.print(f"coach: {_line(error)}", markup=False)
        code = error.exit_code
    except TyperException as error:  # the arguments do not fit; or none were given: the help
        stderr.print(f"coach: {error.format_message().strip()}", markup=False)
        code = 2
    except typer.Abort:
        code = 130
    except Exception as error:
        if os.environ.get("COACH_DEBUG"):
            raise
        stderr.print(
            f"coach: something went wrong inside: {type(error).__name__}: {error}. "
            "Run it again with COACH_DEBUG=1 for the details, and please report them.",
            markup=False,
        )
        code = 1
    sys.exit(code or 0)


def _line(error: CoachError) -> str:
    """What, why and the way out, on one line."""
    said = error.message.rstrip(".")
    return f"{said}. {error.hint[:1].upper()}{error.hint[1:]}".strip()
