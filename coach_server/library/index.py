"""What stands in `routine.json` of each routine, kept where it can be listed without reading them.

The folders are the truth: the index follows them at every look, by the time each file was written.
So a folder that was copied in, moved or changed by hand is found, and the index may be lost.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from coach_server.errors import InputError
from coach_server.library.database import Database
from coach_server.library.folders import Folders
from coach_server.library.routine_file import FILE, RoutineMeta, read_meta

log = structlog.get_logger(__name__)


_UNREADABLE: Final = json.dumps(None)
"""Stands for a folder that cannot be read, until it is changed."""


_OUTDATED: Final = object()
"""Stands for what another version of the program has written."""


class _Entry(NamedTuple):
    changed_ns: int
    meta: str


class RoutineIndex:
    """The index, in the table `routines`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def metas(self, folders: Folders) -> list[RoutineMeta]:
        """Of all routines that can be read, in no order; the others are logged once a change."""
        there = {name: _changed_ns(folders.root / name) for name in folders.ids()}
        with self._database.connect(write=False) as connection:
            rows = connection.execute("SELECT id, changed_ns, meta FROM routines").fetchall()
        known = {row["id"]: _Entry(row["changed_ns"], row["meta"]) for row in rows}
        metas = {name: _meta(entry.meta) for name, entry in known.items() if name in there}
        gone = known.keys() - there.keys()
        new = {
            name: _Entry(changed, _read(folders.root / name))
            for name, changed in there.items()
            if name not in metas or known[name].changed_ns != changed or metas[name] is _OUTDATED
        }
        if gone or new:
            self._follow(gone, new)
        metas |= {name: _meta(entry.meta) for name, entry in new.items()}
        return [meta for meta in metas.values() if isinstance(meta, RoutineMeta)]

    def _follow(self, gone: Iterable[str], new: Mapping[str, _Entry]) -> None:
        try:
            with self._database.connect() as connection:
                connection.executemany("DELETE FROM routines WHERE id = ?", [(g,) for g in gone])
                connection.executemany(
                    "INSERT OR REPLACE INTO routines (id, changed_ns, meta) VALUES (?, ?, ?)",
                    [(name, entry.changed_ns, entry.meta) for name, entry in new.items()],
                )
        except InputError as error:  # a full disk: the folders are read anew at the next look
            log.warning("index_not_written", reason=error.message)

    def clear(self) -> None:
        """Forget all; the next look reads every folder anew."""
        with self._database.connect() as connection:
            connection.execute("DELETE FROM routines")


def _changed_ns(folder: Path) -> int:
    try:
        return (folder / FILE).stat().st_mtime_ns
    except OSError:
        return 0


def _meta(text: str) -> object:
    """A routine, None for a folder that cannot be read, or `_OUTDATED`."""
    try:
        fields = json.loads(text)
        return None if fields is None else RoutineMeta.model_validate(fields)
    except ValueError:
        return _OUTDATED


def _read(folder: Path) -> str:
    try:
        return read_meta(folder).model_dump_json()
    except InputError as error:
        log.warning("routine_unreadable", routine=folder.name, reason=error.message)
        return _UNREADABLE
