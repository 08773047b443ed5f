"""The routines on disk, one folder each, and the index by which they are listed quickly."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

import structlog

from coach_server.coaching.anomalies import Anomaly
from coach_server.coaching.holds import Hold
from coach_server.coaching.routine import Routine
from coach_server.errors import InputError, NotFoundError
from coach_server.library.chapters import names_of, read_chapters
from coach_server.library.database import NAME, Database
from coach_server.library.folders import Folders
from coach_server.library.index import RoutineIndex
from coach_server.library.routine_file import FILE, RoutineMeta, read_meta
from coach_server.library.track_file import load_track

FILES: Final = (FILE, "track.npz", "video.mp4", "chapters.vtt", "poster.jpg")
"""All that a routine's folder holds."""

log = structlog.get_logger(__name__)


class StoredRoutine:
    """One routine's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.meta = read_meta(folder)

    @property
    def video(self) -> Path:
        """The film, playable in browsers."""
        return self.folder / "video.mp4"

    @property
    def poster(self) -> Path:
        """A still of it."""
        return self.folder / "poster.jpg"

    @property
    def chapters(self) -> Path:
        """WebVTT."""
        return self.folder / "chapters.vtt"

    @property
    def track(self) -> Path:
        """The instructor's poses."""
        return self.folder / "track.npz"

    def load(self) -> Routine:
        """The routine as the coach compares with it.

        Raises:
            InputError: its track is missing or damaged.
        """
        held = self.meta.holds
        holds = tuple(Hold(segment.start_s, segment.end_s) for segment in held)
        return Routine(
            track=load_track(self.track),
            holds=holds,
            names=names_of(holds, read_chapters(self.chapters)) if self.chapters.exists() else (),
            weights=tuple({str(k): w for k, w in s.importance.items()} for s in held),
            anomalies=tuple(Anomaly(span.start_s, span.end_s) for span in self.meta.anomalies),
        )


class RoutineLibrary:
    """All routines under one folder, which is made when the first is added.

    Args:
        root: where they lie.
        index: what is known of them without reading each; without it they are read.
    """

    def __init__(self, root: Path, index: RoutineIndex | None = None) -> None:
        self._folders = Folders(root, "routine")
        self._index = index

    @classmethod
    def of(cls, data: Path) -> Self:
        """The library of a data folder, with its index."""
        return cls(data / "routines", RoutineIndex(Database(data / NAME)))

    @property
    def folders(self) -> Folders:
        """Where they lie."""
        return self._folders

    def summaries(self) -> list[RoutineMeta]:
        """All routines by title; a folder that cannot be read is left out and logged."""
        if self._index is not None:
            found = self._index.metas(self._folders)
        else:
            found = [meta for name in self._folders.ids() if (meta := self._read(name))]
        return sorted(found, key=lambda meta: (meta.title.casefold(), meta.id))

    def open(self, routine_id: str) -> StoredRoutine:
        """One routine.

        Raises:
            NotFoundError: there is none of that id.
            InputError: its folder is damaged.
        """
        folder = self._folders.path_of(routine_id)
        if folder is None:
            raise _no_such_routine(routine_id)
        return StoredRoutine(folder)

    def remove(self, routine_id: str) -> None:
        """Remove a routine with all its files.

        Raises:
            NotFoundError: there is none of that id.
            BusyError: somebody changes it.
            InputError: it cannot be removed.
        """
        if self._folders.path_of(routine_id) is None:
            raise _no_such_routine(routine_id)
        with self._folders.changing(routine_id):
            if not self._folders.remove(routine_id):
                raise _no_such_routine(routine_id)

    def new_id(self, title: str) -> str:
        """An id that is free, from the title's letters and a few random ones."""
        return self._folders.new_id(title)

    @contextmanager
    def writing(self, routine_id: str) -> Iterator[Path]:
        """A folder to fill, which becomes the routine's when the block ends without error.

        Raises:
            InputError: the library's folder cannot be written.
        """
        with self._folders.writing(routine_id) as folder:
            yield folder

    @contextmanager
    def changing(self, routine_id: str) -> Iterator[StoredRoutine]:
        """A routine that nobody else changes or removes until the block ends.

        Raises:
            NotFoundError: there is none of that id.
            BusyError: somebody changes it already.
            InputError: its folder is damaged.
        """
        if self._folders.path_of(routine_id) is None:
            raise _no_such_routine(routine_id)
        with self._folders.changing(routine_id):
            yield self.open(routine_id)

    def reindex(self) -> int:
        """Read every folder anew; gives how many routines there are.

        The index follows what changes in the folders by itself; this is for when it does not.
        """
        if self._index is not None:
            self._index.clear()
        return len(self.summaries())

    def recover(self) -> None:
        """Mend what a machine that stopped has left; see `Folders.recover`."""
        self._folders.recover()

    def _read(self, routine_id: str) -> RoutineMeta | None:
        try:
            return read_meta(self._folders.root / routine_id)
        except InputError as error:
            log.warning("routine_unreadable", routine=routine_id, reason=error.message)
            return None


def _no_such_routine(routine_id: str) -> NotFoundError:
    return NotFoundError(
        f"There is no routine called {routine_id[:64]!r}.",
        hint="The library page lists those there are.",
        code="no_such_routine",
    )
