"""Loading the engines while the server already answers."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import TypeAlias

import structlog

from coach_server.errors import CoachError, InternalError, StartingError
from coach_server.inference.protocols import EngineSet, Progress
from coach_server.sessions.coaches import LessonMaker

log = structlog.get_logger(__name__)

Loader: TypeAlias = Callable[[Progress], EngineSet]
"""Loads the engines; blocks for as long as a download takes."""


class Boot:
    """The engines' state: starting, ready or failed.

    Loading runs in a daemon thread: a download that hangs must not hold the process at its end.

    Attributes:
        failed: done with the error when loading has failed.
    """

    def __init__(self, load: Loader, lessons_of: Callable[[EngineSet], LessonMaker]) -> None:
        self.failed: asyncio.Future[CoachError] = asyncio.get_running_loop().create_future()
        self._load = load
        self._lessons_of = lessons_of
        self._lessons: LessonMaker | None = None
        self._engines: Mapping[str, str] = {}
        self._loaded: EngineSet | None = None
        self._stage: tuple[str, int, int | None] = ("loading the engines", 0, None)

    def start(self) -> None:
        """Begin; returns at once."""
        threading.Thread(
            target=self._work, args=(asyncio.get_running_loop(),), name="engine loader", daemon=True
        ).start()

    @property
    def is_ready(self) -> bool:
        """Whether lessons can be had."""
        return self._lessons is not None

    @property
    def lessons(self) -> LessonMaker:
        """What makes lessons with the engines.

        Raises:
            StartingError: they are not loaded yet.
            CoachError: why they cannot be.
        """
        if self.failed.done():
            raise self.failed.result()
        if self._lessons is None:
            stage, done, total = self._stage
            percent = f" ({100 * done // total} %)" if total else ""
            raise StartingError(f"the coach is starting: {stage}{percent}", hint="wait a moment")
        return self._lessons

    @property
    def engines(self) -> Mapping[str, str]:
        """Device, keypoints, lifter, provider; empty until loaded."""
        return self._engines

    def close(self) -> None:
        """End the engines' threads; blocks until they have ended, or a moment where one hangs."""
        if self._loaded is not None:
            self._loaded.close()

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            engines = self._load(self._progress)
            outcome: CoachError | tuple[LessonMaker, EngineSet] = (
                self._lessons_of(engines),
                engines,
            )
        except CoachError as error:
            outcome = error
        except Exception:
            log.exception("the engines did not load")
            outcome = InternalError("the engines did not load", hint="look at the server's log")
        try:
            loop.call_soon_threadsafe(self._settle, outcome)
        except RuntimeError:  # the server has stopped meanwhile, and with it the loop
            log.info("the engines were loaded for nobody")

    def _settle(self, outcome: CoachError | tuple[LessonMaker, EngineSet]) -> None:
        if isinstance(outcome, CoachError):
            if not self.failed.done():
                self.failed.set_result(outcome)
        else:
            self._lessons, self._loaded = outcome
            self._engines = dict(self._loaded.describe())

    def _progress(self, stage: str, done: int, total: int | None) -> None:
        self._stage = (stage, done, total)
