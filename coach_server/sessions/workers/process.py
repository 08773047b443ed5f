"""A worker: serves its share of the students, for as long as the front is there.

Started by the front as `python -P -m coach_server.sessions.workers.process FD CORES`: FD is its end
of the line, CORES its share of the machine. It decodes what strangers send, so it is given no
secret (`environment_of`).
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

import structlog

from coach_server.errors import InternalError
from coach_server.inference.protocols import EngineSet, Progress
from coach_server.library.reports.kept import report_as_text
from coach_server.library.reports.listed import LISTED
from coach_server.library.store import RoutineLibrary
from coach_server.logs import logs_to_stderr
from coach_server.rtc.offer import CleanOffer
from coach_server.sessions.boot import Loader
from coach_server.sessions.coaches import LessonMaker, PipelineLessons
from coach_server.sessions.load import LOOK_S
from coach_server.sessions.loading import engine_loader
from coach_server.sessions.one_process import KEEP_EVERY_S, OneProcess
from coach_server.sessions.workers.line import Json, Line, fields_of
from coach_server.sessions.workers.samples import told
from coach_server.settings import Settings, load_settings

log = structlog.get_logger(__name__)

READY_EVERY_S: Final = 0.05
LOOKS_A_SECOND: Final = round(1 / READY_EVERY_S)


class Worker:
    """The worker's side of the line.

    Args:
        settings: of the front, without its secrets.
        load: loads the engines.
        lessons_of: makes lessons from them.
        cores: that are its share of the machine.
        keep_every_s: how often practices under way are kept.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        load: Loader,
        lessons_of: Callable[[EngineSet], LessonMaker],
        cores: float,
        keep_every_s: float = KEEP_EVERY_S,
    ) -> None:
        self._load = load
        self._line: Line | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._practices = OneProcess(
            settings,
            load=self._loading,
            lessons_of=lessons_of,
            cores=cores,
            keep_every_s=keep_every_s,
            on_slots=lambda: self._say("slots", **self._slots()),
        )

    async def serve(self, end: socket.socket) -> None:
        """Serve over this end of the line until the other is gone, or until told to stop."""
        self._loop = asyncio.get_running_loop()
        self._line = line = await Line.over(end, answers=self._answer, hears=_ignore)
        self._practices.start()
        stopped = asyncio.Event()
        self._loop.add_signal_handler(signal.SIGTERM, stopped.set)
        tasks = [
            asyncio.create_task(line.run(), name="line"),
            asyncio.create_task(self._report_to_front(), name="telling the front"),
            asyncio.create_task(stopped.wait(), name="told to stop"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for error in filter(None, (task.exception() for task in done)):
                await asyncio.to_thread(log.error, "a worker broke", exc_info=error)
            self._say("closing")
            await self._practices.close()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _report_to_front(self) -> None:
        """Say that the worker is there, and how busy it is; ends where it cannot serve.

        The front takes silence for a worker that hangs.
        """
        boot = self._practices.boot
        looks = 0
        while not boot.is_ready:
            await asyncio.wait([boot.failed], timeout=READY_EVERY_S)
            looks += 1
            if looks % LOOKS_A_SECOND == 0:
                self._say("alive")
            if boot.failed.done():
                self._say("failed", **fields_of(boot.failed.result()))
                await asyncio.sleep(LOOK_S)  # for it to be read
                return
        self._say("ready", engines=dict(self._practices.engines))
        while True:
            self._say("load", **self._slots(), load=self._practices.load.as_dict())
            await asyncio.sleep(LOOK_S)

    def _slots(self) -> dict[str, Any]:
        """Who is there, and what was counted until they were: who has left is counted whole."""
        counted = told(self._practices.metrics.collect())
        return {"live": sorted(self._practices.sessions.live), "counted": counted}

    def _say(self, name: str, **fields: object) -> None:
        if self._line is not None:
            self._line.tell(name, **fields)

    async def _answer(self, call: str, fields: Mapping[str, Any]) -> Json:
        practices = self._practices
        match call:
            case "join":
                offer = CleanOffer(fields["offer"])  # the front has cleaned it
                asked = {name: fields[name] for name in ("routine", "resume", "attempt")}
                joined = await practices.join(offer, **asked)
                return asdict(joined)
            case "slots":
                self._say("slots", **self._slots())  # in its order among all that is told
                return None
            case "report":
                report = await practices.report(fields["session"])
                text = await asyncio.to_thread(report_as_text, report.kept())
                return {"text": text, "resumable": report.resumable}
            case "under_way":
                listed = await practices.sessions.under_way(fields["routine"])
                return [LISTED.dump_python(each, mode="json") for each in listed]
        raise InternalError(f"a worker does not know the call {call}")

    def _loading(self, tell: Progress) -> EngineSet:
        """Load, in a thread, and have the front told how far it has come."""
        loop = self._loop

        def both(stage: str, done: int, total: int | None) -> None:
            tell(stage, done, total)
            if loop is not None:
                with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                    loop.call_soon_threadsafe(
                        lambda: self._say("loading", stage=stage, done=done, total=total)
                    )

        return self._load(both)


def run(worker: Worker) -> None:
    """Run a worker over the descriptor that the front gave, to its end."""
    end = socket.socket(fileno=int(sys.argv[1]))
    asyncio.run(worker.serve(end))
    if any(thread.daemon for thread in threading.enumerate()):
        # Native code that comes back while the interpreter ends aborts it; nobody waits for it.
        sys.stderr.flush()
        os._exit(0)


def main() -> None:
    """As the front starts it: settings by the environment."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until it listens to it itself
    settings = load_settings()
    logs_to_stderr(settings.log_format)
    library = RoutineLibrary.of(settings.data)
    worker = Worker(
        settings,
        load=engine_loader(settings, library),
        lessons_of=lambda engines: PipelineLessons(
            engines, library, skip_still=settings.skip_still
        ),
        cores=float(sys.argv[2]),
    )
    run(worker)


def _ignore(_name: str, _fields: Mapping[str, Any]) -> None:
    """The front tells nothing that needs no answer."""


if __name__ == "__main__":
    main()
