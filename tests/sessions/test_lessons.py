"""A lesson that nobody takes gives back the places that it took at the engines."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.films import ScriptedEngines, write_film
from support.stick_figure import ARMS_OUT, Limbs, track_of

from coach_server.coaching.choices import USUAL, Language
from coach_server.coaching.player import PlayerClock
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


class OnCpu(ScriptedEngines):
    """Engines of which each frame costs."""

    def describe(self) -> dict[str, str]:
        return {**super().describe(), "device": "cpu"}


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


@pytest.mark.parametrize(
    ("skip_still", "repeated"), [(True, [False, True, True, False]), (False, [False] * 4)]
)
def test_still_frames_are_left_out_where_that_is_asked_for(
    library: RoutineLibrary, *, skip_still: bool, repeated: list[bool]
) -> None:
    lessons = PipelineLessons(OnCpu(TRACK), library, skip_still=skip_still)
    coach = asyncio.run(lessons.make("flow")).coach
    picture = np.full((480, 640, 3), 90, np.uint8)
    told = [coach.step(picture, i / 30, None).keypoints for i in range(4)]
    assert [one is not None and one.repeated for one in told] == repeated
    coach.close()


def test_a_coach_that_is_let_go_is_freed_without_the_collector(library: RoutineLibrary) -> None:
    coach = asyncio.run(PipelineLessons(OnCpu(TRACK), library).make("flow")).coach
    picture = np.full((480, 640, 3), 90, np.uint8)
    gc.collect()
    gc.disable()
    try:
        coach.configure(replace(USUAL, language=Language.GERMAN))
        for i in range(60):
            coach.step(
                picture, i / 30, PlayerClock(0.0, playing=True, rate=1.0, at_s=0.0, end_s=3.0)
            )
        coach.close()
        freed = weakref.ref(coach)
        del coach
        assert freed() is None
    finally:
        gc.enable()


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
