"""The server for a storm, in a process of its own: what holds its loop is its own doing.

The whole application without engines: an offer is judged, answered and given up as ever, and with
the argument `messages` so is what a page says, but for what would end its line: there is no limit
in rate, and nothing is a strike. Prints its address; at SIGTERM, once all peers are gone, one line
of JSON with what was held and what is left.
"""

import asyncio
import gc
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final

from aiohttp import web

from coach_server.coaching.choices import Choices
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.silence import Silence
from coach_server.inference.batching.gathering import Counts
from coach_server.inference.protocols import EngineSet, Frame, KeypointDetector, Lifter, Progress
from coach_server.library.store import RoutineLibrary
from coach_server.logs import logs_to_stderr
from coach_server.pipeline.student import FrameResult
from coach_server.rtc import aiortc_patches, channels, peer
from coach_server.rtc.peer import PeerLimits
from coach_server.sessions.coaches import Lesson, LessonMaker
from coach_server.sessions.one_process import OneProcess
from coach_server.settings import Settings
from coach_server.web.app import create_app
from scripts.soak.in_process import Left

TICK_S: Final = 0.005
LIMITS: Final = PeerLimits(connect_s=0.5, media_s=0.5, poll_s=0.1, farewell_s=0.05)
"""Nobody comes of a mutated offer: it need not be waited for."""


PATIENT: Final = replace(LIMITS, connect_s=10.0, media_s=3600.0)
"""For a page that says much and shows nothing."""


class _CountedChannel(channels.ControlChannel):
    """Counts what became of all messages: received, taken, ignored, raised."""

    fates: Final = Counter[str]()

    def receive(self, message: str | bytes) -> None:
        before = self.ignored.total()
        self.fates["received"] += 1
        try:
            super().receive(message)
        except Exception:
            self.fates["raised"] += 1
            raise
        self.fates["taken" if self.ignored.total() == before else "ignored"] += 1


def _take_everything() -> None:
    """Have no limit end the line, so that each message is read."""
    channels.MESSAGES_PER_S = channels.BURST = 1e9  # type: ignore[misc]  # a constant, but for a storm
    channels.MAX_STRIKES = 1 << 60  # type: ignore[misc]  # the same
    aiortc_patches.MAX_UNFINISHED = 1 << 60  # type: ignore[misc]  # the same: a storm loses packets
    aiortc_patches.MAX_PARTS = 1 << 60  # type: ignore[misc]  # the same
    peer.ControlChannel = _CountedChannel  # type: ignore[attr-defined]  # the same; what it builds


class _Blind:
    """Engines and a coach that see nothing."""

    takes_planes = False

    def new_detector(self) -> KeypointDetector:
        raise NotImplementedError

    def new_lifter(self) -> Lifter:
        raise NotImplementedError

    def fingerprints(self) -> dict[str, str]:
        return {}

    def describe(self) -> dict[str, str]:
        return {"device": "cpu", "keypoints": "none", "lifter": "none", "provider": "none"}

    def counts(self) -> dict[str, Counts]:
        return {}

    def close(self) -> None:
        pass

    def configure(self, choices: Choices) -> None:
        pass

    def step(self, _frame: Frame, t: float, _clock: PlayerClock | None) -> FrameResult:
        return FrameResult(t, None, None, None, None, {}, (), Silence.NO_PERSON)


class _Lessons:
    async def make(self, _routine_id: str) -> Lesson:
        return Lesson(_Blind(), 60.0, {})


class _Holds:
    """How long the loop was held: by the clock, and less the waiting for a processor.

    The second is our own doing, computing, disk or lock; the first is that of a busy machine too.
    """

    def __init__(self) -> None:
        self.wall_s = self.own_s = 0.0

    async def watch(self) -> None:
        while True:
            wall_s, waited_s = time.monotonic(), _waited_s()
            await asyncio.sleep(TICK_S)
            held_s = time.monotonic() - wall_s - TICK_S
            self.wall_s = max(self.wall_s, held_s)
            self.own_s = max(self.own_s, held_s - (_waited_s() - waited_s))


def _waited_s() -> float:
    """For how long this thread was ready to run and did not (Linux: proc(5), schedstat)."""
    return int(Path("/proc/thread-self/schedstat").read_text("ascii").split()[1]) / 1e9


def _load(_progress: Progress) -> EngineSet:
    return _Blind()


def _lessons_of(_engines: EngineSet) -> LessonMaker:
    return _Lessons()


async def _serve(data: Path, limits: PeerLimits) -> None:
    settings = Settings(data=data, cache=data, max_sessions=128, max_load=0.0, port=0)
    practices = OneProcess(settings, load=_load, lessons_of=_lessons_of, limits=limits, keep_s=0.05)
    clock = iter(range(0, 10**12, 10))
    app = create_app(
        settings,
        practices=practices,
        library=RoutineLibrary(data / "routines"),
        now=lambda: float(next(clock)),  # rates are limited elsewhere; here all are to come
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, settings.host, 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    told, warm = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    loop.add_signal_handler(signal.SIGUSR1, warm.set)
    await warm.wait()
    before = await _settled(practices)
    _CountedChannel.fates.clear()
    gc.freeze()  # as the product does once it has loaded
    holds = _Holds()
    watching = asyncio.create_task(holds.watch())
    print("counts", flush=True)
    await told.wait()
    watching.cancel()
    after = await _settled(practices)
    result = {
        "fates": dict(_CountedChannel.fates),
        "loop_held_ms": {"wall": 1000 * holds.wall_s, "own": 1000 * holds.own_s},
        "rss_mb": before.rss_mb,
        "left": {
            name: getattr(after, name) - getattr(before, name)
            for name in ("descriptors", "tasks", "threads", "connections", "rss_mb")
        },
    }
    print(json.dumps(result), flush=True)
    await runner.cleanup()


async def _settled(practices: OneProcess) -> Left:
    """Once nobody is being waited for any more."""
    await asyncio.sleep(2 * LIMITS.connect_s)
    while practices.sessions.slots_used:  # noqa: ASYNC110  # what ends a session tells nobody
        await asyncio.sleep(LIMITS.connect_s)
    await asyncio.sleep(LIMITS.connect_s)
    return Left.now(0)


def main() -> None:
    """Serve in a folder of its own."""
    logs_to_stderr("json")
    limits = LIMITS
    if "messages" in sys.argv[1:]:
        _take_everything()
        limits = PATIENT
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        asyncio.run(_serve(Path(folder), limits))


if __name__ == "__main__":
    main()
