"""Students in worker processes: spread, taken up again, and what a worker costs that dies."""

import asyncio
import itertools
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import generate_latest
from support import fake_worker
from support.student_peer import FPS, StudentPeer

from coach_server.errors import CoachError, EngineError, InternalError
from coach_server.library.store import RoutineLibrary
from coach_server.sessions.workers.front import Workers
from coach_server.settings import Settings
from coach_server.web.app import create_app

pytestmark = pytest.mark.loopback

COMMAND: Final = (sys.executable, str(Path(fake_worker.__file__)))
TESTS: Final = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def found_by_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))


class Front:
    """The application in front of workers with fake lessons."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.given = Settings(data=data, cache=data, **{"workers": 2, "max_load": 0.0, **settings})
        self.workers = Workers(self.given, command=COMMAND)
        library = RoutineLibrary(data / "routines")
        minutes = itertools.count(step=60)  # rates are limited elsewhere: here each call is late
        self.app = create_app(
            self.given,
            practices=self.workers,
            library=library,
            now=lambda: float(next(minutes)),
        )
        self.client: TestClient[Any, Any]

    async def offered(self, fields: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        async with self.client.post("/api/offer", json=fields) as answer:
            return answer.status, await answer.json()

    async def post_offer(self, fields: dict[str, Any]) -> dict[str, Any]:
        status, body = await self.offered(fields)
        assert status == 200, body
        return body

    async def get(self, path: str) -> Any:
        async with self.client.get(path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def until(self, serving: int) -> list[int]:
        """Wait until so many workers can serve; gives their processes."""
        async with asyncio.timeout(30):
            while len(pids := self.workers.pids) < serving:
                async with self.client.get("/healthz"):
                    pass
        return pids

    def metric(self, name: str) -> float:
        text = generate_latest(self.workers.metrics).decode()
        return sum(
            float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name)
        )


@asynccontextmanager
async def front(data: Path, *, serving: int = 2, **settings: Any) -> AsyncIterator[Front]:
    """A front whose workers serve; stopped at the end."""
    made = await asyncio.to_thread(lambda: Front(data, **settings))
    made.client = TestClient(TestServer(made.app))
    await made.client.start_server()
    try:
        await made.until(serving)
        yield made
    finally:
        await made.client.close()


@asynccontextmanager
async def practising(server: Front, resume: str | None = None) -> AsyncIterator[StudentPeer]:
    """A student whose film runs and who has had a pose."""
    student = StudentPeer()
    try:
        await student.connect(server.post_offer, resume=resume)
        await student.begun()
        student.say("player", t=0.0, playing=True, rate=1, at_ms=time.time() * 1000)
        yield student
    finally:
        await student.close()


def more_than(student: StudentPeer, poses: int) -> Callable[[], bool]:
    return lambda: len(student.poses) > poses


async def poses_go_on(student: StudentPeer) -> None:
    student.poses.clear()
    await student.until(lambda: len(student.poses) > 3)


async def test_students_are_spread_seen_counted_and_kept(tmp_path: Path) -> None:
    async with front(tmp_path) as server:
        pids = await server.until(2)
        async with practising(server) as one, practising(server) as two:
            live = [child.live for child in server.workers._children]
            sessions = {one.answer["session"], two.answer["session"]}
            assert [len(each) for each in live] == [1, 1]
            assert frozenset().union(*live) == sessions
            await two.until(lambda: two.poses[-1]["t"] > 3)
            report = await server.get(f"/api/sessions/{two.answer['session']}/report")
            assert report["live"]
            assert report["resumable"]
            await one.until(lambda: server.metric("coach_sessions ") == 2)
            await one.until(lambda: server.metric("coach_frames_total") > 0)
            assert server.metric("coach_workers ") == 2
            assert (await server.get("/healthz"))["keypoints"] == "fake"
            listed = {each["session"] for each in (await server.get("/api/sessions"))["sessions"]}
            assert two.answer["session"] in listed
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


async def test_a_session_is_taken_up_in_the_worker_that_has_it(tmp_path: Path) -> None:
    async with front(tmp_path, max_sessions=1) as server:
        async with practising(server) as first:
            session, resume = first.answer["session"], first.answer["resume"]
            other = StudentPeer()
            refused = {"sdp": await other.offer(), "type": "offer", "routine": "demo"}
            status, body = await server.offered(refused)
            await other.close()
            assert (status, body["error"]["code"]) == (503, "full")
            async with practising(server, resume) as again:  # however full it is
                assert again.answer["session"] == session
                await poses_go_on(again)
                again.say("bye")
                await again.until(lambda: again.control.readyState != "open")
        async with practising(server) as next_one:
            assert next_one.answer["session"] != session
        report = await server.get(f"/api/sessions/{session}/report")
        assert report["connections"] == 2


@pytest.mark.parametrize(
    ("how", "reason"), [(signal.SIGKILL, "killed"), (signal.SIGSTOP, "silent")]
)
async def test_a_worker_that_dies_or_hangs_is_replaced_and_costs_the_others_nothing(
    tmp_path: Path, how: signal.Signals, reason: str
) -> None:
    async with (
        front(tmp_path) as server,
        practising(server) as lost,
        practising(server) as spared,
    ):
        await lost.until(lambda: lost.poses[-1]["t"] > 3)
        session = lost.answer["session"]
        victim = next(c for c in server.workers._children if session in c.live)
        spared.poses.clear()
        os.kill(victim.pid, how)
        while victim in server.workers._children:
            await spared.until(more_than(spared, len(spared.poses)))
        await spared.until(more_than(spared, 3 * FPS))
        sent = [pose["_frames_sent"] for pose in spared.poses]
        assert max(later - one for one, later in itertools.pairwise(sent)) < 2 * FPS, (
            "two seconds without any"
        )
        async with asyncio.timeout(30):
            report = await server.get(f"/api/sessions/{session}/report")
        assert not report["live"]
        assert (report["ended"], report["resumable"]) == ("lost", False)
        assert report["time"]["film_s"] >= 1
        async with practising(server, lost.answer["resume"]) as back:
            assert back.answer["session"] != session
            await poses_go_on(back)
        await server.until(2)
        assert server.metric(f'coach_workers_replaced_total{{reason="{reason}"}}') == 1
        await poses_go_on(spared)


async def test_a_class_that_comes_at_once_is_let_in_to_the_last_place(tmp_path: Path) -> None:
    async with front(tmp_path, max_sessions=4) as server:
        students = [StudentPeer() for _ in range(5)]
        offers = [
            {"sdp": await student.offer(), "type": "offer", "routine": "demo"}
            for student in students
        ]
        answers = await asyncio.gather(*(server.offered(offer) for offer in offers))
        assert sorted(status for status, _ in answers) == [200, 200, 200, 200, 503]
        for student in students:
            await student.close()


async def test_a_worker_more_is_started_when_those_there_are_full(tmp_path: Path) -> None:
    async with front(tmp_path, serving=1, workers=0, max_load=0.0001, device="cpu") as server:
        if server.workers._most < 2:
            pytest.skip("one core: one worker")
        async with practising(server) as first:
            await first.until(lambda: server.workers._children[0].load.frame_cpu > 0)
            other = StudentPeer()
            offer = {"sdp": await other.offer(), "type": "offer", "routine": "demo"}
            status, body = await server.offered(offer)
            while status != 200:
                assert (status, body["error"]["code"]) == (503, "full")
                await server.until(1)
                status, body = await server.offered(offer)
            assert len(server.workers.pids) == 2
            await other.close()


async def test_a_worker_that_is_told_to_end_is_asked_for_nothing_more(tmp_path: Path) -> None:
    async with front(tmp_path) as server, practising(server) as lost:
        session = lost.answer["session"]
        leaving = next(c for c in server.workers._children if session in c.live)
        os.kill(leaving.pid, signal.SIGTERM)
        await lost.until(lambda: bool(lost.kinds("bye")))
        async with practising(server, lost.answer["resume"]) as back:
            assert back.answer["session"] != session
            await poses_go_on(back)
        await server.until(2)


async def failure(data: Path) -> CoachError:
    workers = await asyncio.to_thread(
        lambda: Workers(Settings(data=data, cache=data, workers=1), command=COMMAND)
    )
    workers.start()
    try:
        async with asyncio.timeout(60):
            return await workers.failed
    finally:
        await workers.close()


async def test_engines_that_cannot_be_had_are_told_as_the_worker_found_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULT", "load")
    error = await failure(tmp_path)
    assert isinstance(error, EngineError)
    assert (error.message, error.hint) == ("the download is broken", "try again")
    assert (error.error_code, error.exit_code) == ("no_model", 2)


async def test_workers_that_never_start_end_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULT", "exit")
    error = await failure(tmp_path)
    assert isinstance(error, InternalError)
    assert "do not start" in error.message
