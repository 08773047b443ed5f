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


def run_tests(
    arguments: Annotated[
        list[str] | None, typer.Argument(help="passed on to pytest, after a --")
    ] = None,
) -> None:
    """Run the test suite, browser tests included."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "tests").is_dir():
        raise InputError(
            "The tests are not part of an installed package.",
            hint="Run ./coach test in a clone of the repository.",
        )
    _offer_browser()
    command = [sys.executable, "-m", "pytest", *(arguments or [])]
    raise typer.Exit(subprocess.run(command, cwd=root, check=False).returncode)  # noqa: S603  # no shell; our own interpreter


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
