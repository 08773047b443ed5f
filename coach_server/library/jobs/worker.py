"""A worker: takes jobs out of the queue, one at a time, and has each done in its own process.

It shares the machine with live students, so it and its jobs are nice: next to a busy student a job
gets about a thirtieth of a core, and all that is free.
"""

import os
import secrets
import shutil
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Any, Final

import structlog

from coach_server.errors import CoachError
from coach_server.library.database import NAME, Database
from coach_server.library.jobs.job import Job, State
from coach_server.library.jobs.ledger import Ledger
from coach_server.library.jobs.limits import JobLimits
from coach_server.library.jobs.locks import JobLocks
from coach_server.library.jobs.process import COMMAND, JobProcess
from coach_server.library.jobs.queue import JobQueue
from coach_server.library.jobs.recovery import discard_unfinished, reconcile, was_stopped
from coach_server.settings import Settings

log = structlog.get_logger(__name__)

NICENESS: Final = 15

_LOOK_S: Final = 0.4
"""How often a running job is looked after: whether it was called off, and how far it is."""
_RECONCILE_S: Final = 3.0
_LOCK_S: Final = 5.0
"""How long one waits for the process of the attempt before to be gone."""


class Worker:
    """Works until it is told to stop.

    Args:
        settings: of the server.
        command: the program that does a job.
        niceness: of this process and its jobs, 0 to 19.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        command: Sequence[str] = COMMAND,
        niceness: int = NICENESS,
    ) -> None:
        self._settings = settings
        self._ledger = Ledger(Database(settings.data / NAME))
        self._queue = JobQueue(settings)
        self._locks = JobLocks(settings.data / "jobs")
        self._uploads = settings.data / "uploads"
        self._limits = JobLimits.of(settings)
        self._command = command
        self._niceness = niceness
        self._stopping = threading.Event()
        self._idle = threading.Lock()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; a job that runs then waits for the next worker.

        Raises:
            InputError: the queue or the ledger cannot be used.
        """
        os.nice(self._niceness)
        reconcile(self._settings.data, self._ledger, self._queue, self._locks)
        consumer = self._queue.consumer(self.perform)
        self._stopping = consumer.stop_flag
        keeper = threading.Thread(target=self._keep_agreeing, name="reconciler")
        keeper.start()
        try:
            consumer.run()
        finally:
            self._stopping.set()
            with self._idle:  # a second signal does not wait for the job to be put back
                keeper.join()
            self._queue.close()

    def perform(self, job_id: str) -> None:
        """Have a job done, if it still waits; what goes wrong on the way is put right later."""
        try:
            if not self._stopping.is_set():  # else it still waits in the ledger
                self._perform(job_id)
        except CoachError as error:
            log.warning("a job was left", job=job_id, reason=error.message)
        except Exception:
            log.exception("a job was left", job=job_id)

    def _perform(self, job_id: str) -> None:
        with self._idle, self._locks.hold(job_id, wait_s=_LOCK_S) as lock:
            if lock is None:
                return  # somebody is at it; should they be dying, it will be queued again
            worker = f"{os.getpid()}-{secrets.token_hex(4)}"
            job = self._ledger.claim(job_id, worker)
            if job is None:
                return
            log.info("a job begins", job=job.id, kind=job.kind, attempt=job.attempts)
            state = self._do(job, worker, lock)
            discard_unfinished(self._settings.data, job)
            log.info("a job ends", job=job.id, state=state)
            if state is State.DONE or state is None:
                shutil.rmtree(self._uploads / job.id, ignore_errors=True)
            self._locks.forget(job.id)
        if state is State.QUEUED and not self._stopping.is_set():
            self._queue.put(job.id)

    def _do(self, job: Job, worker: str, lock: int) -> State | None:
        """Gives where the job stands then; None where it is on the list no more."""
        with JobProcess(job, lock, self._settings, self._command) as process:
            end = self._watch(job, worker, process)
            status = process.end() if end is _End.BY_ITSELF else 0
        match end:
            case _End.STOPPING:
                self._ledger.release(job.id, worker)
            case _End.LATE:
                self._ledger.fail(job.id, worker, _said(self._limits.out_of_time()))
            case _End.BY_ITSELF:
                self._note_end(job, worker, process.ended, status)
            case _End.CALLED_OFF:
                pass
        now = self._ledger.some([job.id]).get(job.id)
        return None if now is None else now.state

    def _watch(self, job: Job, worker: str, process: JobProcess) -> "_End":
        """Note how far a job is until its process ends, or is to be ended."""
        ends_at = time.monotonic() + self._limits.wall_s
        look_at = 0.0
        while process.listen(_LOOK_S):
            now = time.monotonic()
            if self._stopping.is_set():
                return _End.STOPPING
            if now > ends_at:
                return _End.LATE
            if now >= look_at:
                look_at = now + _LOOK_S
                if not self._ledger.progress(job.id, worker, process.stage, process.share):
                    return _End.CALLED_OFF
        return _End.BY_ITSELF

    def _note_end(
        self, job: Job, worker: str, ended: Mapping[str, Any] | None, status: int
    ) -> None:
        if ended is not None and "result" in ended:
            self._ledger.finish(job.id, worker, ended["result"])
        elif ended is not None:
            self._ledger.fail(job.id, worker, ended["error"])
        elif status == -signal.SIGXCPU:
            self._ledger.fail(job.id, worker, _said(self._limits.out_of_cpu()))
        elif status == -signal.SIGXFSZ:
            self._ledger.fail(job.id, worker, _said(self._limits.out_of_disk()))
        else:
            log.warning("a job's process was gone", job=job.id, status=status)
            self._ledger.lose(job.id, worker, was_stopped("its process"))

    def _keep_agreeing(self) -> None:
        told = ""
        while not self._stopping.wait(_RECONCILE_S):
            try:
                reconcile(self._settings.data, self._ledger, self._queue, self._locks)
                told = ""
            except CoachError as error:  # it may be mended: Redis started again, room made
                if error.message != told:
                    log.warning("the queue cannot be looked after", reason=error.message)
                told = error.message


class _End(Enum):
    """How a process was left."""

    BY_ITSELF = auto()
    CALLED_OFF = auto()
    LATE = auto()
    STOPPING = auto()


def _said(error: CoachError) -> dict[str, str]:
    return error.as_dict()["error"]
