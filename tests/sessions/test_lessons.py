"""A lesson that nobody takes gives back the places that it took at the engines."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.films import ScriptedEngines, write_film
from support.stick_figure import ARMS_OUT, Limbs, track_of

from coach_server.errors import FullError
from coach_server.inference.protocols import KeypointDetector, Lifter
from coach_server.library.prepare import prepare_routine
from coach_server.library.store import RoutineLibrary
from coach_server.library.tracking import track_film
from coach_server.sessions.coaches import PipelineLessons

pytestmark = pytest.mark.film

TRACK = track_of([(Limbs(), 0.0, 1.5), (ARMS_OUT, 1.0, 1.5)])


class Counting(ScriptedEngines):
    """Engines that count who has not been closed."""

    def __init__(self) -> None:
        super().__init__(TRACK)
        self.full = False
        self.open = 0
        self.hold = threading.Event()
        self.hold.set()

    def new_detector(self) -> KeypointDetector:
        detector: KeypointDetector = self._counted(super().new_detector())
        return detector

    def new_lifter(self) -> Lifter:
        self.hold.wait(10)
        if self.full:
            raise FullError("no place", retry_after_s=1)
        lifter: Lifter = self._counted(super().new_lifter())
        return lifter

    def _counted(self, engine: Any) -> Any:
        self.open += 1
        engine.close = self._closed
        return engine

    def _closed(self) -> None:
        self.open -= 1


@pytest.fixture
def library(tmp_path: Path) -> RoutineLibrary:
    library = RoutineLibrary.of(tmp_path)
    film = write_film(tmp_path / "flow.mp4", len(TRACK.time_s))
    prepare_routine(library, film, ScriptedEngines(TRACK), title="Flow", routine_id="flow")
    return library


def test_a_lesson_that_ends_is_given_back(library: RoutineLibrary) -> None:
    engines = Counting()
    lesson = asyncio.run(PipelineLessons(engines, library).make("flow"))
    assert engines.open == 2
    lesson.coach.close()
    assert engines.open == 0


def test_where_no_lifter_is_free_the_detector_is_given_back(library: RoutineLibrary) -> None:
    engines = Counting()
    engines.full = True
    with pytest.raises(FullError):
        asyncio.run(PipelineLessons(engines, library).make("flow"))
    assert engines.open == 0


async def test_who_goes_while_it_is_made_leaves_nothing(library: RoutineLibrary) -> None:
    engines = Counting()
    engines.hold.clear()
    making = asyncio.create_task(PipelineLessons(engines, library).make("flow"))
    await until(lambda: engines.open == 1)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    engines.hold.set()
    await until(lambda: engines.open == 0)


async def until(happened: Callable[[], bool]) -> None:
    for _ in range(500):
        if happened():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never happened")


def test_a_film_that_was_tracked_gives_its_engines_back(library: RoutineLibrary) -> None:
    engines = Counting()
    track_film(library.open("flow").video, engines.new_detector(), engines.new_lifter())
    assert engines.open == 0
