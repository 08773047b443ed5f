"""What was sent and waits for its job: one folder a job, under names that we choose."""

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from coach_server.library.text import seen_text

_LONGEST: Final = 120
"""Characters of a name that are shown."""


class Uploads:
    """The folders of uploads under `root`, which nobody serves.

    Args:
        root: where they lie.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextlib.contextmanager
    def receiving(self) -> Iterator[Path]:
        """An empty folder under a name of its own, which is to be the job's.

        No server takes it for a forgotten one until the block ends.

        Raises:
            OSError: it cannot be made.
        """
        folder, lock = self._new()
        try:
            yield folder
        finally:
            os.close(lock)

    def free_bytes(self) -> int:
        """What the disk still takes.

        Raises:
            OSError: the folder cannot be made.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free

    def remove(self, name: str) -> None:
        """Remove a folder, where it is there."""
        if name.isalnum():
            shutil.rmtree(self.root / name, ignore_errors=True)

    def recover(self, is_wanted: Callable[[str], bool]) -> None:
        """Remove what a machine that stopped has left.

        Args:
            is_wanted: whether a folder of this name has a job.
        """
        with contextlib.suppress(FileNotFoundError):
            for folder in list(self.root.iterdir()):
                lock = _locked(folder)
                if lock is not None:  # else another server receives it
                    try:
                        if not is_wanted(folder.name):
                            shutil.rmtree(folder, ignore_errors=True)
                    finally:
                        os.close(lock)

    def _new(self) -> tuple[Path, int]:
        while True:
            folder = self.root / secrets.token_hex(8)
            folder.mkdir(parents=True)
            lock = _locked(folder)
            if lock is not None:  # else another server found it before it was locked
                return folder, lock


def _locked(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock; None where others do, or it is there no more.

    The system lets go of it with the process.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(handle).st_ino == folder.stat().st_ino:
            return handle
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(handle)
    return None


def shown_name(sent: str | None, otherwise: str) -> str:
    """What a file is called in sentences, of the name that was sent with it.

    Neither folders nor anything that is not seen stays: control characters, and those that turn
    the direction of writing.
    """
    last = (sent or "").replace("\\", "/").rsplit("/", 1)[-1]
    return seen_text(last)[:_LONGEST].strip(" .") or otherwise


def title_of(called: str) -> str:
    """A title for what has none: the file's name without its ending, with spaces."""
    stem = called.rsplit(".", 1)[0] if "." in called else called
    return " ".join(stem.replace("_", " ").replace("-", " ").split()) or called
