"""Fifty students connect and go: what they leave in the server's process, and on its disk."""

import asyncio
from pathlib import Path
from typing import Final

import pytest
from support.live_server import live_server, until_free
from support.student_peer import StudentPeer

from scripts.load.films import Films
from scripts.soak.in_process import PassingClock, come_and_go

pytestmark = pytest.mark.loopback

TIMES: Final = 50
"""`python -m scripts.soak connects` does the same ten times as often."""


@pytest.fixture
def films(tmp_path: Path) -> Films:
    """Three seconds, encoded before the event loop runs."""
    made = Films(tmp_path, seconds=3)
    made.at(30)
    return made


async def test_fifty_connects_leave_nothing(tmp_path: Path, films: Films) -> None:
    clock = PassingClock()
    async with live_server(tmp_path / "data", keep_s=0.1, now=clock) as server:
        left, waited = await come_and_go(
            f"http://127.0.0.1:{server.client.port}",
            films,
            TIMES,
            is_empty=lambda: not server.sessions._entries and not server.sessions._serving,
            clock=clock,
            warm=3,
        )
    first, last = left[0], left[-1]
    assert len(waited) == last.after == TIMES
    assert abs(last.descriptors - first.descriptors) <= 2, left
    assert last.tasks <= first.tasks, left
    assert last.connections <= first.connections, left
    assert last.threads <= first.threads + 2, "pools fill as they are used"


async def test_no_picture_of_a_practice_is_kept(tmp_path: Path) -> None:
    async with live_server(tmp_path) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.begun()
        student.say("player", t=0.0, playing=True, rate=1, at_ms=0.0)
        await student.until(lambda: len(student.poses) > 60)
        student.say("bye")
        await until_free(server, student.answer["session"])
        await student.close()
    kept = await asyncio.to_thread(lambda: [path for path in tmp_path.rglob("*") if path.is_file()])
    assert {path.name.split(".sqlite")[0] for path in kept} == {"index"}
    assert sum(path.stat().st_size for path in kept) < 400_000, "a report; no film of two seconds"
