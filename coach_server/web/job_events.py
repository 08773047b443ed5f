"""Server-sent events of jobs: one look into the ledger for all who listen."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from aiohttp import ClientConnectionResetError, web

from coach_server.errors import CoachError, FullError
from coach_server.library.jobs.job import Job
from coach_server.library.jobs.ledger import Ledger

log = structlog.get_logger(__name__)

LISTENERS: Final = 64
"""Streams that are open at a time."""
LOOK_S: Final = 0.5
BEAT_S: Final = 15.0
"""A comment is sent so often, so that nothing between server and page gives the line up."""
_GONE_S: Final = 1.0
"""How often one looks whether a listener is still there."""


class _Listener:
    """One stream's job; a slow stream is told the newest state alone."""

    def __init__(self, job: Job) -> None:
        self.job: Job | None = job
        self.news = asyncio.Event()

    def tell(self, job: Job | None) -> None:
        if job != self.job:
            self.job = job
            self.news.set()


class JobEvents:
    """All streams of a server. The ledger is looked into only while somebody listens.

    Args:
        ledger: holds the jobs.
        beat_s: how often a quiet stream says that it lives.
    """

    def __init__(self, ledger: Ledger, *, beat_s: float = BEAT_S) -> None:
        self._ledger = ledger
        self._beat_s = beat_s
        self._listeners: set[_Listener] = set()
        self._looking: asyncio.Task[None] | None = None
        self._soon = asyncio.Event()
        self._closed = False

    def look(self) -> None:
        """Something has changed: look at once."""
        self._soon.set()

    async def close(self, _app: web.Application | None = None) -> None:
        """End all streams; new ones end with their first event."""
        self._closed = True
        for listener in self._listeners:
            listener.news.set()

    async def stream(self, request: web.Request, job: Job) -> web.StreamResponse:
        """Tell of a job at once and with each change, until it has ended.

        Raises:
            FullError: too many listen.
        """
        async with self._listening(job) as listener:
            answer = web.StreamResponse(
                headers={
                    "Content-Type": "text/event-stream",
                    "Cache-Control": "no-store",
                    "X-Accel-Buffering": "no",  # for a proxy that would collect them
                }
            )
            await answer.prepare(request)
            with contextlib.suppress(ClientConnectionResetError):  # they are gone
                await self._tell(request, answer, listener)
                await answer.write_eof()
            return answer

    async def _tell(
        self, request: web.Request, answer: web.StreamResponse, listener: _Listener
    ) -> None:
        while (job := listener.job) is not None:
            await answer.write(b"event: job\ndata: " + json.dumps(job.as_dict()).encode() + b"\n\n")
            if (
                job.state.is_final
                or self._closed
                or not await self._news(request, answer, listener)
            ):
                return

    async def _news(
        self, request: web.Request, answer: web.StreamResponse, listener: _Listener
    ) -> bool:
        """Wait for news; False when there is nobody to be told, or no time left."""
        quiet_s = 0.0
        while not listener.news.is_set():
            wait_s = min(_GONE_S, self._beat_s)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await listener.news.wait()
                break
            if request.transport is None or request.transport.is_closing():
                return False
            quiet_s += wait_s
            if quiet_s >= self._beat_s:
                quiet_s = 0.0
                await answer.write(b": still there\n\n")
        listener.news.clear()
        return not self._closed

    @asynccontextmanager
    async def _listening(self, job: Job) -> AsyncIterator[_Listener]:
        if len(self._listeners) >= LISTENERS:
            raise FullError(
                "Too many pages follow jobs at this moment.",
                retry_after_s=5,
                hint="Close some of them; the list of jobs can still be had.",
            )
        listener = _Listener(job)
        self._listeners.add(listener)
        if self._looking is None:
            self._looking = asyncio.create_task(self._keep_looking())
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners and self._looking is not None:
                looking, self._looking = self._looking, None
                looking.cancel()

    async def _keep_looking(self) -> None:
        while True:
            self._soon.clear()  # before the look: what is asked for during it is another
            ids = {listener.job.id for listener in self._listeners if listener.job is not None}
            try:
                jobs = await asyncio.to_thread(self._ledger.some, ids)
            except CoachError as error:
                log.warning("the jobs cannot be looked at", reason=error.message)
            else:
                for listener in self._listeners:
                    if listener.job is not None and listener.job.id in ids:
                        listener.tell(jobs.get(listener.job.id))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._soon.wait()
