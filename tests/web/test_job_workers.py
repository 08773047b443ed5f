"""The worker processes behind the server, where they cannot be started."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from coach_server.settings import Settings
from coach_server.web import job_workers
from coach_server.web.job_workers import Supervisor

pytestmark = pytest.mark.web


async def test_a_worker_that_cannot_be_started_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = asyncio.create_subprocess_exec
    tries = 0
    started = asyncio.Event()

    async def refused_twice(*command: str, **options: Any) -> asyncio.subprocess.Process:
        nonlocal tries
        tries += 1
        if tries <= 2:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        process = await start(*command, **options)
        started.set()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", refused_twice)
    monkeypatch.setattr(job_workers, "_BACKOFF_S", (0.01, 0.02))
    supervisor = Supervisor(Settings(data=tmp_path, job_workers=1), command=("cat",))
    supervisor.start()
    try:
        async with asyncio.timeout(20):
            await started.wait()
    finally:
        await supervisor.stop()
    assert tries == 3
