"""The one SQLite file of the data folder: the routines' index, jobs, and reports of practices.

Routines and comparisons are folders; what stands of them here is made again from them at any time.
Jobs and reports are here alone. Other processes read and write at the same time (WAL).
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from coach_server.errors import InputError, StorageError

NAME: Final = "index.sqlite"
BUSY_S: Final = 5.0
"""How long one waits for another who writes."""

MIGRATIONS: Final = (
    """
    CREATE TABLE routines (
        id TEXT PRIMARY KEY,
        changed_ns INTEGER NOT NULL,
        meta TEXT NOT NULL
    );
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        arguments TEXT NOT NULL,
        state TEXT NOT NULL,
        stage TEXT NOT NULL DEFAULT '',
        share REAL,
        created_at REAL NOT NULL,
        started_at REAL,
        ended_at REAL,
        changed_at REAL NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        worker TEXT,
        result TEXT,
        error TEXT
    );
    CREATE INDEX jobs_by_state ON jobs (state, created_at);
    CREATE TABLE reports (
        session TEXT PRIMARY KEY,
        began_at TEXT NOT NULL,
        report TEXT NOT NULL
    );
    CREATE INDEX reports_by_age ON reports (began_at);
    """,
    """
    CREATE TABLE practices (
        session TEXT PRIMARY KEY,
        routine TEXT NOT NULL,
        began_at TEXT NOT NULL,
        began_s REAL NOT NULL,
        figures TEXT NOT NULL
    );
    CREATE INDEX practices_by_routine ON practices (routine, began_s);
    """,
)
"""Each step from one `user_version` to the next; none is ever changed once it was released."""


class Database:
    """Opens connections; holds none, so that it may be shared by threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_current = False

    @contextmanager
    def connect(self, *, write: bool = True) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are kept together when the block ends, or not at all.

        Args:
            write: whether others who write have to wait meanwhile; who only reads says no.

        Raises:
            StorageError: the file cannot be opened or written, or is damaged.
            InputError: it is of a newer version.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(self._open(write=write)) as connection:
                connection.row_factory = sqlite3.Row
                connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                try:
                    yield connection
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()
        except (sqlite3.DatabaseError, OSError) as error:
            raise StorageError(
                f"The index {self._path} cannot be used: {error}.",
                hint="Make room, let nobody else hold the file, or move it aside: routines are "
                "found again without it, jobs and reports are not.",
                code="bad_index",
            ) from error

    def _open(self, *, write: bool) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)
        try:
            self._prepare(connection)
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            # A full disk has no room for what readers share; nobody writes, so there is no need.
            alone = None if write or self._has_log() else self._open_alone()
            if alone is None:
                raise
            return alone
        except BaseException:
            connection.close()
            raise
        return connection

    def _open_alone(self) -> sqlite3.Connection | None:
        """To read, as though nobody else did; None where it is of another version."""
        connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?immutable=1", uri=True)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == len(MIGRATIONS):
            return connection
        connection.close()
        return None

    def _has_log(self) -> bool:
        """Whether there are changes that the file itself does not have yet."""
        try:
            return self._path.with_name(f"{self._path.name}-wal").stat().st_size > 0
        except FileNotFoundError:
            return False

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA synchronous = NORMAL")
        if self._is_current:
            return
        connection.execute("PRAGMA journal_mode = WAL")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise InputError(
                f"The index {self._path} was written by a newer version.",
                hint="Update the coach.",
                code="newer_format",
            )
        if version < len(MIGRATIONS):
            self._migrate(connection)
        self._is_current = True

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Bring the file up to date; of several processes that begin at once, one does it."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            for statement in _statements(MIGRATIONS[version:]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


def _statements(scripts: tuple[str, ...]) -> Iterator[str]:
    for script in scripts:
        for statement in script.split(";"):
            if statement.strip():
                yield statement
