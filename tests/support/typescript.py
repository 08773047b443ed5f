"""The TypeScript compiler that judges the pages: one exact version, kept where the models are."""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

import pytest

from coach_server.files import write_whole
from coach_server.settings import Settings
from support.cache_lock import filling_the_cache

VERSION: Final = "5.9.3"
SHA256: Final = "10e108c9cf7d5f2879053dff18515fb405abf2ccef63eaaf017d9c571687a1d3"
_FETCH_S: Final = 120.0


def compiler(folder: Path) -> list[str]:
    """The command that runs `tsc`, unpacked into a folder.

    Skips the test where Node.js or npm is not installed, or npm reaches no registry.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js, which runs TypeScript, is not installed")
    with tarfile.open(_package()) as archive:
        wanted = [file for file in archive if file.name.endswith((".js", "lib.json", ".d.ts"))]
        archive.extractall(folder, wanted, filter="data")
    return [node, str(folder / "package" / "lib" / "tsc.js")]


def _package() -> Path:
    """The package's file in the user's cache, fetched by npm where it is not there yet."""
    kept = Settings().cache / f"typescript-{VERSION}.tgz"
    with filling_the_cache():
        if not kept.exists() or not _is_it(kept.read_bytes()):
            write_whole(kept, _fetched())
    return kept


def _fetched() -> bytes:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm, which fetches TypeScript, is not installed")
    command = [npm, "pack", f"typescript@{VERSION}", "--prefer-offline", "--fetch-retries=1"]
    with tempfile.TemporaryDirectory(prefix="coach-typescript-") as folder:
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=_FETCH_S, check=False
            )
        except subprocess.TimeoutExpired:
            pytest.skip("npm could not fetch TypeScript in time")
        if done.returncode:
            pytest.skip(f"npm could not fetch TypeScript: {done.stderr.strip()[-200:]}")
        (file,) = Path(folder).glob("*.tgz")
        content = file.read_bytes()
    assert _is_it(content), "what npm brought is not the TypeScript that is pinned"
    return content


def _is_it(content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == SHA256
