"""The environment in which engines are proven: one of its own, made once and kept in the cache.

It has another torch than the server's, with torchvision, torch-tensorrt and TensorRT for RTX; the
extra `proof` names them. What it is made of is kept beside it, so that it is made anew when that
changes, and when making it was cut short.
"""

import os
import shutil
import subprocess
import sys
import tomllib
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from coach_server.errors import EngineError

NAMED_BY: Final = "COACH_CHECK_ENV"
"""A folder with a ready environment, in place of ours."""
EXTRAS: Final = ("cpu", "proof")
ROOM_BYTES: Final = 9 << 30
"""What it takes while it is made: 6 GB, and the packages as they come."""
_STAMP: Final = "made-of"
_REASON_LENGTH: Final = 300

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def interpreter(
    root: Path, cache: Path, say: Callable[[str], None], run: Run | None = None
) -> Path:
    """The Python of the environment, which is made first where there is none.

    Args:
        root: of the clone, whose package is installed in it.
        cache: the cache folder of the settings.
        say: is told what takes long.
        run: runs a command as `subprocess.run` does; a parameter for tests.

    Raises:
        EngineError: there is no room, or the packages cannot be had.
    """
    run = run or subprocess.run
    named = os.environ.get(NAMED_BY)
    if named:
        python = Path(named) / "bin" / "python"
        if not python.is_file():
            raise EngineError(f"{NAMED_BY} names {named}, which is no environment", hint="unset it")
        return python
    folder = cache / "engine-check"
    wanted = _made_of(root)
    python = folder / "bin" / "python"
    if _stamp(folder) != wanted or not python.exists():
        _make(folder, root, wanted, say, run)
    return python


def _made_of(root: Path) -> str:
    """What the environment is made of, as one line: changed, it is made anew."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    named = [project["dependencies"], *(project["optional-dependencies"][e] for e in EXTRAS)]
    return f"{sys.version_info[:2]} {zlib.crc32(repr(named).encode()):08x} {root}"


def _stamp(folder: Path) -> str | None:
    try:
        return (folder / _STAMP).read_text("utf-8")
    except OSError:
        return None


def _make(folder: Path, root: Path, wanted: str, say: Callable[[str], None], run: Run) -> None:
    say(f"making the environment of `engines check` in {folder} (once; 6 GB, some minutes)")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _STAMP).unlink(missing_ok=True)  # until it is whole it is none
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise EngineError(
            f"{folder} cannot be used: {error.strerror or error}",
            hint="make it writable, or set COACH_CACHE to a folder that is",
        ) from error
    if free < ROOM_BYTES:
        raise EngineError(
            f"the environment of `engines check` takes {ROOM_BYTES >> 30} GB, and {folder} has "
            f"{free / (1 << 30):.1f} left",
            hint="make room, or set COACH_CACHE to a folder that has it",
        )
    python = folder / "bin" / "python"
    packages = f"{root}[{','.join(EXTRAS)}]"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [*pip, "--editable", packages],
    ):
        done = run(command, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise EngineError(
                f"the environment of `engines check` cannot be made: {_reason(done.stderr)}",
                hint="connect to the network (or set pip's index to a mirror) and run it again",
            )
    (folder / _STAMP).write_text(wanted, "utf-8")


def _reason(output: str) -> str:
    """The line of a client's output that says most: its last error, or else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["it gave no reason"])[-1][:_REASON_LENGTH]
