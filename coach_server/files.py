"""Writing files so that they are whole or not there, whatever stops the machine."""

import os
import tempfile
from pathlib import Path

from coach_server.errors import InputError, StorageError


def write_whole(path: Path, content: bytes) -> None:
    """Write under a temporary name beside `path`, then rename.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    _write(path, content, 0o666 & ~_umask())


def write_private(path: Path, content: bytes) -> None:
    """`write_whole` for what nobody but this user may read, such as a key.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    _write(path, content, 0o600)


def private_folder(path: Path) -> None:
    """Make a folder that nobody but this user may enter; one that is there stays as it is.

    Raises:
        InputError: it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the folder {path} cannot be made: {error.strerror}",
            hint="set COACH_DATA to a folder of yours",
            code="unwritable",
        ) from error


def _write(path: Path, content: bytes, mode: int) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_result(path: Path, content: bytes) -> None:
    """`write_whole` for a file that the user named.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror}.",
            hint="Choose a folder that exists and that you may write to.",
            code="unwritable",
        ) from error


def check_writable(path: Path) -> None:
    """Find out before the work, not after it, that its result would have nowhere to go.

    Raises:
        InputError: `path` is a folder, or its folder is missing or not writable.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder.", hint="Give a file's name.", code="unwritable")
    if not path.parent.is_dir():
        raise InputError(
            f"There is no folder {path.parent}.",
            hint="Make it, or choose another.",
            code="unwritable",
        )
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            return
    except OSError as error:
        raise InputError(
            f"{path.parent} cannot be written to: {error.strerror}.",
            hint="Choose a folder that you may write to.",
            code="unwritable",
        ) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
