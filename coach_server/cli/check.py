"""`coach test`: the whole test suite, with what it needs of the machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from coach_server.cli.console import stderr
from coach_server.errors import InputError

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
"""Names under which a Chromium is found."""
_DEBIAN: Final = ("chromium", "fonts-dejavu-core", "libegl1", "libgl1-mesa-dri")

APART: Final = "unit or film or engine"
"""Kinds of tests that keep no time and talk to nobody: several processes share them."""
MOST_PROCESSES: Final = 8
"""Each takes up to a gigabyte."""
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
    _offer_browser()
    if arguments:
        raise typer.Exit(_pytest(root, *arguments))
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    share = ["-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]
    apart = _pytest(root, "-m", APART, *share, **dict.fromkeys(_ONE_THREAD, "1"))
    alone = _pytest(root, "-m", f"not ({APART})")
    raise typer.Exit(apart or alone)


def _pytest(root: Path, *arguments: str, **environment: str) -> int:
    """The exit code of a run."""
    return subprocess.run(  # noqa: S603  # no shell; our own interpreter
        [sys.executable, "-m", "pytest", *arguments],
        cwd=root,
        check=False,
        env={**os.environ, **environment},
    ).returncode


def _offer_browser() -> None:
    """Install Debian's Chromium where that is allowed; otherwise name it."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        stderr.print("installing Chromium for the browser tests")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update"], ["install", "-y", "--no-install-recommends", *_DEBIAN]):
            done = subprocess.run(  # noqa: S603  # no shell; fixed arguments
                [apt, "-qq", *step], check=False, env=environment, stdout=subprocess.DEVNULL
            )
            if done.returncode:
                break
        else:
            return
    stderr.print(
        "the browser tests will be skipped: Chromium is missing. "
        f"On Debian: sudo apt-get install {' '.join(_DEBIAN)}"
    )
