"""Server and students in one process, where tasks and objects that are left can be counted."""

import asyncio
import gc
import os
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import psutil  # type: ignore[import-untyped]  # it says no types
from aiohttp import web
from aiortc import RTCPeerConnection

from coach_server import heap
from coach_server.coaching.choices import Choices
from coach_server.coaching.player import PlayerClock
from coach_server.inference.protocols import EngineSet, Frame
from coach_server.library.demo import install_demo
from coach_server.library.store import RoutineLibrary
from coach_server.pipeline.student import FrameResult
from coach_server.sessions.coaches import Coach, Lesson, LessonMaker, PipelineLessons
from coach_server.sessions.loading import engine_loader
from coach_server.sessions.one_process import OneProcess
from coach_server.settings import Settings
from coach_server.web.app import create_app
from scripts.bench.cpu import machine
from scripts.load.crowd import joined, told, windows
from scripts.load.films import Films
from scripts.load.webcam import SimulatedWebcam

WARM: Final = 10
"""Students who come before anything is counted: pools fill, and what is made once is made."""
LOOKS: Final = 10
"""How often is counted on the way."""
SLOW_S: Final = 0.1
"""A frame at an engine of ten a second."""
_SETTLE_S: Final = 10.0
KEEP_S: Final = 0.1
"""How long a session outlives its connection here: all are forgotten when they are counted."""
_FORGOTTEN_S: Final = 0.4


@dataclass(frozen=True, slots=True)
class Left:
    """What there is of everything that a connection makes."""

    after: int
    descriptors: int
    tasks: int
    threads: int
    connections: int
    rss_mb: float

    @classmethod
    def now(cls, after: int) -> "Left":
        """Counted once the garbage is gone."""
        gc.collect()
        heap.give_back()
        return cls(
            after,
            len(os.listdir("/proc/self/fd")),  # noqa: PTH208  # only counted
            len(asyncio.all_tasks()),
            threading.active_count(),
            sum(isinstance(found, RTCPeerConnection) for found in gc.get_objects()),
            round(psutil.Process().memory_info().rss / 2**20, 2),
        )


class PassingClock:
    """The clock of rate limits: a second passes with every student."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


async def come_and_go(
    address: str,
    films: Films,
    times: int,
    *,
    is_empty: Callable[[], bool],
    clock: PassingClock,
    warm: int = WARM,
) -> tuple[list[Left], list[float]]:
    """Students who come one after another and leave with their first pose: what is left of them.

    Returns:
        what there was before the first and at `LOOKS` times after, and how many milliseconds each
        waited for the first pose.
    """
    left: list[Left] = []
    waited: list[float] = []
    for number in range(warm + times):
        if number == warm:
            left.append(await _left(0))
        clock.now_s += 1.0
        async with SimulatedWebcam(address, films) as webcam:
            await webcam.join()
            await webcam.begun()
            (way_in,) = webcam.seen.joins
            waited.append(way_in.first_pose_ms or 0.0)
        await _until(is_empty)
        done = number + 1 - warm
        if done > 0 and (done == times or done % max(1, times // LOOKS) == 0):
            left.append(await _left(done))
    return left, waited[warm:]


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110  # what is waited for tells nobody
        await asyncio.sleep(0.01)


async def _left(after: int) -> Left:
    await asyncio.sleep(_FORGOTTEN_S)
    return Left.now(after)


async def connects(times: int, cache: Path) -> dict[str, Any]:
    """Figures of `come_and_go` with real engines."""
    films = Films(cache)
    await asyncio.to_thread(films.at, 30)
    clock = PassingClock()
    before = machine()
    async with served(cache, PipelineLessons, clock) as (address, practices):
        left, waited = await come_and_go(
            address, films, times, is_empty=lambda: not practices.sessions.live, clock=clock
        )
    first, last = left[0], left[-1]
    tenth = max(1, len(left) // 5)
    return {
        "students": times,
        "descriptors": last.descriptors - first.descriptors,
        "tasks": last.tasks - first.tasks,
        "threads": last.threads - first.threads,
        "connections": last.connections - first.connections,
        "rss_mb": [first.rss_mb, last.rss_mb],
        "rss_mb_late": round(last.rss_mb - median(each.rss_mb for each in left[1 : 1 + tenth]), 2),
        "first_pose_ms": told(waited),
        "looks": [asdict(each) for each in left],
        "machine": [before, machine()],
    }


async def slow(seconds: float, cache: Path) -> dict[str, Any]:
    """A camera of 30 frames a second at an engine of ten: how old poses are, what is dropped."""
    films = Films(cache)
    await asyncio.to_thread(films.at, 30)
    clock = PassingClock()
    async with (
        served(cache, _slow_lessons, clock) as (address, practices),
        SimulatedWebcam(address, films) as webcam,
    ):
        await webcam.join()
        await webcam.begun()
        joins = webcam.seen.joins
        await asyncio.sleep(_SETTLE_S)
        webcam.take()
        began_s, rss_mb = time.monotonic(), Left.now(0).rss_mb
        await asyncio.sleep(seconds)
        seen, after_mb = webcam.take(), Left.now(0).rss_mb
        report = await practices.report(str(webcam.session))
    return {
        "seconds": seconds,
        "poses_per_s": round(seen.poses / seconds, 2),
        "age_ms": told(seen.ages_ms),
        "age_windows": windows([seen], began_s, seconds),
        "rss_mb": [rss_mb, after_mb],
        "frames": report.session["frames"],
        **joined(joins),
        "machine": machine(),
    }


@asynccontextmanager
async def served(
    cache: Path,
    lessons_of: Callable[[EngineSet, RoutineLibrary], LessonMaker],
    now: Callable[[], float],
) -> AsyncIterator[tuple[str, OneProcess]]:
    """The whole application in this process, without workers: (address, its practices)."""
    with tempfile.TemporaryDirectory(prefix="coach-soak-") as data:
        settings = Settings(data=Path(data), cache=cache, device="cpu", max_load=0)
        library = RoutineLibrary.of(settings.data)
        await asyncio.to_thread(install_demo, library)
        practices = OneProcess(
            settings,
            load=engine_loader(settings, library),
            lessons_of=lambda engines: lessons_of(engines, library),
            keep_s=KEEP_S,
        )
        app = create_app(settings, practices=practices, library=library, now=now)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            await _until(lambda: practices.boot.is_ready)
            yield f"http://127.0.0.1:{runner.addresses[0][1]}", practices
        finally:
            await runner.cleanup()


def _slow_lessons(engines: EngineSet, library: RoutineLibrary) -> LessonMaker:
    return SlowLessons(PipelineLessons(engines, library))


class SlowLessons:
    """Lessons whose coach takes a tenth of a second for each frame."""

    def __init__(self, lessons: LessonMaker) -> None:
        self._lessons = lessons

    async def make(self, routine_id: str) -> Lesson:
        """As `LessonMaker.make`."""
        lesson = await self._lessons.make(routine_id)
        return Lesson(
            SlowCoach(lesson.coach), lesson.end_s, lesson.engine, lesson.title, lesson.plan
        )


class SlowCoach:
    """A coach that is done no sooner than after a tenth of a second."""

    def __init__(self, coach: Coach) -> None:
        self._coach = coach

    @property
    def takes_planes(self) -> bool:
        """As the coach."""
        return self._coach.takes_planes

    def step(self, frame: Frame, t: float, clock: PlayerClock | None) -> FrameResult:
        """As the coach, but slowly."""
        until_s = time.monotonic() + SLOW_S
        result = self._coach.step(frame, t, clock)
        time.sleep(max(0.0, until_s - time.monotonic()))
        return result

    def configure(self, choices: Choices) -> None:
        """As the coach."""
        self._coach.configure(choices)

    def close(self) -> None:
        """As the coach."""
        self._coach.close()
