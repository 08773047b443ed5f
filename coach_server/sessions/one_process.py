"""Live practice in this process: engines, sessions, and an eye on the load."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import structlog
from prometheus_client.registry import Collector

from coach_server import heap
from coach_server.errors import CoachError
from coach_server.inference.protocols import EngineSet
from coach_server.library.database import NAME, Database
from coach_server.library.reports.kept import ReportStore
from coach_server.library.reports.listed import ListedPractice
from coach_server.rtc.aiortc_patches import install
from coach_server.rtc.offer import CleanOffer
from coach_server.rtc.peer import PeerLimits
from coach_server.sessions.boot import Boot, Loader
from coach_server.sessions.coaches import LessonMaker
from coach_server.sessions.load import LOOK_S, Load, LoadMeter, Shedding
from coach_server.sessions.metrics import Metrics
from coach_server.sessions.practices import Joined
from coach_server.sessions.refusals import too_busy
from coach_server.sessions.registry import KEEP_S, SessionRegistry
from coach_server.sessions.session_report import SessionReport
from coach_server.sessions.student_session import STEP_S
from coach_server.settings import Settings, is_public

log = structlog.get_logger(__name__)

KEEP_EVERY_S: Final = 15.0
"""How much of a practice is lost at the most where the process is killed."""

KEEP_SHARE: Final = 0.005
"""Of the event loop's time that keeping may take: long practices are kept less often."""

GIVE_BACK_EVERY_S: Final = 30.0


class OneProcess:
    """All of a server's students, or those of one worker.

    Args:
        settings: how many are served, and where their reports are kept.
        load: loads the engines, in a thread of its own.
        lessons_of: makes lessons from them.
        cores: that are its share of the machine; None: all of them.
        on_slots: is called when a student has come or gone.
        limits: when peers are given up.
        keep_s: how long a session outlives its connection.
        step_s: when an engine counts as hung in a frame.
        keep_every_s: how often practices under way are kept.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        load: Loader,
        lessons_of: Callable[[EngineSet], LessonMaker],
        cores: float | None = None,
        on_slots: Callable[[], None] = lambda: None,
        limits: PeerLimits | None = None,
        keep_s: float = KEEP_S,
        step_s: float = STEP_S,
        keep_every_s: float = KEEP_EVERY_S,
    ) -> None:
        install(loopback=not is_public(settings))
        self._most = settings.max_load
        self._load = Load()
        self._meter = LoadMeter(cores)
        self._shedding = Shedding(settings.max_load)
        self._counted = Metrics()
        self._keep_every_s = keep_every_s
        self._engines_of: Final = (load, lessons_of)
        self._boot: Boot | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.sessions = SessionRegistry(
            max_sessions=settings.max_sessions,
            metrics=self._counted,
            meter=self._meter,
            on_slots=on_slots,
            reports=ReportStore(Database(settings.data / NAME)),
            limits=limits,
            keep_s=keep_s,
            step_s=step_s,
        )

    @property
    def metrics(self) -> Collector:
        """As `Practices.metrics`."""
        return self._counted.registry

    @property
    def load(self) -> Load:
        """As it was measured last."""
        return self._load

    @property
    def boot(self) -> Boot:
        """The engines' state, once it was started."""
        if self._boot is None:
            raise RuntimeError("live practice was not started")
        return self._boot

    @property
    def failed(self) -> "asyncio.Future[CoachError]":
        """As `Practices.failed`."""
        return self.boot.failed

    @property
    def engines(self) -> Mapping[str, str]:
        """As `Practices.engines`."""
        _ = self.boot.lessons  # raises until they can be given
        return self.boot.engines

    def start(self) -> None:
        """As `Practices.start`."""
        load, lessons_of = self._engines_of

        def lessons(engines: EngineSet) -> LessonMaker:
            self._counted.watch(engines.counts)
            return lessons_of(engines)

        self._boot = Boot(load, lessons)
        self._boot.start()
        self._tasks = [
            asyncio.create_task(self._watch_load(), name="load"),
            asyncio.create_task(self._keep_practices(), name="keeping practices"),
            asyncio.create_task(_give_memory_back(), name="giving memory back"),
        ]

    async def join(
        self, offer: CleanOffer, *, routine: str, resume: str | None, attempt: int | None = None
    ) -> Joined:
        """As `Practices.join`."""
        lessons = self.boot.lessons
        joined_since = max(0, self.sessions.slots_used - self._load.students)
        has_room = self._load.takes_one_more(self._most, joined_since)
        if not has_room and not self.sessions.knows(resume):
            raise too_busy()
        return await self.sessions.join(
            offer, routine=routine, resume=resume, attempt=attempt, lessons=lessons
        )

    async def report(self, session: str) -> SessionReport:
        """As `Practices.report`."""
        return await self.sessions.report(session)

    async def practices(self, routine: str | None = None) -> list[ListedPractice]:
        """As `Practices.practices`."""
        return await self.sessions.practices(routine)

    async def last_practised(self) -> dict[str, datetime]:
        """As `Practices.last_practised`."""
        return await self.sessions.last_practised()

    async def close(self) -> None:
        """As `Practices.close`; also ends the engines' threads."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.sessions.close()
        if self._boot is not None:
            await asyncio.to_thread(self._boot.close)

    async def _watch_load(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            self._load = load = self._meter.look(len(self.sessions.live))
            rung = self._shedding.rung
            self.sessions.ask_for(self._shedding.look(load))
            self._counted.load.set(round(load.busy(self._most or 1.0), 3))
            self._counted.asked_less.set(self._shedding.rung)
            if self._shedding.rung != rung:
                log.info(
                    "pages are asked", **self._shedding.camera.as_dict(), students=load.students
                )

    async def _keep_practices(self) -> None:
        wait_s = self._keep_every_s
        while True:
            await asyncio.sleep(wait_s)
            try:
                cost_s = await self.sessions.keep_under_way()
            except Exception as error:  # noqa: BLE001  # the next round may do: it must come
                await asyncio.to_thread(log.error, "practices were not kept", exc_info=error)
                continue
            wait_s = max(self._keep_every_s, cost_s / KEEP_SHARE)


async def _give_memory_back() -> None:
    while True:
        await asyncio.sleep(GIVE_BACK_EVERY_S)
        await asyncio.to_thread(heap.give_back)
