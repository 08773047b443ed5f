"""The very server of `coach serve`, whose workers note when each frame passes where.

`python -m scripts.bench.traced_server FILE serve ...` is `coach serve ...`. Its worker writes what
it noted to FILE as it ends; the front starts it as this module with the word `worker` before FILE.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from coach_server.cli.app import main as coach
from coach_server.coaching.coach import Coach
from coach_server.inference.engines import Engines
from coach_server.inference.protocols import Progress
from coach_server.rtc.channels import PoseChannel
from coach_server.rtc.ingest import ReceivedFrame
from coach_server.sessions.practices import Practices
from coach_server.sessions.student_session import StudentSession
from coach_server.sessions.workers import process
from coach_server.sessions.workers.front import Workers
from coach_server.settings import Settings
from coach_server.video.pixels import PictureMaker
from coach_server.web import server
from scripts.bench.latency_trace import Stock, Trace, now_ms, wrap

Around: TypeAlias = Callable[[Stock], Stock]


def trace_sessions(trace: Trace) -> None:
    """Note the stations of a session, and how long each part of its coach takes."""
    wrap(StudentSession, "_judge", _judging(trace))
    wrap(StudentSession, "_step", _stepping(trace))
    wrap(PoseChannel, "send", _sending(trace))
    wrap(PictureMaker, "made", trace.timed("colours"))
    for name in ("judge", "prepare", "silent"):
        wrap(Coach, name, trace.timed("coaching"))
    wrap(Engines, "new_detector", _making(trace.timed("keypoints"), "detect", "detect_in"))
    wrap(Engines, "new_lifter", _making(trace.timed("lifter"), "lift"))


def _judging(trace: Trace) -> Around:
    def around(stock: Stock) -> Stock:
        async def judge(
            session: StudentSession, peer: object, frame: ReceivedFrame, *rest: object
        ) -> object:
            sample = trace.arrived(frame.frame, frame.arrived_s * 1000)
            sample["taken"] = now_ms()
            result: object = await stock(session, peer, frame, *rest)
            sample["said"] = now_ms()
            sample["frame"] = frame.frame
            return result

        return judge

    return around


def _stepping(trace: Trace) -> Around:
    def around(stock: Stock) -> Stock:
        def step(*given: object) -> object:
            sample = trace.now
            sample["begun"] = now_ms()
            try:
                return stock(*given)
            finally:
                sample["done"] = now_ms()

        return step

    return around


def _sending(trace: Trace) -> Around:
    def around(stock: Stock) -> Stock:
        def send(channel: PoseChannel, *, seq: int, **fields: object) -> None:
            before = channel.sent
            stock(channel, seq=seq, **fields)
            frame = trace.now.pop("frame", None)
            if channel.sent > before and frame is not None:
                trace.sent(trace.now, frame, seq)

        return send

    return around


def _making(timed: Around, *names: str) -> Around:
    """Around what makes an engine for a student: its methods are timed, those that it has."""

    def around(stock: Stock) -> Stock:
        def make(engines: Engines) -> object:
            made: object = stock(engines)
            for name in names:
                if hasattr(made, name):
                    wrap(made, name, timed)
            return made

        return make

    return around


def worker(path: Path) -> None:
    """A worker as it is, traced."""
    trace = Trace(raw=True)
    trace_sessions(trace)

    def serving(stock: Stock) -> Stock:
        async def serve(*given: object) -> None:
            trace.install()  # by now all that the server itself changes is changed
            try:
                await stock(*given)
            finally:
                trace.write(path)

        return serve

    wrap(process.Worker, "serve", serving)
    process.main()


def front(path: Path) -> None:
    """`coach` with one worker, which is traced."""
    command = (sys.executable, "-m", "scripts.bench.traced_server", "worker", str(path))

    def practices_of(settings: Settings, progress: Progress | None) -> Practices:
        alone = settings.model_copy(update={"workers": 1})
        return Workers(alone, progress=progress, command=command)

    wrap(server, "practices_of", lambda _stock: practices_of)
    coach()


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        del sys.argv[1]
        worker(Path(sys.argv.pop(1)))
    else:
        front(Path(sys.argv.pop(1)))
