"""The front: admits students, hands each offer to a worker, and keeps the workers alive."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

import structlog
from prometheus_client.registry import Collector

from coach_server.errors import (
    CoachError,
    FullError,
    InternalError,
    NotFoundError,
    StartingError,
)
from coach_server.inference.protocols import Progress
from coach_server.library.database import NAME, Database
from coach_server.library.reports.kept import MOST_LISTED, ReportStore, report_from_text
from coach_server.library.reports.listed import LISTED, ListedPractice
from coach_server.rtc.offer import CleanOffer
from coach_server.sessions.load import available_cores
from coach_server.sessions.practices import Joined
from coach_server.sessions.refusals import (
    every_place_taken,
    making_room,
    no_such_session,
    stopping,
    too_busy,
    worker_gone,
)
from coach_server.sessions.session_report import FinishedReports, SessionReport, latest
from coach_server.sessions.workers.child import COMMAND, Child
from coach_server.sessions.workers.line import LineLostError
from coach_server.sessions.workers.samples import FrontMetrics
from coach_server.settings import Settings

log = structlog.get_logger(__name__)

SILENT_S: Final = 4.0
"""A worker tells its load each second: one that is silent for so long hangs."""

GROW_AT: Final = 0.6
"""Of what it may use: beyond this of every worker the next one is started, before it is needed."""

STARTS_S: Final = 3
"""For a worker to load its engines."""

MOST_CORES: Final = 4.0
"""That one worker is taken to use: Python's lock keeps it from many more."""

MOST_KNOWN: Final = 4096
"""Sessions of which the front knows the worker; the oldest are forgotten first."""

_BACKOFF_S: Final = (0.5, 30.0)
_LIVED_S: Final = 60.0
"""Who has lived so long did not die of being started."""
_TRIES: Final = 3
"""Workers that end before they can serve, at the start, until the server gives up."""


class Workers:
    """Live practice in worker processes; as `Practices`.

    Args:
        settings: how many workers, and how many students.
        progress: is told how far the first has come with loading.
        command: the program of a worker.
        silent_s: when a worker counts as hung.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        progress: Progress | None = None,
        command: tuple[str, ...] = COMMAND,
        silent_s: float = SILENT_S,
    ) -> None:
        self._settings = settings
        self._most = most_workers(settings)
        self._cores = min(available_cores() / self._most, MOST_CORES)
        self._progress = progress
        self._command = command
        self._silent_s = silent_s
        self._finished = FinishedReports(ReportStore(Database(settings.data / NAME)))
        self._children: list[Child] = []
        self._keeping: list[asyncio.Task[None]] = []
        self._sessions: OrderedDict[str, Child] = OrderedDict()
        self._resumes: OrderedDict[bytes, tuple[Child, str]] = OrderedDict()
        self._stage: tuple[str, int, int | None] = ("starting a worker", 0, None)
        self._failed: asyncio.Future[CoachError] | None = None
        self._has_served = False
        self._closed = False
        self._counted = FrontMetrics(lambda: sum(len(child.live) for child in self._children))

    @property
    def metrics(self) -> Collector:
        """As `Practices.metrics`."""
        return self._counted.registry

    @property
    def failed(self) -> "asyncio.Future[CoachError]":
        """As `Practices.failed`."""
        if self._failed is None:
            raise RuntimeError("live practice was not started")
        return self._failed

    @property
    def pids(self) -> list[int]:
        """Of the workers that can serve."""
        return [child.pid for child in self._serving()]

    @property
    def engines(self) -> Mapping[str, str]:
        """As `Practices.engines`."""
        if self.failed.done():
            raise self.failed.result()
        for child in self._serving():
            if child.engines is not None:
                return child.engines
        stage, done, total = self._stage
        percent = f" ({100 * done // total} %)" if total else ""
        raise StartingError(f"the coach is starting: {stage}{percent}", hint="wait a moment")

    def start(self) -> None:
        """As `Practices.start`: all workers where their number is set, else the first."""
        self._failed = asyncio.get_running_loop().create_future()
        for _ in range(self._settings.workers or 1):
            self._add()

    async def join(
        self, offer: CleanOffer, *, routine: str, resume: str | None, attempt: int | None = None
    ) -> Joined:
        """As `Practices.join`; a session is taken up where it is, a new one where there is room."""
        known = self._resumes.get(_digest(resume)) if resume is not None else None
        wish = {"routine": routine, "resume": resume, "attempt": attempt}
        try:
            joined = None
            if known is not None and known[0].serves:
                child, session = known
                await self._check_places(child.live & {session})
                joined = await self._taken_up(child, session, offer, wish)
            if joined is None:
                await self._check_places(frozenset())
                child = self._roomiest()
                joined = await child.join(offer, **wish)
        except LineLostError as error:
            raise worker_gone() from error
        self._remember(child, joined)
        self._grow()
        return joined

    async def _taken_up(
        self, child: Child, session: str, offer: CleanOffer, wish: dict[str, str | int | None]
    ) -> Joined | None:
        """The session where it is; None where its worker is full and has forgotten it.

        As a new one it may find room elsewhere.
        """
        try:
            return await child.join(offer, **wish)
        except FullError:
            with suppress(NotFoundError):
                if (await child.report(session))["resumable"]:
                    raise
            return None

    async def report(self, session: str) -> SessionReport:
        """As `Practices.report`."""
        child = self._sessions.get(session)
        if child is not None and child.serves:
            with suppress(NotFoundError, LineLostError):
                told = await child.report(session)
                kept = await asyncio.to_thread(report_from_text, told["text"])
                return SessionReport(kept.began_at, kept.session, kept.practice, told["resumable"])
        found = await self._finished.find(session)
        if found is None:
            raise no_such_session()
        return found

    async def practices(self, routine: str | None = None) -> list[ListedPractice]:
        """As `Practices.practices`."""
        found = await self._finished.listed(routine)
        for child in self._serving():
            with suppress(LineLostError):
                told = await child.under_way(routine)
                found |= {each["session"]: LISTED.validate_python(each) for each in told}
        newest = sorted(found.values(), key=lambda each: each.began_at, reverse=True)
        return newest[:MOST_LISTED]

    async def last_practised(self) -> dict[str, datetime]:
        """As `Practices.last_practised`."""
        last = await self._finished.last_practised()
        if not any(child.live for child in self._children):
            return last
        return latest(last, await self.practices())

    async def close(self) -> None:
        """As `Practices.close`; workers that do not end by themselves are killed."""
        self._closed = True
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)

    def _serving(self) -> list[Child]:
        return [child for child in self._children if child.serves]

    async def _check_places(self, replaced: frozenset[str]) -> None:
        """See that a place is free, or becomes so by the connections that are `replaced`."""
        if self._closed:
            raise stopping()
        if self._taken() - len(replaced) < self._settings.max_sessions:
            return
        # Who is about to leave has left already.
        await asyncio.gather(*(_recounted(child) for child in self._serving()))
        if self._taken() - len(replaced) >= self._settings.max_sessions:
            raise every_place_taken()

    def _taken(self) -> int:
        return sum(child.used for child in self._children)

    def _roomiest(self) -> Child:
        """The worker that would be the least busy with one more.

        Raises:
            FullError: none takes one more.
            StartingError: none can serve yet.
        """
        _ = self.engines  # raises until one can serve
        most = self._settings.max_load
        taking = [c for c in self._serving() if c.load.takes_one_more(most, c.joined_since)]
        if not taking:
            if self._may_add():
                self._add()
            if self._on_their_way():
                raise making_room(STARTS_S)
            raise too_busy()
        return min(taking, key=lambda c: (c.load.with_more(c.joined_since), c.used))

    def _remember(self, child: Child, joined: Joined) -> None:
        digest = _digest(joined.resume)
        self._sessions[joined.session] = child
        self._resumes[digest] = child, joined.session
        self._sessions.move_to_end(joined.session)
        self._resumes.move_to_end(digest)
        for known in (self._sessions, self._resumes):
            while len(known) > MOST_KNOWN:
                known.popitem(last=False)

    def _may_add(self) -> bool:
        """Whether one more worker may be started: one at a time, once another serves."""
        may_be_more = not self._closed and len(self._keeping) < self._most
        return may_be_more and not self._on_their_way()

    def _on_their_way(self) -> int:
        """Workers that do not serve yet, or not again."""
        return len(self._keeping) - len(self._serving())

    def _grow(self) -> None:
        """Start one more worker where all that there are will soon be busy."""
        if not self._may_add() or not self._serving():
            return
        soon = GROW_AT * (self._settings.max_load or 1.0)
        if all(
            max(child.load.cpu, child.load.with_more(child.joined_since)) > soon
            for child in self._serving()
        ):
            self._add()

    def _add(self) -> None:
        number = len(self._keeping)
        self._keeping.append(asyncio.create_task(self._keep(), name=f"worker {number}"))

    async def _keep(self) -> None:
        """Have a worker run from now on, whatever becomes of it."""
        wait_s, in_vain = _BACKOFF_S[0], 0
        while True:
            began_s = time.monotonic()
            try:
                reason, served = await self._one()
            except Exception as error:  # noqa: BLE001  # supervision goes on, whatever happened
                await asyncio.to_thread(log.error, "a worker was lost", exc_info=error)
                reason, served = "lost", False
            in_vain = 0 if served else in_vain + 1
            if in_vain >= _TRIES and not self._has_served and not self._children:
                self._fail(
                    InternalError("the workers do not start", hint="look at the server's log")
                )
            if self.failed.done():
                return
            if time.monotonic() - began_s > _LIVED_S:
                wait_s = _BACKOFF_S[0]
            log.warning("a worker has ended and is started again", reason=reason, in_s=wait_s)
            self._counted.replaced.labels(reason).inc()
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, _BACKOFF_S[1])

    async def _one(self) -> tuple[str, bool]:
        """Run a worker to its end; gives why it ended, and whether it had served."""
        try:
            child = await Child.start(
                self._settings,
                self._cores,
                self._command,
                progress=self._loading,
                on_change=self._changed,
            )
        except OSError as error:  # no memory or no processes left, which may pass
            log.warning("a worker cannot be started", reason=str(error))
            return "no_process", False
        self._children.append(child)
        try:
            reason = await child.ended(self._silent_s)
        finally:
            self._children.remove(child)
            self._forget(child)
            self._changed()
        served = child.engines is not None
        if child.failure is not None and not self._has_served and not self._children:
            self._fail(child.failure)
        return reason, served

    def _fail(self, error: CoachError) -> None:
        if not self.failed.done():
            self.failed.set_result(error)

    def _forget(self, child: Child) -> None:
        self._counted.ended(child)
        for session in [s for s, of in self._sessions.items() if of is child]:
            del self._sessions[session]
        for resume in [r for r, (of, _) in self._resumes.items() if of is child]:
            del self._resumes[resume]

    def _loading(self, stage: str, done: int, total: int | None) -> None:
        self._stage = (stage, done, total)
        if self._progress is not None and not self._serving():
            self._progress(stage, done, total)

    def _changed(self) -> None:
        """A worker has told something, has come or has gone."""
        for child in self._children:
            self._counted.take(child, child.counted)
        serving = len(self._serving())
        self._has_served |= serving > 0
        self._counted.ready.set(serving)
        self._grow()


def most_workers(settings: Settings) -> int:
    """How many there may be: as set, or one a core; one where a GPU serves, or may."""
    if settings.workers:
        return settings.workers
    return available_cores() if settings.device == "cpu" else 1


async def _recounted(child: Child) -> None:
    with suppress(LineLostError):  # it is found to hang elsewhere
        await child.recount()


def _digest(resume: str) -> bytes:
    """What a secret is looked up by: how long that takes tells nothing of the secret."""
    return hashlib.sha256(resume.encode()).digest()
