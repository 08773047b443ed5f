"""Who runs a job is alive as long as its lock is held: the system lets go of it with the process.

The worker takes the lock and hands it to the job's process, so it is free only when both are gone.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from coach_server.errors import StorageError

_SUFFIX: Final = ".lock"
_LOOK_S: Final = 0.1


class JobLocks:
    """A file a job under `root`, which is made when the first is locked."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def hold(self, job_id: str, *, wait_s: float = 0.0) -> Iterator[int | None]:
        """The lock's descriptor, to be handed on; None where others hold it for `wait_s` seconds.

        Raises:
            StorageError: the folder cannot be written.
        """
        path = self._root / f"{job_id}{_SUFFIX}"
        until = time.monotonic() + wait_s
        while (handle := self._try(path)) is None and time.monotonic() < until:
            time.sleep(_LOOK_S)
        try:
            yield handle
        finally:
            if handle is not None:
                os.close(handle)

    def forget(self, job_id: str) -> None:
        """Remove the file of a job that has ended; by who holds it."""
        (self._root / f"{job_id}{_SUFFIX}").unlink(missing_ok=True)

    def _try(self, path: Path) -> int | None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise StorageError(
                f"The folder {self._root} cannot be written: {error.strerror}.",
                hint="Make room, or set COACH_DATA to a folder that you may write to.",
                code="unwritable",
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(handle).st_ino == path.stat().st_ino:  # nobody has removed it meanwhile
                return handle
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(handle)
        return None
