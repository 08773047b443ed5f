"""Cutting a routine once for one request, however often its job is begun."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from coach_server.errors import InputError
from coach_server.library.database import NAME, Database
from coach_server.library.index import RoutineIndex
from coach_server.library.store import RoutineLibrary, StoredRoutine

NOTE: Final = "cut.json"
"""In the job's folder: what the routine becomes when its cut takes its place."""


def state_of(stored: StoredRoutine) -> dict[str, Any]:
    """What a routine's times hang on: it changes with every cut, and with every new track.

    Raises:
        InputError: it has no track.
    """
    try:
        track_ns = stored.track.stat().st_mtime_ns
    except OSError as error:
        raise InputError(
            "The routine has no track.", hint="Prepare it again from its film.", code="bad_track"
        ) from error
    return {"duration_s": stored.meta.duration_s, "track_ns": track_ns}


class OneCutLibrary(RoutineLibrary):
    """The routines as a job sees them that cuts one of them.

    Args:
        data: the data folder.
        asked_of: `state_of` the routine when somebody asked for the cut.
        note: a file that outlives an attempt of the job.
    """

    def __init__(self, data: Path, asked_of: dict[str, Any], note: Path) -> None:
        super().__init__(data / "routines", RoutineIndex(Database(data / NAME)))
        self._asked_of = asked_of
        self._note = note

    def is_cut(self, routine_id: str) -> bool:
        """Whether an earlier attempt came to its end, but could not tell of it.

        Raises:
            NotFoundError: there is no such routine.
        """
        stored = self.open(routine_id)
        return self._note.exists() and json.loads(self._note.read_text("utf-8")) == state_of(stored)

    @contextmanager
    def changing(self, routine_id: str) -> Iterator[StoredRoutine]:
        """As in any library, of the routine that was asked of alone.

        Raises:
            InputError: it is another by now: the times that were asked for mean nothing there.
        """
        with super().changing(routine_id) as stored:
            if state_of(stored) != self._asked_of:
                raise InputError(
                    f"The routine {stored.meta.title!r} was changed since somebody asked to trim "
                    "it.",
                    hint="Look at it as it is now, and trim it again where it still needs that.",
                    code="routine_changed",
                )
            yield stored

    @contextmanager
    def writing(self, routine_id: str) -> Iterator[Path]:
        """As in any library; noted before it is in its place."""
        with super().writing(routine_id) as folder:
            yield folder
            self._note.write_text(json.dumps(state_of(StoredRoutine(folder))), "utf-8")
