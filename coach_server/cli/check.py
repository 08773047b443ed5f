"""`coach test`: the whole test suite, with what it needs of the machine."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer

from coach_server.cli.console import stderr
from coach_server.cli.programs import DEBIAN, DEBIAN_FIREFOX, provide
from coach_server.errors import InputError

BUSY: Final = "unit or film or engine"
"""Kinds of tests that keep no time and take all that a core has."""
MOST_PROCESSES: Final = 8
"""Each takes up to a gigabyte."""
LIVE_PROCESSES: Final = 2
"""Of the other kinds: sessions, servers and browsers, which wait more than they work."""
KEEP_IN: Final = "TESTS_KEEP_IN"
"""Names the folder in which the first part leaves what the last would work out again."""
_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run_tests(
    arguments: Annotated[
        list[str] | None, typer.Argument(help="passed on to pytest, after a --")
    ] = None,
) -> None:
    """Run the test suite, browser tests included.

    All of it runs in three parts, so that no test that keeps time runs beside those that take all
    a core has, and none that does so with real engines beside any. With arguments pytest runs once,
    as it is.
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
            f"On Debian: sudo apt-get install {' '.join(DEBIAN + DEBIAN_FIREFOX)}"
        )
    if arguments:
        raise typer.Exit(_pytest(root, *arguments))
    with tempfile.TemporaryDirectory(prefix="coach-test-") as kept:
        keep = {KEEP_IN: kept}
        threads = dict.fromkeys(_ONE_THREAD, "1")
        busy = _pytest(
            root, "-m", f"({BUSY}) and not alone", *_shared(MOST_PROCESSES), **keep, **threads
        )
        live = _pytest(root, "-m", f"not ({BUSY} or alone)", *_shared(LIVE_PROCESSES), **keep)
        alone = _pytest(root, "-m", "alone", **keep)
    raise typer.Exit(busy or live or alone)


def _shared(most: int) -> list[str]:
    """Has several processes share the tests, a module each at a time."""
    processes = min(os.cpu_count() or 1, most)
    return ["-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]


def _pytest(root: Path, *arguments: str, **environment: str) -> int:
    """The exit code of a run."""
    return subprocess.run(  # noqa: S603  # no shell; our own interpreter
        [sys.executable, "-m", "pytest", *arguments],
        cwd=root,
        check=False,
        env={**os.environ, **environment},
    ).returncode
