"""Folders of results, one each: there whole, or not at all."""

import contextlib
import errno
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from coach_server.errors import BusyError, StorageError

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

_UNFINISHED: Final = ".unfinished"
_REPLACED: Final = ".replaced"
_REMOVED: Final = ".removed"
_LOCK: Final = ".lock"
_ABANDONED_S: Final = 86_400.0
_TRIES: Final = 5


class Folders:
    """The folders under `root`, which is made when the first is added.

    Args:
        root: where they lie.
        what: one of them is called, in sentences for people: "routine".
    """

    def __init__(self, root: Path, what: str) -> None:
        self.root = root
        self._what = what

    @staticmethod
    def is_id(name: str) -> bool:
        """Whether a folder may be called so."""
        return _ID.fullmatch(name) is not None

    def new_id(self, title: str) -> str:
        """An id that is free, from the title's letters and a few random ones."""
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:48].strip("-") or self._what
        return f"{slug}-{secrets.token_hex(3)}"

    def ids(self) -> list[str]:
        """Of all that are there."""
        with contextlib.suppress(FileNotFoundError), os.scandir(self.root) as entries:
            return sorted(e.name for e in entries if self.is_id(e.name) and e.is_dir())
        return []

    def path_of(self, folder_id: str) -> Path | None:
        """Where a folder lies; None where there is none of that id."""
        path = self.root / folder_id
        return path if self.is_id(folder_id) and path.is_dir() else None

    @contextmanager
    def writing(self, folder_id: str) -> Iterator[Path]:
        """A folder to fill, which becomes that of the id when the block ends without error.

        Raises:
            StorageError: `root` cannot be written.
        """
        unfinished = self.root / f".{folder_id}.{secrets.token_hex(4)}{_UNFINISHED}"
        try:
            unfinished.mkdir(parents=True)
            yield unfinished
            _flush(unfinished)
            self._put(unfinished, self.root / folder_id)
        except OSError as error:
            raise self._unwritable("written", error) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    @contextmanager
    def changing(self, folder_id: str) -> Iterator[None]:
        """What is read in this block and written at its end nobody else changes meanwhile.

        Raises:
            BusyError: somebody changes it already.
            StorageError: `root` cannot be written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.root / f".{folder_id}{_LOCK}", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise self._unwritable("changed", error) from error
        try:
            self._lock(handle)
            yield
        finally:
            os.close(handle)  # and with it the lock

    def remove(self, folder_id: str) -> bool:
        """Remove a folder at once, whoever still reads it; gives whether there was one.

        Raises:
            StorageError: it cannot be removed.
        """
        aside = self.root / f".{folder_id}.{secrets.token_hex(4)}{_REMOVED}"
        if not self.is_id(folder_id):
            return False
        try:
            (self.root / folder_id).rename(aside)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._unwritable("removed", error) from error
        shutil.rmtree(aside, ignore_errors=True)
        (self.root / f".{folder_id}{_LOCK}").unlink(missing_ok=True)
        return True

    def discard_unfinished(self, folder_id: str) -> None:
        """Mend what somebody left who was stopped while they wrote a folder, unless others do now.

        What was begun and never finished is removed; what went aside for it is put back. For
        folders that are written by one at a time alone, or within `changing`.
        """
        if not self.is_id(folder_id) or not any(
            (*self._left(folder_id, _UNFINISHED), *self._left(folder_id, _REPLACED))
        ):
            return
        with contextlib.suppress(BusyError), self.changing(folder_id):
            self._put_back(self.root / folder_id, self._left(folder_id, _REPLACED))
            for folder in self._left(folder_id, _UNFINISHED):
                shutil.rmtree(folder, ignore_errors=True)
            if not (self.root / folder_id).exists():
                (self.root / f".{folder_id}{_LOCK}").unlink(missing_ok=True)

    def recover(self) -> None:
        """Mend what a machine that stopped has left: put back what was being replaced.

        Folders that were never finished are removed once they are a day old; a younger one may
        be in the making.
        """
        for folder in list(self.root.glob(f".*{_REPLACED}")):
            self._put_back(self.root / folder.name[1:].split(".")[0], [folder])
        for folder in self.root.glob(f".*{_REMOVED}"):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in self.root.glob(f".*{_UNFINISHED}"):
            if time.time() - folder.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(folder, ignore_errors=True)

    def _left(self, folder_id: str, how: str) -> list[Path]:
        return list(self.root.glob(f".{folder_id}.*{how}"))

    def _lock(self, handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                f"The {self._what} is being changed at this moment.",
                hint="Wait until that is done, then try again.",
            ) from error

    def _unwritable(self, what: str, error: OSError) -> StorageError:
        return StorageError(
            f"The {self._what} cannot be {what} in {self.root}: {error.strerror}.",
            hint="Make room, or set COACH_DATA to a folder that you may write to.",
            code="unwritable",
        )

    def _put(self, finished: Path, target: Path) -> None:
        """Rename into place; what is there goes aside first, whoever put it there."""
        asides: list[Path] = []
        try:
            for _ in range(_TRIES):
                try:
                    finished.rename(target)
                except OSError as error:
                    if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                        raise
                else:
                    return
                aside = self.root / f".{target.name}.{secrets.token_hex(4)}{_REPLACED}"
                with contextlib.suppress(FileNotFoundError):  # another process was first
                    target.rename(aside)
                    asides.append(aside)
            raise OSError(errno.EBUSY, "others keep writing it")
        finally:
            self._put_back(target, asides)

    def _put_back(self, target: Path, asides: Iterable[Path]) -> None:
        """What went aside is in its place again where that is empty, and else is removed."""
        for aside in asides:
            if not target.exists():
                with contextlib.suppress(OSError):  # another process was first
                    aside.rename(target)
            if target.exists():  # else it is the only one left
                shutil.rmtree(aside, ignore_errors=True)


def _flush(folder: Path) -> None:
    """Have the files on disk before the folder gets its name, which must not mean half a file."""
    for file in folder.rglob("*"):
        if file.is_file():
            handle = os.open(file, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
