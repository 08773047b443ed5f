"""What a student loses to an engine that is slow, raises, breaks or hangs."""

import asyncio
import threading
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from support.live_server import QUICK, FakeLessons, assert_accounted_for, live_server, until_free
from support.student_peer import FPS, NumberedFrames, StudentPeer

pytestmark = pytest.mark.loopback


class ThreeFramesLong:
    """A coach's step that lasts until the camera has sent three more frames: 3:1, exactly."""

    def __init__(self) -> None:
        self.camera: NumberedFrames | None = None

    def __call__(self) -> None:
        if self.camera is None:
            return
        until = self.camera.sent + 3
        while self.camera.sent < until and self.camera.readyState == "live":
            time.sleep(0.002)


async def test_three_times_too_much_costs_frames_and_no_time(tmp_path: Path) -> None:
    """Ages are counted in frames sent meanwhile, so a slow machine makes them no larger."""
    overload = ThreeFramesLong()
    async with live_server(tmp_path, lessons=FakeLessons(overload)) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.poses) > 0)
        overload.camera = student.camera
        student.poses.clear()
        await student.until(lambda: len(student.poses) >= 75, timeout_s=40)
        await student.close()
        report = await until_free(server, student.answer["session"])

    ages = [pose["_frames_sent"] - pose["t"] * FPS for pose in student.poses]
    first, last = ages[:25], ages[-25:]
    assert median(last) <= median(first) + 2, (first, last)
    assert max(last) - min(first) < 15
    sent = {pose["t"]: pose["_frames_sent"] for pose in student.poses}
    later = [
        cue["_frames_sent"] - sent[cue["t"]] for cue in student.kinds("cue") if cue["t"] in sent
    ]
    assert max(later) < 15, "a cue comes with its pose"
    frames = report["frames"]
    assert frames["dropped"] >= frames["judged"] * 1.5
    assert_accounted_for(frames)


async def test_an_engine_that_raises_costs_frames_and_no_session(tmp_path: Path) -> None:
    raised: list[int] = []

    def raises_ten_times() -> None:
        if student.kinds("state") and len(raised) < 10:  # by then the page can be told
            raised.append(len(raised))
            raise RuntimeError("a tensor of the wrong shape")

    student = StudentPeer()
    async with live_server(tmp_path, lessons=FakeLessons(raises_ten_times)) as server:
        await student.connect(server.post_offer)
        await student.until(lambda: len(raised) == 10 and bool(student.kinds("error")))
        student.poses.clear()
        await student.until(lambda: len(student.poses) > 5)
        await student.close()
        report = await until_free(server, student.answer["session"])
    assert report["frames"]["failed"] == 10
    assert_accounted_for(report["frames"])
    messages = student.kinds("error")
    assert messages
    for message in messages:
        assert set(message["error"]) == {"code", "message", "hint"}
        assert "tensor" not in str(message)


async def test_a_coach_that_breaks_the_session_frees_the_slot(tmp_path: Path) -> None:
    async with live_server(tmp_path, limits=QUICK) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.poses) > 0)
        coach: Any = server.lessons.coaches[0]
        coach.step = lambda *_: object()  # no result as the session knows it
        await student.until(lambda: bool(student.kinds("bye")))
        report = await until_free(server, student.answer["session"])
        await student.close()
    assert student.kinds("bye")[0]["reason"] == report["ended"] == "internal"


async def test_an_engine_that_hangs_frees_the_slot_and_the_student_comes_back(
    tmp_path: Path,
) -> None:
    """The frame that hangs is accounted for; its coach is left alone, and another one made."""
    hangs, goes_on = threading.Event(), threading.Event()

    def hang() -> None:
        if hangs.is_set():
            goes_on.wait(60)

    options: dict[str, Any] = {"limits": QUICK, "max_sessions": 1, "step_s": 0.5}
    async with live_server(tmp_path, lessons=FakeLessons(hang), **options) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.poses) > 0)
        hangs.set()
        await student.until(lambda: bool(student.kinds("bye")))
        report = await until_free(server, student.answer["session"])
        await student.close()
        hangs.clear()
        back = StudentPeer()
        await back.connect(server.post_offer, resume=student.answer["resume"])
        await back.until(lambda: len(back.poses) > 0)
        await back.close()
        goes_on.set()
    assert student.kinds("bye")[0]["reason"] == report["ended"] == "internal"
    assert student.kinds("error")[0]["error"]["code"] == "internal"
    assert report["frames"]["abandoned"] == 1
    assert_accounted_for(report["frames"])
    assert back.answer["session"] != student.answer["session"]
    assert len(server.lessons.coaches) == 2


@pytest.mark.parametrize("stands_s", [2.5, 5.0])
async def test_who_practises_while_the_machine_stands_still_goes_on(
    tmp_path: Path, stands_s: float
) -> None:
    """In the middle of a frame, for longer than an engine or a silent page is given."""
    stands, goes_on = threading.Event(), threading.Event()

    def step() -> None:
        if stands.is_set():
            goes_on.wait(60)

    limits = replace(QUICK, media_s=2.0)
    options: dict[str, Any] = {"limits": limits, "step_s": 2.0}
    async with live_server(tmp_path, lessons=FakeLessons(step), **options) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.begun()
        stands.set()
        await asyncio.sleep(0.3)  # a frame is in the engine
        time.sleep(stands_s)  # noqa: ASYNC251  # as all else does
        stands.clear()
        asyncio.get_running_loop().call_later(0.2, goes_on.set)
        student.poses.clear()
        await student.until(lambda: len(student.poses) > 5 or bool(student.kinds("bye")))
        assert student.kinds("bye") == student.kinds("error") == []
        assert (await server.report(student.answer["session"]))["connections"] == 1
        await student.close()


async def test_an_engine_that_hangs_takes_nothing_from_another_student(tmp_path: Path) -> None:
    """Both places are taken, and the other's practice is one connection from before to after.

    What the hung engine held up of the other's would hang as long, and count as hung itself.
    """
    hung, goes_on = threading.Event(), threading.Event()

    def hang() -> None:
        hung.set()
        goes_on.wait(300)

    options: dict[str, Any] = {"limits": QUICK, "max_sessions": 2, "step_s": 4.0}
    async with live_server(tmp_path, **options) as server:
        student, other = StudentPeer(), StudentPeer()
        for each in (student, other):
            await each.connect(server.post_offer)
            await each.until(lambda each=each: len(each.poses) > 0)  # type: ignore[misc]  # default binds the loop's value
        coach = server.lessons.coaches[0]

        async def other_goes_on() -> None:
            enough = len(other.poses) + FPS
            await other.until(lambda: len(other.poses) >= enough)

        coach.before_step = hang
        await student.until(hung.is_set)
        stepped = len(coach.clocks)
        await other_goes_on()
        await student.until(lambda: bool(student.kinds("bye")))
        await until_free(server, student.answer["session"])
        await student.close()
        await other_goes_on()
        back = StudentPeer()
        await back.connect(server.post_offer, resume=student.answer["resume"])
        await back.until(lambda: len(back.poses) > 0)
        await other_goes_on()
        assert len(coach.clocks) == stepped, "it hung no longer"
        goes_on.set()
        await other.until(lambda: len(coach.clocks) > stepped)
        await other_goes_on()
        report = await server.report(other.answer["session"])
        await back.close()
        await other.close()
        ended = await until_free(server, other.answer["session"])
    assert len(server.lessons.coaches) == 3, "a coach for each, and one for who came back"
    assert (report["live"], report["ended"], report["connections"]) == (True, None, 1)
    assert (other.kinds("bye"), other.kinds("error")) == ([], [])
    seqs = [pose["seq"] for pose in other.poses]
    assert len(set(seqs)) == len(seqs), "it was begun anew"
    assert ended["frames"]["failed"] == 0
    assert_accounted_for(ended["frames"])


async def test_an_engine_that_comes_back_late_serves_its_session_again(tmp_path: Path) -> None:
    hangs, goes_on = threading.Event(), threading.Event()

    def hang() -> None:
        if hangs.is_set():
            goes_on.wait(60)

    async with live_server(tmp_path, lessons=FakeLessons(hang), limits=QUICK, step_s=0.5) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.poses) > 0)
        hangs.set()
        await student.until(lambda: bool(student.kinds("bye")))
        await until_free(server, student.answer["session"])
        await student.close()
        hangs.clear()
        coach = server.lessons.coaches[0]
        stepped = len(coach.clocks)
        goes_on.set()
        await student.until(lambda: len(coach.clocks) > stepped)
        back = StudentPeer()
        await back.connect(server.post_offer, resume=student.answer["resume"])
        await back.until(lambda: len(back.poses) > 0)
        await back.close()
    assert back.answer["session"] == student.answer["session"]
    assert back.poses[0]["seq"] > student.poses[-1]["seq"], "it counts a session's results"
