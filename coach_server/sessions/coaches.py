"""What a session needs of the rest: a coach for one student and one routine."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from coach_server.coaching.choices import Choices
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.report.practice import PlannedPose, plan_of
from coach_server.inference.protocols import EngineSet, Frame
from coach_server.inference.still_frames import new_student_detector
from coach_server.library.store import RoutineLibrary
from coach_server.pipeline.student import FrameResult, StudentPipeline
from coach_server.sessions.retracking import Retracker


class Coach(Protocol):
    """One student's frames to results; called by one thread at a time."""

    @property
    def takes_planes(self) -> bool:
        """Whether frames may come as `Planes`, which spares a conversion."""

    def step(self, frame: Frame, t: float, clock: PlayerClock | None) -> FrameResult:
        """Judge the frame at `t`, seconds on a clock that only goes forward."""

    def configure(self, choices: Choices) -> None:
        """Change what the student chose."""

    def close(self) -> None:
        """Give back what is shared with others, from any thread; afterwards there are no steps."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A coach and the routine it follows.

    Attributes:
        coach: of this student alone.
        end_s: the routine's length in seconds.
        engine: what serves it, for people.
        title: of the routine.
        plan: the poses that it holds.
    """

    coach: Coach
    end_s: float
    engine: Mapping[str, str]
    title: str = ""
    plan: tuple[PlannedPose, ...] = ()


class LessonMaker(Protocol):
    """Makes lessons; the one thing that differs between the product and a test of the live path."""

    async def make(self, routine_id: str) -> Lesson:
        """A lesson for a new student.

        Raises:
            NotFoundError: there is no such routine.
            BusyError: it is not ready to be practised.
        """


class PipelineLessons:
    """Lessons by the real pipeline on routines of the library.

    Args:
        engines: all lessons share them.
        library: where the routines are.
        skip_still: read no frame of a student who does not move, but each third.
    """

    def __init__(
        self, engines: EngineSet, library: RoutineLibrary, *, skip_still: bool = True
    ) -> None:
        self._engines = engines
        self._library = library
        self._skip_still = skip_still
        self._retracker = Retracker(engines, library)

    async def make(self, routine_id: str) -> Lesson:
        """As `LessonMaker.make`; disk and models are touched off the event loop."""
        making = asyncio.ensure_future(asyncio.to_thread(self._make, routine_id))
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:  # who asked has gone; the thread is not, nor its lesson
            making.add_done_callback(_close_unused)
            raise

    def _make(self, routine_id: str) -> Lesson:
        stored = self._library.open(routine_id)
        self._retracker.check(stored)
        routine = stored.load()
        detector = new_student_detector(self._engines, skip_still=self._skip_still)
        try:
            lifter = self._engines.new_lifter()
        except BaseException:
            detector.close()
            raise
        coach = StudentPipeline(detector, lifter, routine)
        return Lesson(
            coach,
            routine.duration_s,
            dict(self._engines.describe()),
            title=stored.meta.title,
            plan=plan_of(routine),
        )


def _close_unused(made: "asyncio.Future[Lesson]") -> None:
    if not made.cancelled() and made.exception() is None:
        made.result().coach.close()
