"""What is to be done, is done and was done: the table `jobs`, which is the truth about jobs.

The queue only carries ids to workers. Whatever is lost or doubled on the way does no harm: a job is
begun by who claims it here, and who no longer holds the claim changes nothing more.
"""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from coach_server.errors import BusyError, FullError, NotFoundError
from coach_server.library.database import Database
from coach_server.library.jobs.job import ATTEMPTS, KINDS, Job, State

QUEUED: Final = 20
"""Jobs that wait at a time."""
KEPT: Final = 100
"""Jobs that have ended and are still listed."""

_FINAL: Final = "('done', 'failed', 'cancelled')"
_RETRY_AFTER_S: Final = 60


class Ledger:
    """The jobs of a data folder; others read and write at the same time.

    Args:
        database: holds the table.
        max_queued: jobs that may wait at a time.
        max_kept: jobs that stay listed after their end.
        clock: seconds since 1970.

    Attributes:
        dropped: jobs that this object took off the list to make room.
    """

    def __init__(
        self,
        database: Database,
        *,
        max_queued: int = QUEUED,
        max_kept: int = KEPT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.dropped = 0
        self._database = database
        self._max_queued = max_queued
        self._max_kept = max_kept
        self._clock = clock

    def create(
        self, kind: str, title: str, arguments: Mapping[str, Any], *, job_id: str | None = None
    ) -> Job:
        """Put a job on the list; nobody is told of it yet.

        Args:
            kind: one of `KINDS`.
            title: what people call it.
            arguments: JSON for its performer.
            job_id: of a folder of uploads that is there already; a new one where None.

        Raises:
            FullError: too many wait.
        """
        if kind not in KINDS:
            raise ValueError(kind)
        job_id = job_id or secrets.token_hex(8)
        with self._database.connect() as connection:
            self._check_room(connection)
            connection.execute(
                "INSERT INTO jobs (id, kind, title, arguments, state, created_at, changed_at) "
                "VALUES (?, ?, ?, ?, 'queued', ?, ?)",
                (job_id, kind, title, json.dumps(arguments), now := self._clock(), now),
            )
            self._drop_oldest(connection)
            return _read(connection, job_id)

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self._database.connect(write=False) as connection:
            return _read(connection, job_id)

    def all(self) -> list[Job]:
        """All jobs, the newest first."""
        return self._select("ORDER BY created_at DESC, rowid DESC")

    def some(self, ids: Collection[str]) -> dict[str, Job]:
        """Those of these jobs that there are, by id."""
        marks = ", ".join("?" * len(ids))
        return {job.id: job for job in self._select(f"WHERE id IN ({marks})", *ids)}

    def unfinished(self) -> list[Job]:
        """Jobs that wait or run, the oldest first."""
        return self._select("WHERE state IN ('queued', 'running') ORDER BY created_at, rowid")

    def claim(self, job_id: str, worker: str) -> Job | None:
        """Begin a job that waits; None where it does not, or not any more."""
        now = self._clock()
        with self._database.connect() as connection:
            changed = connection.execute(
                "UPDATE jobs SET state = 'running', worker = ?, attempts = attempts + 1, "
                "stage = '', share = NULL, started_at = ?, ended_at = NULL, changed_at = ? "
                "WHERE id = ? AND state = 'queued'",
                (worker, now, now, job_id),
            )
            return _read(connection, job_id) if changed.rowcount else None

    def is_held(self, job_id: str, worker: str) -> bool:
        """Whether the job is still this worker's: nobody has called it off."""
        return bool(
            self._select("WHERE id = ? AND worker = ? AND state = 'running'", job_id, worker)
        )

    def progress(self, job_id: str, worker: str, stage: str, share: float | None) -> bool:
        """Note how far a job is; it never goes back. Gives `is_held`."""
        return self._of_worker(
            job_id,
            worker,
            "stage = ?, share = CASE WHEN ? IS NULL THEN share ELSE max(coalesce(share, 0), ?) END",
            (stage, share, share),
        )

    def finish(self, job_id: str, worker: str, result: Mapping[str, str]) -> bool:
        """A job is done, with the ids of what came of it; gives whether it was still held."""
        return self._end(job_id, worker, State.DONE, "result", result)

    def fail(self, job_id: str, worker: str, error: Mapping[str, str]) -> bool:
        """A job has failed for this reason: code, message, hint; gives whether it was held."""
        return self._end(job_id, worker, State.FAILED, "error", error)

    def release(self, job_id: str, worker: str) -> bool:
        """Put a job back that was stopped for no fault of its own: the attempt does not count."""
        return self._of_worker(
            job_id, worker, f"{_WAITS_AGAIN}, attempts = max(attempts - 1, 0)", ()
        )

    def lose(self, job_id: str, worker: str, why: Mapping[str, str]) -> State | None:
        """A job's process was stopped in the middle: it waits again, or has failed too often.

        Args:
            job_id: which.
            worker: who ran it.
            why: code, message, hint, where it is not tried again.

        Returns:
            Where the job stands now; None where somebody else has decided meanwhile.
        """
        now = self._clock()
        held = (job_id, worker)
        with self._database.connect() as connection:
            failed = connection.execute(
                f"UPDATE jobs SET state = 'failed', worker = NULL, error = ?, ended_at = ?, "  # noqa: S608  # this module's constants; values are bound
                f"changed_at = ? WHERE {_HELD} AND attempts >= ?",
                (json.dumps(dict(why)), now, now, *held, ATTEMPTS),
            )
            if failed.rowcount:
                return State.FAILED
            again = connection.execute(
                f"UPDATE jobs SET {_WAITS_AGAIN}, changed_at = ? WHERE {_HELD}",  # noqa: S608  # this module's constants; values are bound
                (now, *held),
            )
            return State.QUEUED if again.rowcount else None

    def cancel(self, job_id: str) -> Job:
        """Call a job off; one that has ended is left as it is.

        Raises:
            NotFoundError: there is none of that id.
        """
        now = self._clock()
        with self._database.connect() as connection:
            connection.execute(
                "UPDATE jobs SET state = 'cancelled', worker = NULL, ended_at = ?, changed_at = ? "
                "WHERE id = ? AND state IN ('queued', 'running')",
                (now, now, job_id),
            )
            return _read(connection, job_id)

    def retry(self, job_id: str) -> Job:
        """Have a job that failed or was called off wait again, with all its attempts.

        Raises:
            NotFoundError: there is none of that id.
            BusyError: it waits, runs, or is done.
            FullError: too many wait.
        """
        with self._database.connect() as connection:
            job = _read(connection, job_id)
            if job.state not in (State.FAILED, State.CANCELLED):
                raise BusyError(
                    f"The job is {job.state}.",
                    hint="Only one that failed or was cancelled can be tried again.",
                    code="not_retryable",
                )
            self._check_room(connection)
            connection.execute(
                f"UPDATE jobs SET {_WAITS_AGAIN}, attempts = 0, changed_at = ? WHERE id = ?",  # noqa: S608  # this module's constants; values are bound
                (self._clock(), job_id),
            )
            return _read(connection, job_id)

    def remove(self, job_id: str) -> Job:
        """Take a job that has ended off the list; gives what it was.

        Raises:
            NotFoundError: there is none of that id.
            BusyError: it has not ended.
        """
        with self._database.connect() as connection:
            job = _read(connection, job_id)
            if not job.state.is_final:
                raise BusyError(f"The job is {job.state}.", hint="Cancel it first.")
            connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
            return job

    def _end(
        self, job_id: str, worker: str, state: State, what: str, value: Mapping[str, str]
    ) -> bool:
        now = self._clock()
        ended = f"state = ?, worker = NULL, stage = '', ended_at = ?, {what} = ?"
        return self._of_worker(job_id, worker, ended, (state.value, now, json.dumps(dict(value))))

    def _of_worker(
        self, job_id: str, worker: str, changes: str, values: tuple[str | float | None, ...]
    ) -> bool:
        """Change a job that this worker runs; gives whether it still did."""
        with self._database.connect() as connection:
            changed = connection.execute(
                f"UPDATE jobs SET {changes}, changed_at = ? WHERE {_HELD}",  # noqa: S608  # callers give constants; values are bound
                (*values, self._clock(), job_id, worker),
            )
            return changed.rowcount == 1

    def _select(self, which: str, *values: str) -> list[Job]:
        with self._database.connect(write=False) as connection:
            rows = connection.execute(f"SELECT * FROM jobs {which}", values)  # noqa: S608  # callers give constants; values are bound
            return [_job(row) for row in rows]

    def _check_room(self, connection: sqlite3.Connection) -> None:
        (count,) = connection.execute("SELECT count(*) FROM jobs WHERE state = 'queued'").fetchone()
        if count >= self._max_queued:
            raise FullError(
                f"{count} jobs are waiting already.",
                retry_after_s=_RETRY_AFTER_S,
                hint="Wait until some of them are done, or cancel one.",
            )

    def _drop_oldest(self, connection: sqlite3.Connection) -> None:
        dropped = connection.execute(
            f"DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state IN {_FINAL} "  # noqa: S608  # this module's constants; values are bound
            "ORDER BY ended_at DESC LIMIT -1 OFFSET ?)",
            (self._max_kept,),
        )
        self.dropped += dropped.rowcount


_HELD: Final = "id = ? AND worker = ? AND state = 'running'"
_WAITS_AGAIN: Final = (
    "state = 'queued', worker = NULL, stage = '', share = NULL, started_at = NULL, "
    "ended_at = NULL, result = NULL, error = NULL"
)


def _read(connection: sqlite3.Connection, job_id: str) -> Job:
    row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise NotFoundError(
            f"There is no job {job_id[:32]!r}.",
            hint="Old jobs are taken off the list; the library page shows those that are on it.",
            code="no_such_job",
        )
    return _job(row)


def _job(row: sqlite3.Row) -> Job:
    fields: dict[str, Any] = dict(row)
    return Job(
        **{
            **fields,
            "state": State(fields["state"]),
            "arguments": json.loads(fields["arguments"]),
            "result": json.loads(fields["result"]) if fields["result"] else None,
            "error": json.loads(fields["error"]) if fields["error"] else None,
        }
    )
