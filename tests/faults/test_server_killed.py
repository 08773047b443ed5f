"""A server that is killed in the middle of a practice, and started again on the same data."""

import asyncio
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.faulty_server import FaultyServer
from support.student_peer import FPS, Post, StudentPeer

pytestmark = pytest.mark.loopback


def post_to(http: aiohttp.ClientSession) -> Post:
    async def post(fields: dict[str, Any]) -> dict[str, Any]:
        async with http.post("/api/offer", json=fields) as answer:
            body: dict[str, Any] = await answer.json()
            assert answer.status == 200, body
            return body

    return post


async def test_what_was_kept_is_there_and_students_begin_anew(tmp_path: Path) -> None:
    student, back = StudentPeer(), StudentPeer()
    with await asyncio.to_thread(FaultyServer, tmp_path) as server:
        async with aiohttp.ClientSession(server.address) as http:
            await student.connect(post_to(http))
            await student.begun()
            student.say("player", t=0, playing=True, rate=1, at_ms=time.time() * 1000)
            await student.until(lambda: len(student.poses) > 5 * FPS)
        await asyncio.to_thread(server.kill)
    session = student.answer["session"]
    with await asyncio.to_thread(FaultyServer, tmp_path) as server:
        async with aiohttp.ClientSession(server.address) as http:
            async with http.get("/api/sessions") as answer:
                (kept,) = (await answer.json())["sessions"]
            async with http.get(f"/api/sessions/{session}/report") as answer:
                report = await answer.json()
            await back.connect(post_to(http), resume=student.answer["resume"])
            await back.begun()
            await back.close()
    await student.close()
    assert kept["session"] == session
    assert kept["film_s"] > 1.0
    assert (report["live"], report["ended"], report["resumable"]) == (False, "lost", False)
    assert report["time"]["film_s"] == pytest.approx(kept["film_s"], abs=0.01)
    assert report["cues"]
    assert back.answer["session"] != session
