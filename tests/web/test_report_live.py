"""A report while its student practises, and after."""

import asyncio
import time
from pathlib import Path

import pytest
from support.live_server import LiveServer, live_server, until_free
from support.student_peer import FPS, StudentPeer

from coach_server.library.database import NAME, Database
from coach_server.library.reports.kept import ReportStore

pytestmark = pytest.mark.loopback


async def practices(server: LiveServer) -> list[str]:
    async with server.client.get("/api/sessions") as answer:
        return [each["session"] for each in (await answer.json())["sessions"]]


async def test_a_report_counts_what_the_film_ran_for(tmp_path: Path) -> None:
    async with live_server(tmp_path) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.poses) > FPS)
        session = student.answer["session"]
        before = await server.report(session)
        assert await practices(server) == []
        student.say("player", t=0, playing=True, rate=1, at_ms=time.time() * 1000)
        await student.until(lambda: len(student.poses) > 4 * FPS)
        async with server.client.get(f"/api/sessions/{session}/report.html") as answer:
            assert answer.status == 200
        await student.close()
        after = await until_free(server, session)
    assert (before["verdict"], before["time"]["film_s"]) == ("not_begun", 0)
    assert before["resumable"] is True
    assert after["time"]["began_t"] >= 0.9
    assert 1.0 < after["time"]["film_s"] < after["practised_s"]
    assert after["time"]["judged_s"] == after["time"]["film_s"]
    assert after["timeline"]["lag_s"]
    assert set(after["timeline"]["lag_s"]) == {0.5}


async def test_a_report_outlives_its_session(tmp_path: Path) -> None:
    async with live_server(tmp_path, keep_s=0.2) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: student.control.readyState == "open")
        student.say("player", t=0, playing=True, rate=1, at_ms=time.time() * 1000)
        await student.until(lambda: len(student.poses) > 2 * FPS)
        await student.close()
        session = student.answer["session"]
        last = await until_free(server, session)
        while (report := await server.report(session))["resumable"]:
            assert await practices(server) == [session]
        assert await practices(server) == [session]
        async with server.client.get(f"/api/sessions/{session}/report.html") as answer:
            assert answer.status == 200
        again = StudentPeer()
        await again.connect(server.post_offer, resume=student.answer["resume"])
        await again.close()
    assert report["cues"] == last["cues"]
    assert report["time"] == last["time"]
    assert again.answer["session"] != session


async def test_a_practice_is_on_disk_once_its_page_has_gone(tmp_path: Path) -> None:
    """Its session is kept for a minute more, in which the server may be killed."""
    async with live_server(tmp_path, keep_every_s=600.0) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.begun()
        student.say("player", t=0, playing=True, rate=1, at_ms=time.time() * 1000)
        await student.until(lambda: len(student.poses) > 2 * FPS)
        student.say("bye")
        session = student.answer["session"]
        last = await until_free(server, session)
        store = ReportStore(Database(tmp_path / NAME))
        async with asyncio.timeout(60):
            while (kept := await asyncio.to_thread(store.find, session)) is None:
                pass
        assert (await server.report(session))["resumable"], "it is not forgotten yet"
        await student.close()
    assert (kept.session["live"], kept.session["ended"]) == (False, "bye")
    assert kept.session["frames"] == last["frames"]
