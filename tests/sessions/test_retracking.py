"""A routine of other engines is watched again before it is practised."""

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.films import ScriptedEngines, write_film
from support.stick_figure import ARMS_OUT, Limbs, track_of

from coach_server.errors import BusyError, EngineStuckError
from coach_server.library.prepare import is_stale, prepare_routine
from coach_server.library.store import RoutineLibrary
from coach_server.sessions import retracking
from coach_server.sessions.coaches import PipelineLessons

pytestmark = pytest.mark.film

TRACK = track_of([(Limbs(), 0.0, 1.5), (ARMS_OUT, 1.0, 1.5)])
NEWER = ScriptedEngines(TRACK, fingerprint="scripted:2")


@pytest.fixture(autouse=True)
def nobody_left_at_work() -> Iterator[None]:
    """What tracks a routine again puts its lock down a moment after the routine is there."""
    yield
    for thread in threading.enumerate():
        if thread.name == "retracking":
            thread.join(10)


@pytest.fixture
def library(tmp_path: Path) -> RoutineLibrary:
    library = RoutineLibrary.of(tmp_path)
    film = write_film(tmp_path / "flow.mp4", len(TRACK.time_s))
    for routine_id in ("one", "two"):
        prepare_routine(library, film, ScriptedEngines(TRACK), title="Flow", routine_id=routine_id)
    return library


def test_it_is_watched_again_and_then_practised(library: RoutineLibrary) -> None:
    lessons = PipelineLessons(NEWER, library)
    for routine_id in ("one", "two"):
        with pytest.raises(BusyError, match="being watched again") as caught:
            asyncio.run(lessons.make(routine_id))
        assert caught.value.error_code == "retracking"
        assert _until_made(lessons, routine_id) == "Flow"
        assert not is_stale(library.open(routine_id), NEWER)


def test_one_whose_film_is_damaged_is_practised_as_it_is(library: RoutineLibrary) -> None:
    library.open("one").video.write_bytes(b"")
    lessons = PipelineLessons(NEWER, library)
    assert _until_made(lessons, "one") == "Flow"
    assert is_stale(library.open("one"), NEWER)


def test_one_at_which_an_engine_fails_twice_is_practised_as_it_is(
    library: RoutineLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []

    def stuck(_library: object, routine_id: str, *_rest: object) -> None:
        runs.append(routine_id)
        raise EngineStuckError("the engine hangs")

    monkeypatch.setattr(retracking, "retrack", stuck)
    assert _until_made(PipelineLessons(NEWER, library), "one") == "Flow"
    assert runs == ["one", "one"]
    assert is_stale(library.open("one"), NEWER)


def _until_made(lessons: PipelineLessons, routine_id: str) -> str:
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        try:
            return asyncio.run(lessons.make(routine_id)).title
        except BusyError:
            continue
    pytest.fail("it was never ready")
