"""Making ledger, queue and uploads agree again after something was killed or lost."""

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog

from coach_server.errors import InternalError
from coach_server.library.folders import Folders
from coach_server.library.jobs.job import Job, State
from coach_server.library.jobs.ledger import Ledger
from coach_server.library.jobs.locks import JobLocks
from coach_server.library.jobs.queue import JobQueue

log = structlog.get_logger(__name__)

KEPT_S: Final[Mapping[State, float]] = {State.FAILED: 86_400.0, State.CANCELLED: 600.0}
"""What was uploaded stays so long after a job has failed or was called off, to be tried again."""
_ABANDONED_S: Final = 86_400.0


def reconcile(data: Path, ledger: Ledger, queue: JobQueue, locks: JobLocks) -> None:
    """Have jobs run again whose processes are gone, and queue those that the queue has lost.

    Args:
        data: the data folder.
        ledger: of the jobs there.
        queue: carries them.
        locks: of those that run.

    Raises:
        InputError: ledger or queue cannot be used.
    """
    unfinished = ledger.unfinished()
    for job in unfinished:
        if job.state is State.RUNNING and job.worker is not None:
            with locks.hold(job.id) as lock:
                if lock is not None and ledger.lose(job.id, job.worker, was_stopped("its worker")):
                    discard_unfinished(data, job)
                    log.warning("a job's worker was gone", job=job.id, attempts=job.attempts)
    waiting = queue.waiting() if unfinished else set()
    for job in ledger.unfinished():
        if job.state is State.QUEUED and job.id not in waiting:
            queue.put(job.id)


def discard_unfinished(data: Path, job: Job) -> None:
    """Remove the half of a routine or comparison that a job left whose process is gone."""
    if routine := job.arguments.get("routine"):
        Folders(data / "routines", "routine").discard_unfinished(str(routine))
    if comparison := job.arguments.get("comparison"):
        Folders(data / "comparisons", "comparison").discard_unfinished(str(comparison))


def was_stopped(what: str) -> dict[str, str]:
    """Why a job has failed that was begun and stopped as often as it may be."""
    error = InternalError(
        f"The job was stopped in the middle each time it was begun, at last because {what} ended.",
        hint="The machine may be out of memory: give a smaller film, or try it again when less "
        "goes on.",
        code="job_stopped",
    )
    return error.as_dict()["error"]


def tidy(ledger: Ledger, uploads: Path, locks: JobLocks, now: float) -> None:
    """Remove the folders of jobs that are done, and those of others once they were kept enough.

    A folder that belongs to no job may be of an upload that is being received.
    """
    folders = [path for path in uploads.iterdir() if path.is_dir()] if uploads.is_dir() else []
    jobs = ledger.some([folder.name for folder in folders])
    for folder in folders:
        job = jobs.get(folder.name)
        if job is None:
            over = now - folder.stat().st_mtime > _ABANDONED_S
        else:
            ended_at = job.ended_at if job.ended_at is not None else now
            over = job.state.is_final and now - ended_at >= KEPT_S.get(job.state, 0.0)
        if over:
            with locks.hold(folder.name) as lock:
                if lock is not None:
                    shutil.rmtree(folder, ignore_errors=True)
                    locks.forget(folder.name)


def tidy_now(ledger: Ledger, uploads: Path, locks: JobLocks) -> None:
    """`tidy` at this moment."""
    tidy(ledger, uploads, locks, time.time())
