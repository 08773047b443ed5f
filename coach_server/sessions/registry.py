"""Who practises at present: admission, resumption, reports."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from coach_server.library.reports.kept import MOST_LISTED, ReportStore
from coach_server.library.reports.listed import ListedPractice
from coach_server.rtc.offer import CleanOffer
from coach_server.rtc.peer import EndReason, Peer, PeerLimits
from coach_server.sessions.coaches import LessonMaker
from coach_server.sessions.daemon_pool import DaemonPool
from coach_server.sessions.load import LADDER, Camera, LoadMeter
from coach_server.sessions.metrics import Metrics
from coach_server.sessions.practices import Joined
from coach_server.sessions.refusals import every_place_taken, no_such_session, stale, stopping
from coach_server.sessions.session_report import (
    FinishedReports,
    Names,
    SessionReport,
    is_practice,
    latest,
)
from coach_server.sessions.student_session import STEP_S, StudentSession

log = structlog.get_logger(__name__)

KEEP_S: Final = 60.0
"""How long a session outlives its connection, for its `resume`; its report outlives that."""

MAX_KEPT: Final = 64
"""Sessions kept without a connection; the oldest go first."""

LISTED_S: Final = 5.0
"""How old a summary of a practice under way may be in a list."""

LAST_FRAMES_S: Final = 1.0
"""For the last frames to come back from their engines at the end."""


class _Entry:
    """A session, the connection that serves it at present, and when it is forgotten."""

    def __init__(self, session: StudentSession) -> None:
        self.session = session
        self.peer: Peer | None = None
        self.forgotten: asyncio.TimerHandle | None = None
        self.taken_up = 0
        self.serving = asyncio.Lock()
        self._attempt = -1

    @property
    def holds_slot(self) -> bool:
        """Whether a connection is alive; one that has begun to end is not."""
        return self.peer is not None and not self.peer.is_ended

    def note(self, attempt: int | None) -> None:
        """An offer of the session's page has come.

        Raises:
            BusyError: one that the page sent later, or the same, has come before it.
        """
        if attempt is None:
            return
        if attempt <= self._attempt:
            raise stale()
        self._attempt = attempt

    def is_older(self, attempt: int | None) -> bool:
        """Whether an offer that the page sent later has come by now."""
        return attempt is not None and attempt < self._attempt


class SessionRegistry:
    """All sessions of this process.

    A slot is held by a connection, not by a session: it is free the moment the connection ends.

    Args:
        max_sessions: connections at a time.
        metrics: are told what happens.
        meter: is told of each frame.
        reports: where practices are kept.
        on_slots: is called when a student has come or gone.
        limits: when peers are given up.
        keep_s: how long a session outlives its connection.
        step_s: when an engine counts as hung in a frame.
    """

    def __init__(
        self,
        *,
        max_sessions: int,
        metrics: Metrics,
        meter: LoadMeter,
        reports: ReportStore,
        on_slots: Callable[[], None] = lambda: None,
        limits: PeerLimits | None = None,
        keep_s: float = KEEP_S,
        step_s: float = STEP_S,
    ) -> None:
        self._max_sessions = max_sessions
        self._metrics = metrics
        self._meter = meter
        self._on_slots = on_slots
        self._camera = LADDER[0]
        self._limits = limits or PeerLimits()
        self._keep_s = keep_s
        self._step_s = step_s
        # one for each student, and as many again for those that hung engines keep
        self._pool = DaemonPool(2 * max_sessions, name="coach")
        self._entries: dict[str, _Entry] = {}
        self._finished = FinishedReports(reports)
        self._joining = 0
        self._serving: set[asyncio.Task[None]] = set()
        self._closed = False
        metrics.sessions.set_function(lambda: self.slots_used)

    @property
    def slots_used(self) -> int:
        """Connections alive and offers being answered."""
        return self._joining + sum(entry.holds_slot for entry in self._entries.values())

    @property
    def live(self) -> set[str]:
        """The sessions that are connected."""
        return {name for name, entry in self._entries.items() if entry.holds_slot}

    def knows(self, resume: str | None) -> bool:
        """Whether there is a session that this secret takes up again."""
        return self._find(resume) is not None

    def ask_for(self, camera: Camera) -> None:
        """Have all pages send this much, those that come later too."""
        if camera == self._camera:
            return
        self._camera = camera
        for entry in self._entries.values():
            entry.session.ask_for(camera)

    async def join(
        self,
        offer: CleanOffer,
        *,
        routine: str,
        resume: str | None,
        lessons: LessonMaker,
        attempt: int | None = None,
    ) -> Joined:
        """Answer an offer with a new session, or with the one that `resume` names.

        A page that comes back replaces its former connection at once, however full it is.

        Raises:
            OfferError: the offer does not describe a connection.
            NotFoundError: there is no such routine.
            BusyError: the page has sent a newer offer than this one.
            FullError: no slot is free, the server is going down, or the machine cannot take more.
            InternalError: the system refused a connection.
        """
        former = self._find(resume)
        if former is not None:
            former.note(attempt)
        if former is not None and former.peer is not None:
            former.peer.end(EndReason.REPLACED)
        if self._closed:
            raise stopping()
        if self.slots_used >= self._max_sessions:
            raise every_place_taken()
        self._joining += 1
        entry = self._taken_up(former, routine)
        try:
            entry = entry or await self._new_entry(routine, lessons)
            peer, answer = await Peer.answer(
                offer,
                limits=self._limits,
                on_message=entry.session.page_said,
            )
        except BaseException:
            if entry is not None:
                self._let_go(entry, former)
            raise
        finally:
            self._joining -= 1
        if entry.is_older(attempt):  # the newer one came while this one was being answered
            self._let_go(entry, former)
            await peer.close(EndReason.REPLACED)
            raise stale()
        entry.taken_up = max(0, entry.taken_up - 1)
        self._attach(entry, peer)
        names = entry.session.names
        return Joined(sdp=answer, session=names.session, resume=names.resume)

    async def report(self, session: str) -> SessionReport:
        """The practice of a session, so far or as it was when it ended.

        Raises:
            NotFoundError: there is none of this name.
        """
        entry = self._entries.get(session)
        if entry is not None:
            return entry.session.report()
        found = await self._finished.find(session)
        if found is None:
            raise no_such_session()
        return found

    async def practices(self, routine: str | None = None) -> list[ListedPractice]:
        """The newest practices of a routine, or of all where None; the newest first.

        Those under way are among them, and those that have just ended, once their film has run.

        Raises:
            InputError: what is kept cannot be read.
        """
        under_way = {
            each.session: each
            for each in await self._under_way()
            if routine is None or each.routine == routine
        }
        found = {**await self._finished.listed(routine), **under_way}
        newest = sorted(found.values(), key=lambda each: each.began_at, reverse=True)
        return newest[:MOST_LISTED]

    async def last_practised(self) -> dict[str, datetime]:
        """When each routine was last practised, by its id.

        Raises:
            InputError: what is kept cannot be read.
        """
        under_way = await self._under_way()
        return latest(await self._finished.last_practised(), under_way)

    async def _under_way(self) -> list[ListedPractice]:
        """Those of all sessions, as they were some seconds ago at the most."""
        listed = []
        for name, entry in list(self._entries.items()):
            if not entry.session.has_summary(LISTED_S):
                await asyncio.sleep(0)  # one at a time, for each takes milliseconds of the loop
            report = entry.session.report(LISTED_S)
            if is_practice(report):
                listed.append(report.listed(name))
        return listed

    async def keep_under_way(self) -> float:
        """Keep the practices so far, so that whatever ends this process costs little of them.

        Gives what it cost, in seconds of the event loop.
        """
        return sum([await self._keep_so_far(session) for session in self.live])

    async def _keep_so_far(self, session: str) -> float:
        if session not in self._entries:
            return 0.0
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        report = self._entries[session].session.report()
        cost_s = loop.time() - began_s
        dropped = await self._finished.keep_so_far(session, report)
        self._metrics.reports_dropped.inc(dropped)
        return cost_s

    async def under_way(self, routine: str | None = None) -> list[ListedPractice]:
        """Practices of a routine, or of all where None, that are in no index yet."""
        found = {each.session: each for each in await self._under_way()}
        found = self._finished.unwritten(routine) | found
        return [each for each in found.values() if routine is None or each.routine == routine]

    async def close(self) -> None:
        """Say goodbye to every page and wait until nothing is left."""
        self._closed = True
        for entry in self._entries.values():
            if entry.peer is not None:
                entry.peer.end(EndReason.SHUTDOWN)
        await asyncio.gather(*self._serving)
        for entry in self._entries.values():
            if entry.forgotten is not None:
                entry.forgotten.cancel()
        for entry in list(self._entries.values()):
            self._forget(entry)
        await self._finished.written()
        # A hung engine must not hold the process: its thread is left to the interpreter's end.
        # The others are waited for: native code that comes back while the interpreter ends aborts.
        self._pool.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._pool.join, LAST_FRAMES_S)

    def _find(self, resume: str | None) -> _Entry | None:
        if resume is None:
            return None
        for entry in self._entries.values():
            if secrets.compare_digest(entry.session.names.resume.encode(), resume.encode()):
                return entry
        return None

    async def _new_entry(self, routine: str, lessons: LessonMaker) -> _Entry:
        lesson = await lessons.make(routine)
        names = Names(secrets.token_hex(8), secrets.token_urlsafe(24), routine)
        session = StudentSession(
            names, lesson, self._pool, self._metrics, self._meter, step_s=self._step_s
        )
        session.ask_for(self._camera)
        return _Entry(session)

    def _taken_up(self, former: _Entry | None, routine: str) -> _Entry | None:
        """The session to go on with, which is not forgotten meanwhile; None begins a new one."""
        if former is None or former.session.names.routine != routine or former.session.is_stuck:
            return None
        former.taken_up += 1
        if former.forgotten is not None:
            former.forgotten.cancel()
            former.forgotten = None
        return former

    def _let_go(self, entry: _Entry, former: _Entry | None) -> None:
        """No connection came of it: a new session ends, one that was kept is kept on."""
        if entry is not former:
            entry.session.close()
            return
        entry.taken_up -= 1
        if entry.peer is None:
            self._keep(entry)

    def _attach(self, entry: _Entry, peer: Peer) -> None:
        if entry.forgotten is not None:
            entry.forgotten.cancel()
            entry.forgotten = None
        if entry.peer is not None:  # two offers with the same token at once: the last one stays
            entry.peer.end(EndReason.REPLACED)
        entry.peer = peer
        entry.session.ask_for(self._camera)  # it may have changed while the offer was answered
        self._entries[entry.session.names.session] = entry
        self._slots_changed()
        task = asyncio.create_task(self._serve(entry, peer), name="session")
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        if self._closed:
            peer.end(EndReason.SHUTDOWN)

    async def _serve(self, entry: _Entry, peer: Peer) -> None:
        try:
            async with entry.serving:  # the connection before has handed its last frame back
                reason = await entry.session.practise(peer)
            session = entry.session.names.session
            log.info("a connection ended", session=session, reason=str(reason))
        finally:
            self._slots_changed()
            if entry.peer is peer:
                entry.peer = None
                self._keep(entry)
        if entry.peer is None and not self._closed:  # else it is kept for good, or goes on
            await self._keep_ended(session)

    async def _keep_ended(self, session: str) -> None:
        """Keep a practice whose page has gone: it is forgotten only in a minute."""
        try:
            await self._keep_so_far(session)
        except Exception as error:  # noqa: BLE001  # it is tried again when it is forgotten
            await asyncio.to_thread(log.error, "a practice was not kept", exc_info=error)

    def _slots_changed(self) -> None:
        self._on_slots()

    def _keep(self, entry: _Entry) -> None:
        """Keep a session without a connection for its time, and not too many of them."""
        if entry.taken_up:
            return  # somebody is about to go on with it
        # The newest of those kept comes last, however old its session is.
        session = entry.session.names.session
        if session in self._entries:
            self._entries[session] = self._entries.pop(session)
        loop = asyncio.get_running_loop()
        entry.forgotten = loop.call_later(self._keep_s, self._forget, entry)
        self._forget_oldest()

    def _forget(self, entry: _Entry) -> None:
        entry.forgotten = None  # the timer holds its entry: in a circle only the collector finds it
        session = entry.session.names.session
        if self._entries.pop(session, None) is not None:
            entry.session.close()
            writing = self._finished.keep(session, entry.session.report())
            if writing is not None:
                writing.add_done_callback(
                    lambda done: self._metrics.reports_dropped.inc(done.result())
                )

    def _forget_oldest(self) -> None:
        kept = [entry for entry in self._entries.values() if entry.forgotten is not None]
        for entry in kept[: max(0, len(kept) - MAX_KEPT)]:
            if entry.forgotten is not None:
                entry.forgotten.cancel()
            self._forget(entry)
