"""What the pages ask of past practices and of the instructor's figure."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import pytest_asyncio
from support.films import ScriptedEngines, write_film
from support.live_server import LiveServer, live_server
from support.practised import Practising, plan
from support.stick_figure import ARMS_OUT, Limbs, track_of

from coach_server.coaching.report.practice import PracticeReport
from coach_server.coaching.report.summing_up import sum_up
from coach_server.library.prepare import prepare_routine
from coach_server.library.store import RoutineLibrary
from coach_server.sessions.session_report import SessionReport

pytestmark = pytest.mark.web

BEGAN: Final = datetime(2026, 11, 26, 18, 4, tzinfo=UTC)
TRACK = track_of([(Limbs(), 0.0, 1.5), (ARMS_OUT, 1.0, 1.5)])


def prepare(data: Path) -> None:
    film = write_film(data / "flow.mp4", len(TRACK.time_s))
    library = RoutineLibrary.of(data)
    prepare_routine(library, film, ScriptedEngines(TRACK), title="Flow", routine_id="flow")


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[LiveServer]:
    await asyncio.to_thread(prepare, tmp_path)
    async with live_server(tmp_path, job_workers=0) as running:
        yield running


def ended(server: LiveServer, session: str, hours: int, routine: str = "flow") -> asyncio.Task[int]:
    """A practice that ends now; gives the writing of its report."""
    report = PracticeReport("Flow", plan("Mountain"))
    Practising(report).go_on(8.0, hold=0)
    own = {"session": session, "routine": routine}
    began = BEGAN + timedelta(hours=hours)
    writing = server.sessions._finished.keep(session, SessionReport(began, own, sum_up(report)))
    assert writing is not None
    return writing


async def get(server: LiveServer, path: str) -> Any:
    async with server.client.get(path) as answer:
        assert answer.status == 200
        return await answer.json()


async def listed(server: LiveServer, query: str = "") -> list[str]:
    return [each["session"] for each in (await get(server, f"/api/sessions{query}"))["sessions"]]


async def test_past_practices_are_listed(server: LiveServer) -> None:
    assert await get(server, "/api/sessions") == {"sessions": []}
    await ended(server, "a", 0)
    await ended(server, "b", 1, routine="other")
    being_written = ended(server, "c", 2)
    assert await listed(server) == ["c", "b", "a"]
    assert await listed(server, "?routine=flow") == ["c", "a"]
    assert await listed(server, "?routine=' OR 1 --") == []
    await being_written
    assert await listed(server) == ["c", "b", "a"]
    (one,) = (await get(server, "/api/sessions?routine=other"))["sessions"]
    assert one == {
        "session": "b",
        "routine": "other",
        "title": "Flow",
        "began_at": "2026-11-26T19:04:00+00:00",
        "film_s": 7.9,
        "score": 100,
        "passed": 1,
        "reached": 1,
        "raised": 0,
        "mended": 0,
    }


async def test_a_routine_tells_when_it_was_last_practised(server: LiveServer) -> None:
    await ended(server, "a", 3)
    being_written = ended(server, "b", 5)
    for wait in (asyncio.sleep(0), being_written):
        await wait
        (routine,) = (await get(server, "/api/routines"))["routines"]
        assert routine["practised_at"] == "2026-11-26T23:04:00+00:00"
        assert (await get(server, "/api/routines/flow")) == routine


async def test_other_sites_may_not_list_practices(server: LiveServer) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    async with server.client.get("/api/sessions", headers=headers) as answer:
        assert answer.status == 403


async def test_the_instructor_is_there_to_be_drawn(server: LiveServer) -> None:
    address = "/api/routines/flow/figures"
    async with server.client.get(address) as answer:
        assert (answer.status, answer.content_type) == (200, "application/octet-stream")
        assert answer.headers["X-Rows-Per-Second"] == "15"
        body, tag = await answer.read(), answer.headers["ETag"]
        assert answer.headers["Last-Modified"]
    rows = np.frombuffer(body, "<i2").reshape(-1, 17, 3)
    assert np.abs(rows / 1000 - TRACK.joints[::2]).max() <= 0.00051
    async with server.client.get(address, headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")
        assert answer.headers["ETag"] == tag
    async with server.client.get(address, headers={"If-None-Match": '"other"'}) as answer:
        assert (answer.status, await answer.read()) == (200, body)


async def test_a_figure_that_is_not_there(server: LiveServer, tmp_path: Path) -> None:
    (tmp_path / "routines" / "flow" / "track.npz").unlink()
    for routine in ("flow", "nobody"):
        async with server.client.get(f"/api/routines/{routine}/figures") as answer:
            assert answer.status == 404
            assert (await answer.json())["error"]["hint"]
