"""A session that is forgotten is freed at once: the collector may be minutes in coming."""

import asyncio
import gc
import threading
import traceback
import weakref
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from support.live_server import QUICK, FakeLessons, LiveServer, live_server, until_free
from support.student_peer import StudentPeer

from coach_server.sessions import failures

pytestmark = pytest.mark.loopback


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def raise_it() -> None:
    """As a shared engine does: the frame holds the answer, which holds the error."""
    answer: Future[None] = Future()
    answer.set_exception(RuntimeError("a tensor of the wrong shape"))
    answer.result()


def only_session(server: LiveServer) -> weakref.ref[object]:
    (entry,) = server.sessions._entries.values()
    return weakref.ref(entry.session)


async def gone(session: weakref.ref[object]) -> None:
    async with asyncio.timeout(60.0):
        while session() is not None:  # noqa: ASYNC110  # what is freed tells nobody
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("way", ["bye", "vanishes", "comes back"])
async def test_one_that_was_practised(tmp_path: Path, way: str) -> None:
    async with live_server(tmp_path, limits=QUICK, keep_s=3.0) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.begun()
        session = only_session(server)
        student.say("player", t=0.0, playing=True, rate=1, at_ms=0.0)
        await student.until(lambda: len(student.kinds("cue")) > 1)
        if way == "comes back":
            back = StudentPeer()
            await back.connect(server.post_offer, resume=student.answer["resume"])
            await back.begun()
            await student.close()
            student = back
        if way == "vanishes":
            await student.vanish()
        else:
            student.say("bye")
        await until_free(server, student.answer["session"])
        assert session() is not None, "it is kept for its time"
        await student.close()
        await gone(session)


async def test_one_whose_engine_raises_in_every_frame(tmp_path: Path) -> None:
    async with live_server(
        tmp_path, lessons=FakeLessons(raise_it), limits=QUICK, keep_s=3.0
    ) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: bool(student.kinds("error")))
        session = only_session(server)
        student.say("bye")
        await until_free(server, student.answer["session"])
        await student.close()
        await gone(session)


async def test_one_that_ends_while_the_failure_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails, is_logged, goes_on = threading.Event(), threading.Event(), threading.Event()

    def fail() -> None:
        if fails.is_set():
            raise_it()

    class SlowLog:
        def error(self, _event: str, *, session: str, exc_info: Exception) -> None:
            assert session
            for frame, _ in traceback.walk_tb(exc_info.__traceback__):
                assert frame.f_locals  # as is rendered with locals: the frame keeps the copies
            is_logged.set()
            goes_on.wait(60)

    monkeypatch.setattr(failures, "log", SlowLog())
    async with live_server(tmp_path, lessons=FakeLessons(fail), limits=QUICK, keep_s=0.2) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.begun()
        fails.set()
        assert await asyncio.to_thread(is_logged.wait, 60)
        session = only_session(server)
        student.say("bye")
        await until_free(server, student.answer["session"])
        await student.close()
        goes_on.set()
        await gone(session)


async def test_one_whose_engine_hangs_and_raises_when_all_have_gone(tmp_path: Path) -> None:
    hangs, goes_on = threading.Event(), threading.Event()

    def hang() -> None:
        if hangs.is_set():
            goes_on.wait(60)
            raise_it()

    options: dict[str, Any] = {"limits": QUICK, "keep_s": 0.2, "step_s": 0.5}
    async with live_server(tmp_path, lessons=FakeLessons(hang), **options) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.begun()
        session = only_session(server)
        hangs.set()
        await student.until(lambda: bool(student.kinds("bye")))
        await student.close()
        while server.sessions._entries:  # noqa: ASYNC110  # who is forgotten tells nobody
            await asyncio.sleep(0.02)
        goes_on.set()
        await gone(session)
