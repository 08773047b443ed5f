"""`coach test`: the whole test suite, with what it needs of the machine."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer

from coach_server.cli.console import stderr
from coach_server.cli.programs import DEBIAN, provide
from coach_server.errors import InputError

APART: Final = "unit or film or engine"
"""Kinds of tests that keep no time and talk to nobody: several processes share them."""
MOST_PROCESSES: Final = 8
"""Each takes up to a gigabyte."""
KEEP_IN: Final = "TESTS_KEEP_IN"
"""Names the folder in which the first part leaves what the second would work out again."""
_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run_tests(
    arguments: Annotated[
        list[str] | None, typer.Argument(help="passed on to pytest, after a --")
    ] = None,
) -> None:
    """Run the test suite, browser tests included.

    All of it runs in two parts: a process a core for the tests that may run beside others, then
    one process for those of live sessions, servers and browsers, which need the machine alone.
    With arguments pytest runs once, as it is.
    """
    root = Path(__file__).resolve().parents[2]
    if not (root / "tests").is_dir():
        raise InputError(
            "The tests are not part of an installed package.",
            hint="Run ./coach test in a clone of the repository.",
        )
    if missing := provide():
        stderr.print(
            f"the tests that need {' and '.join(missing)} will be skipped. "
            f"On Debian: sudo apt-get install {' '.join(DEBIAN)}"
        )
    if arguments:
        raise typer.Exit(_pytest(root, *arguments))
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    share = ["-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]
    with tempfile.TemporaryDirectory(prefix="coach-test-") as kept:
        keep = {KEEP_IN: kept}
        apart = _pytest(root, "-m", APART, *share, **keep, **dict.fromkeys(_ONE_THREAD, "1"))
        alone = _pytest(root, "-m", f"not ({APART})", **keep)
    raise typer.Exit(apart or alone)


def _pytest(root: Path, *arguments: str, **environment: str) -> int:
    """The exit code of a run."""
    return subprocess.run(  # noqa: S603  # no shell; our own interpreter
        [sys.executable, "-m", "pytest", *arguments],
        cwd=root,
        check=False,
        env={**os.environ, **environment},
    ).returncode
