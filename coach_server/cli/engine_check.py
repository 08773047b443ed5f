"""`coach engines check`: proof, without a GPU, that every engine can be built for one."""

import os
import subprocess
from pathlib import Path
from typing import Annotated, Final

import typer

from coach_server.cli.console import stderr
from coach_server.cli.proving_environment import interpreter
from coach_server.errors import InputError
from coach_server.files import check_writable
from coach_server.settings import load_settings

THOROUGH: Final = "ENGINE_CHECK"
"""Tells the tests of this environment which of them are wanted: `quick` or `all`."""


def check(
    thorough: Annotated[
        bool, typer.Option("--all", help="every graph and all three levels; half an hour")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="write the table there as well")
    ] = None,
) -> None:
    """Prove that the engines can be built for a GPU, in an environment of its own.

    Builds real TensorRT plans of every graph, and compares the networks with torchvision's.
    """
    root = Path(__file__).resolve().parents[2]
    if not (root / "scripts" / "engine_proofs").is_dir():
        raise InputError(
            "What proves the engines is not part of an installed package.",
            hint="Run ./coach engines check in a clone of the repository.",
        )

    def say(text: str) -> None:
        stderr.print(text, markup=False)

    if json_file is not None:
        check_writable(json_file)
    python = str(interpreter(root, load_settings().cache, say))
    table = ["-m", "scripts.engine_proofs", *(["--all"] if thorough else [])]
    if json_file is not None:
        table += ["--json", str(json_file.absolute())]
    tests = ["-m", "pytest", "-m", "proof", "-q", "-s", "-p", "no:cacheprovider", "tests/proof"]
    environment = {**os.environ, THOROUGH: "all" if thorough else "quick"}
    codes = [
        subprocess.run(  # noqa: S603  # no shell; our own environment's interpreter
            [python, *arguments], cwd=root, check=False, env=environment
        ).returncode
        for arguments in (table, tests)
    ]
    raise typer.Exit(1 if any(codes) else 0)
