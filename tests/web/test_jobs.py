"""Jobs over HTTP, with real workers behind them that do fake jobs."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry
from support.fake_jobs import WORKER, attempts, is_alive

from coach_server.errors import InputError
from coach_server.library.jobs.job import Job
from coach_server.library.jobs.ledger import Ledger
from coach_server.settings import Settings
from coach_server.web import job_events, job_workers
from coach_server.web.errors import METRICS, errors_as_json
from coach_server.web.jobs import JOBS, add_jobs
from coach_server.web.metrics import ServerMetrics
from coach_server.web.server import run

pytestmark = pytest.mark.web


class Jobs:
    """An application that has jobs and nothing else."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.data = data
        self._app = web.Application(middlewares=[errors_as_json])
        self._app[METRICS] = ServerMetrics(CollectorRegistry())
        add_jobs(self._app, Settings(data=data, cache=data, **settings), worker=WORKER)
        self.client: TestClient[web.Request, web.Application]

    async def __aenter__(self) -> Self:
        self.client = TestClient(TestServer(self._app))
        await self.client.start_server()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.client.close()

    async def submit(self, act: str) -> str:
        def upload() -> None:
            (self.data / "uploads" / act.replace(" ", "")).mkdir(parents=True)

        await asyncio.to_thread(upload)
        job = await self._app[JOBS].submit(
            "prepare", f"to {act}", {"act": act}, job_id=act.replace(" ", "")
        )
        return job.id

    async def ask(self, method: str, path: str, status: int = 200) -> Any:
        async with self.client.request(method, f"/api/jobs{path}") as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def events(self, job_id: str) -> AsyncIterator[dict[str, Any]]:
        """What a page is told, until the stream ends."""
        async with self.client.get(f"/api/jobs/{job_id}/events") as answer:
            assert answer.status == 200, await answer.text()
            assert answer.content_type == "text/event-stream"
            assert answer.headers["Cache-Control"] == "no-store"
            async for line in answer.content:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    async def until(self, job_id: str, **fields: Any) -> dict[str, Any]:
        """The first event with these fields."""
        async with asyncio.timeout(60):
            async for job in self.events(job_id):
                if fields.items() <= job.items():
                    return job
        raise AssertionError("the stream ended before")


@asynccontextmanager
async def jobs_of(data: Path, **settings: Any) -> AsyncIterator[Jobs]:
    async with await asyncio.to_thread(Jobs, data, **settings) as jobs:
        yield jobs


async def eventually(is_so: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(500):
        if await is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it has not come about")


async def test_a_job_is_followed_to_its_end(tmp_path: Path) -> None:
    async with jobs_of(tmp_path) as jobs:
        job_id = await jobs.submit("work")
        async with asyncio.timeout(60):
            told = [job async for job in jobs.events(job_id)]
        states = [job["state"] for job in told]
        assert states == sorted(states, key=["queued", "running", "done"].index)
        assert (states[0], states[-1]) == ("queued", "done")
        assert told[-1]["result"] == {"routine": "made"}
        assert told[-1]["percent"] == 100.0
        assert told[-1] == await jobs.ask("GET", f"/{job_id}")
        assert await jobs.ask("GET", "") == {"jobs": [told[-1]]}
        assert [job async for job in jobs.events(job_id)] == [told[-1]]  # told at once


async def test_a_running_job_is_cancelled_retried_and_cancelled_again(tmp_path: Path) -> None:
    async with jobs_of(tmp_path) as jobs:
        job_id = await jobs.submit("wait")
        await jobs.until(job_id, stage="waiting", percent=25.0)
        following = asyncio.create_task(jobs.until(job_id, state="cancelled"))
        assert (await jobs.ask("DELETE", f"/{job_id}"))["state"] == "cancelled"
        await following
        assert (await jobs.ask("POST", f"/{job_id}/retry", 202))["state"] == "queued"
        await jobs.until(job_id, stage="waiting")
        assert (await jobs.ask("DELETE", f"/{job_id}"))["state"] == "cancelled"
        assert (await jobs.ask("DELETE", f"/{job_id}"))["state"] == "cancelled"  # off the list
        gone = await jobs.ask("GET", f"/{job_id}", 404)
        assert gone["error"]["code"] == "no_such_job"
        both = await asyncio.to_thread(attempts, tmp_path)
        assert len(both) == 2

        async def are_dead() -> bool:
            return not await asyncio.to_thread(lambda: any(map(is_alive, both)))

        await eventually(are_dead)


async def test_a_worker_that_is_killed_is_started_again(tmp_path: Path) -> None:
    async with jobs_of(tmp_path) as jobs:
        job_id = await jobs.submit("kill worker once")
        done = await jobs.until(job_id, state="done")
        assert done["attempts"] == 2


async def test_what_waited_when_the_server_stopped_is_done_by_the_next(tmp_path: Path) -> None:
    async with jobs_of(tmp_path, job_workers=0) as jobs:
        job_id = await jobs.submit("work")
    async with jobs_of(tmp_path) as jobs:
        await jobs.until(job_id, state="done")


async def test_what_ran_when_the_server_stopped_waits_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_workers, "STOP_S", 60.0)  # who is killed for being slow is not asked
    async with jobs_of(tmp_path) as jobs:
        job_id = await jobs.submit("wait")
        await jobs.until(job_id, stage="waiting")
    assert not any(map(is_alive, await asyncio.to_thread(attempts, tmp_path)))
    async with jobs_of(tmp_path, job_workers=0) as jobs:
        job = await jobs.ask("GET", f"/{job_id}")
        assert (job["state"], job["attempts"]) == ("queued", 0)


async def test_who_asks_too_much_is_refused(tmp_path: Path) -> None:
    async with jobs_of(tmp_path, job_workers=0) as jobs:
        job_id = await jobs.submit("work")
        assert (await jobs.ask("POST", f"/{job_id}/retry", 409))["error"]["hint"]
        for path in ("/nobody", "/nobody/events"):
            assert (await jobs.ask("GET", path, 404))["error"]["code"] == "no_such_job"
        await jobs.ask("POST", "/nobody/retry", 404)
        await jobs.ask("DELETE", "/nobody", 404)


def test_a_server_whose_redis_is_not_there_does_not_start(tmp_path: Path) -> None:
    settings = Settings(port=0, data=tmp_path, cache=tmp_path, broker="redis://127.0.0.1:1")
    with pytest.raises(InputError, match=r"redis://127\.0\.0\.1:1 cannot be used") as refused:
        run(settings)
    assert refused.value.exit_code == 2
    assert "broker" in refused.value.hint


async def test_uploads_that_became_no_job_are_gone_with_the_next_start(tmp_path: Path) -> None:
    async with jobs_of(tmp_path, job_workers=0) as jobs:
        kept = await jobs.submit("work")
        await asyncio.to_thread((tmp_path / "uploads" / "halfsent").mkdir)
    async with jobs_of(tmp_path, job_workers=0):
        left = await asyncio.to_thread(lambda: [p.name for p in (tmp_path / "uploads").iterdir()])
    assert left == [kept]


async def test_a_quiet_stream_says_that_it_lives(tmp_path: Path) -> None:
    async with jobs_of(tmp_path, job_workers=0) as jobs:
        jobs.client.app[JOBS].events._beat_s = 0.05
        job_id = await jobs.submit("work")
        async with asyncio.timeout(60), jobs.client.get(f"/api/jobs/{job_id}/events") as answer:
            lines = [await answer.content.readline() for _ in range(7)]
    assert lines[0] == b"event: job\n"
    assert [line for line in lines if line.startswith(b":")] == [b": still there\n"] * 2


async def test_one_look_serves_all_who_listen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    some = Ledger.some

    def counted(ledger: Ledger, ids: set[str]) -> dict[str, Job]:
        nonlocal looks
        looks += 1
        return some(ledger, ids)

    async with jobs_of(tmp_path, job_workers=0) as jobs:
        ids = [await jobs.submit(act) for act in ("work", "wait")]
        monkeypatch.setattr(Ledger, "some", counted)
        monkeypatch.setattr(job_events, "LOOK_S", 60.0)
        followers = [
            asyncio.create_task(jobs.until(job_id, state="cancelled"))
            for job_id in ids
            for _ in range(10)
        ]

        async def all_listen() -> bool:
            return len(jobs.client.app[JOBS].events._listeners) == 20

        await eventually(all_listen)
        for job_id in ids:
            await jobs.ask("DELETE", f"/{job_id}")
        await asyncio.gather(*followers)
    assert looks <= 3  # at the beginning, and with each cancellation


async def test_only_so_many_may_listen_and_who_leaves_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_events, "LISTENERS", 1)
    async with jobs_of(tmp_path, job_workers=0) as jobs:
        job_id = await jobs.submit("work")
        async with jobs.client.get(f"/api/jobs/{job_id}/events") as first:
            await first.content.readline()
            async with jobs.client.get(f"/api/jobs/{job_id}/events") as second:
                assert second.status == 503
                assert int(second.headers["Retry-After"]) > 0

        async def is_let_in() -> bool:
            async with jobs.client.get(f"/api/jobs/{job_id}/events") as third:
                return third.status == 200

        await eventually(is_let_in)


async def test_streams_end_with_the_server(tmp_path: Path) -> None:
    async with jobs_of(tmp_path, job_workers=0) as jobs:
        job_id = await jobs.submit("work")
        answer = await jobs.client.get(f"/api/jobs/{job_id}/events")
        await answer.content.readline()
        async with asyncio.timeout(60):
            await jobs.client.server.close()
            assert b"queued" in await answer.read()
