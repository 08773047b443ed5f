"""Clocks that jump: the server's wall clock, the page's, and times that are none."""

import itertools
import time
from datetime import timedelta
from pathlib import Path

import aiortc.clock
import pytest
from support.live_server import LiveServer, assert_accounted_for, live_server, until_free
from support.student_peer import FPS, StudentPeer

pytestmark = pytest.mark.loopback

HOUR_S = 3600.0
YEARS_S = 56 * 365 * 24 * HOUR_S
"""From 1970, where a machine without a battery begins, to when the network tells it the time."""


async def begun(server: LiveServer) -> StudentPeer:
    student = StudentPeer()
    await student.connect(server.post_offer)
    await student.begun()
    return student


@pytest.mark.parametrize("moved_s", [-3 * HOUR_S, YEARS_S])
async def test_the_servers_wall_clock_moves(
    tmp_path: Path, moved_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is written down has to do with it."""
    real, aiortcs = time.time, aiortc.clock.current_datetime
    moved, wrong = timedelta(seconds=moved_s), timedelta(seconds=max(0.0, moved_s))
    monkeypatch.setattr(aiortc.clock, "current_datetime", lambda: aiortcs() - wrong)
    async with live_server(tmp_path) as server:
        student = await begun(server)
        states = len(student.kinds("state"))
        monkeypatch.setattr(time, "time", lambda: real() + moved_s)
        monkeypatch.setattr(aiortc.clock, "current_datetime", lambda: aiortcs() - wrong + moved)
        seen = len(student.poses)
        await student.until(lambda: len(student.poses) > seen + FPS)
        await student.until(lambda: len(student.kinds("state")) > states + 1)
        report = await server.report(student.answer["session"])
        monkeypatch.undo()
        await student.close()
        ended = await until_free(server, student.answer["session"])
    assert report["live"]
    assert 0 < report["age_s"] < 30
    assert 0 < report["practised_s"] < 30
    times = sorted(pose["t"] for pose in student.poses)
    assert max(b - a for a, b in itertools.pairwise(times)) < 1.0 + student.camera.stalled_s
    assert student.kinds("error") == student.kinds("bye") == []
    assert_accounted_for(ended["frames"])


@pytest.mark.parametrize("moved_s", [5 * HOUR_S, -5 * HOUR_S])
async def test_the_pages_clock_moves(tmp_path: Path, moved_s: float) -> None:
    """The film stands where the page says, by whichever clock it says it."""
    async with live_server(tmp_path) as server:
        student = await begun(server)
        began_s = time.monotonic()

        def play(at_s: float) -> float:
            """Say where the film is, which began with the practice; gives where."""
            t = time.monotonic() - began_s
            student.say("player", t=t, playing=True, rate=1, at_ms=at_s * 1000)
            return t

        coach = server.lessons.coaches[0]
        for shift_s in (0.0, moved_s):
            told_s = play(time.time() + shift_s)
            judged = len(coach.clocks)
            await student.until(lambda judged=judged: len(coach.clocks) > judged + 15)  # type: ignore[misc]  # bound
            last_t, clock = coach.clocks[-1]
            assert clock is not None
            assert told_s < clock.position(last_t) < time.monotonic() - began_s + 0.5
        await student.close()
        report = await until_free(server, student.answer["session"])
    assert_accounted_for(report["frames"])


async def test_times_that_are_none_are_ignored_and_counted(tmp_path: Path) -> None:
    wrong = ("-1", "-1e-9", "1e300", "1e999", "null", "true", '"now"', "[]", "1e15")
    async with live_server(tmp_path) as server:
        student = await begun(server)
        for at_ms in wrong:
            player = '{"v":1,"type":"player","t":1,"playing":true,"rate":1,"at_ms":%s}'
            student.control.send(player % at_ms)
        student.control.send(player % "NaN")
        seen = len(student.poses)
        await student.until(lambda: len(student.poses) > seen + 15)
        await student.close()
        report = await until_free(server, student.answer["session"])
    assert {clock for _, clock in server.lessons.coaches[0].clocks} == {None}
    assert report["frames"]["ignored"] == {"malformed": len(wrong), "no_json": 1}
    assert student.kinds("bye") == []
