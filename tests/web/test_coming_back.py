"""Pages that come back: the session goes on where it was, once, and for its time."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from support.live_server import QUICK, live_server, until_free
from support.offers import honest_offer
from support.student_peer import StudentPeer

from coach_server.rtc.peer import Peer

pytestmark = pytest.mark.loopback


async def test_an_offer_that_was_long_under_way_replaces_nobody(tmp_path: Path) -> None:
    """What a page sent into a network that was cut comes after the page has connected anew."""
    async with live_server(tmp_path) as server:
        first, back = StudentPeer(), StudentPeer()
        await first.connect(server.post_offer)
        await first.begun()
        resume = first.answer["resume"]
        fields = {"type": "offer", "routine": "demo", "resume": resume}
        sent_into_the_cut = {**fields, "sdp": await honest_offer(), "attempt": 1}
        await back.connect(lambda offer: server.post_offer({**offer, "attempt": 2}), resume=resume)
        await back.begun()
        async with server.client.post("/api/offer", json=sent_into_the_cut) as late:
            assert late.status == 409
            assert (await late.json())["error"]["code"] == "stale_offer"
        before = len(back.poses)
        await back.until(lambda: len(back.poses) > before + 5)
        assert not back.kinds("bye")
        assert back.answer["session"] == first.answer["session"]
        for senseless in (-1, 1.5, "2", True, 2**53):
            offer = {**sent_into_the_cut, "attempt": senseless}
            async with server.client.post("/api/offer", json=offer) as refused:
                assert refused.status == 400
        await first.close()
        await back.close()


async def test_of_two_offers_at_once_the_newer_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Peer.answer
    first_may_go = asyncio.Event()

    async def slow_for_the_first(*asked: Any, **options: Any) -> Any:
        answered = await answer(*asked, **options)
        if not first_may_go.is_set():
            first_may_go.set()
            await newer_is_there.wait()
        return answered

    newer_is_there = asyncio.Event()
    async with live_server(tmp_path) as server:
        first, back = StudentPeer(), StudentPeer()
        await first.connect(server.post_offer)
        await first.begun()
        resume = first.answer["resume"]
        monkeypatch.setattr(Peer, "answer", slow_for_the_first)
        fields = {"type": "offer", "routine": "demo", "resume": resume}
        older = {**fields, "sdp": await honest_offer(), "attempt": 1}

        async def older_answer() -> int:
            async with server.client.post("/api/offer", json=older) as answered:
                return answered.status

        asked = asyncio.create_task(older_answer())
        await first_may_go.wait()
        await back.connect(lambda offer: server.post_offer({**offer, "attempt": 2}), resume=resume)
        await back.begun()
        newer_is_there.set()
        assert await asked == 409
        before = len(back.poses)
        await back.until(lambda: len(back.poses) > before + 5)
        assert not back.kinds("bye")
        await first.close()
        await back.close()


async def test_who_comes_back_replaces_their_connection_however_full(tmp_path: Path) -> None:
    async with live_server(tmp_path, max_sessions=1) as server:
        former = StudentPeer()
        await former.connect(server.post_offer)
        await former.until(lambda: len(former.kinds("cue")) > 0)
        back = StudentPeer()
        await back.connect(server.post_offer, resume=former.answer["resume"])
        await back.until(lambda: len(back.kinds("cue")) > 0)
        await former.until(lambda: bool(former.kinds("bye")))
        report = await server.report(back.answer["session"])
        await former.close()
        await back.close()
    assert former.kinds("bye")[0]["reason"] == "replaced"
    assert back.answer["session"] == former.answer["session"]
    assert len(server.lessons.coaches) == 1, "the coach's state is kept"
    assert report["connections"] == 2
    assert back.poses[0]["t"] > former.poses[-1]["t"]
    assert back.poses[0]["seq"] > former.poses[-1]["seq"]
    assert len(report["cues"]) >= 2


async def test_a_lost_session_is_taken_up_again(tmp_path: Path) -> None:
    async with live_server(tmp_path, limits=QUICK) as server:
        lost = StudentPeer()
        await lost.connect(server.post_offer)
        await lost.until(lambda: len(lost.poses) > 0)
        await lost.vanish()
        await until_free(server, lost.answer["session"])
        await lost.close()
        back = StudentPeer()
        await back.connect(server.post_offer, resume=lost.answer["resume"])
        await back.until(lambda: len(back.poses) > 0)
        await back.close()
        stranger = StudentPeer()
        await stranger.connect(server.post_offer, resume="no such token")
        await stranger.close()
    assert back.answer["session"] == lost.answer["session"]
    assert stranger.answer["session"] != lost.answer["session"]


async def test_a_session_is_forgotten_after_its_time(tmp_path: Path) -> None:
    async with live_server(tmp_path, keep_s=0.2) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.poses) > 0)
        await student.close()
        status = 200
        while status == 200:
            path = f"/api/sessions/{student.answer['session']}/report"
            async with server.client.get(path) as answer:
                status = answer.status
        assert status == 404


async def test_a_page_that_was_loaded_again_is_not_judged_before_its_film_runs(
    tmp_path: Path,
) -> None:
    """The film that said goodbye ran; the one that rests there is another."""
    async with live_server(tmp_path, limits=QUICK) as server:
        student, again = StudentPeer(), StudentPeer()
        await student.connect(server.post_offer)
        await student.begun()
        (coach,) = server.lessons.coaches
        student.say("player", t=5.0, playing=True, rate=1, at_ms=time.time() * 1000)
        await student.until(lambda: coach.clocks[-1][1] is not None)
        student.say("bye")
        await until_free(server, student.answer["session"])
        await student.close()
        before = len(coach.clocks)
        await again.connect(server.post_offer, resume=student.answer["resume"])
        await again.begun()
        again.say("player", t=5.0, playing=False, rate=1, at_ms=time.time() * 1000)
        await again.until(lambda: len(coach.clocks) > before + 20)
        assert all(clock is None for _, clock in coach.clocks[before:])
        again.say("player", t=5.0, playing=True, rate=1, at_ms=time.time() * 1000)
        await again.until(lambda: coach.clocks[-1][1] is not None)
        await again.close()
