"""A machine that is busy: pages are asked for less, then new students for patience."""

from pathlib import Path

import pytest
from support.live_server import live_server
from support.student_peer import StudentPeer

from coach_server.sessions.load import LADDER

pytestmark = pytest.mark.loopback

LITTLE = 0.001
"""Of a processor: less than any student takes."""


async def test_a_busy_coach_asks_for_less_before_it_refuses_and_puts_nobody_out(
    tmp_path: Path,
) -> None:
    async with live_server(tmp_path, max_load=LITTLE) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.kinds("camera")) > 0)
        asked = student.kinds("camera")[0]
        assert (asked["max_fps"], asked["scale_down"]) == (LADDER[1].max_fps, 1.0)
        other = StudentPeer()
        offer = {"sdp": await other.offer(), "type": "offer", "routine": "demo"}
        async with server.client.post("/api/offer", json=offer) as refused:
            assert refused.status == 503
            assert int(refused.headers["Retry-After"]) > 0
            assert (await refused.json())["error"]["code"] == "full"
        made_up = {**offer, "resume": "x" * 32}
        async with server.client.post("/api/offer", json=made_up) as refused:
            assert refused.status == 503
        await other.close()
        back = StudentPeer()  # who is there stays, and may come back
        await back.connect(server.post_offer, resume=student.answer["resume"])
        await back.until(lambda: len(back.poses) > 3 and len(back.kinds("camera")) > 0)
        assert back.answer["session"] == student.answer["session"]
        await student.close()
        await back.close()
