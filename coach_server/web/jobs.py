"""Jobs over HTTP: what is under way, how far it is, calling it off, having it tried again."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import structlog
from aiohttp import web

from coach_server.errors import CoachError
from coach_server.library.database import NAME, Database
from coach_server.library.jobs.job import Job
from coach_server.library.jobs.ledger import Ledger
from coach_server.library.jobs.locks import JobLocks
from coach_server.library.jobs.queue import SQLITE, JobQueue
from coach_server.library.jobs.recovery import tidy_now
from coach_server.library.uploads import Uploads
from coach_server.settings import Settings
from coach_server.web.errors import METRICS
from coach_server.web.job_events import JobEvents
from coach_server.web.job_workers import COMMAND, Supervisor
from coach_server.web.metrics import ServerMetrics

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 15.0
"""How often uploads are tidied, and one looks for jobs that came by other ways than this server."""


class Jobs:
    """The server's side of jobs; made without touching the disk.

    Args:
        settings: of the server.
        metrics: count them.
        worker: the program of a worker.

    Attributes:
        events: tells listeners how far jobs are.
    """

    def __init__(
        self, settings: Settings, metrics: ServerMetrics, *, worker: tuple[str, ...] = COMMAND
    ) -> None:
        self._metrics = metrics
        self._dropped = 0
        self._ledger = Ledger(Database(settings.data / NAME))
        self._queue = JobQueue(settings)
        self._locks = JobLocks(settings.data / "jobs")
        self._uploads = Uploads(settings.data / "uploads")
        self._supervisor = Supervisor(settings, command=worker)
        self.events = JobEvents(self._ledger)

    async def submit(
        self,
        kind: str,
        title: str,
        arguments: Mapping[str, Any],
        *,
        job_id: str | None = None,
    ) -> Job:
        """Have a job done in the background.

        Args:
            kind: prepare, compare, import or trim.
            title: what people call it.
            arguments: for its performer, JSON; paths are relative to the data folder.
            job_id: the name of its folder under uploads, where it has one.

        Raises:
            FullError: too many wait already.
        """
        job = await asyncio.to_thread(self._ledger.create, kind, title, arguments, job_id=job_id)
        self._metrics.jobs.labels(kind).inc()
        dropped = self._ledger.dropped
        self._metrics.jobs_dropped.inc(dropped - self._dropped)
        self._dropped = dropped
        await self._hand_over(job)
        return job

    async def all(self) -> list[Job]:
        """All jobs, the newest first."""
        return await asyncio.to_thread(self._ledger.all)

    async def unfinished(self) -> list[Job]:
        """Jobs that wait or run, the oldest first."""
        return await asyncio.to_thread(self._ledger.unfinished)

    async def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            NotFoundError: there is none of that id.
        """
        return await asyncio.to_thread(self._ledger.get, job_id)

    async def end(self, job_id: str) -> Job:
        """Call a job off, or take one that has ended off the list; gives what became of it.

        Raises:
            NotFoundError: there is none of that id.
        """
        job = await asyncio.to_thread(self._end, job_id)
        self.events.look()
        return job

    async def retry(self, job_id: str) -> Job:
        """Try a job again that has failed or was called off.

        Raises:
            NotFoundError: there is none of that id.
            BusyError: it has neither failed nor been called off.
            FullError: too many wait already.
        """
        job = await asyncio.to_thread(self._ledger.retry, job_id)
        await self._hand_over(job)
        self.events.look()
        return job

    async def run(self, _app: web.Application) -> AsyncIterator[None]:
        """As a cleanup context: look after workers and folders while the server runs."""
        if await asyncio.to_thread(self._recover):
            self._supervisor.start()
        looking = asyncio.create_task(self._keep_looking())
        yield
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await self._supervisor.stop()
        await asyncio.to_thread(self._queue.close)

    async def leave(self, app: web.Application) -> None:
        """At the shutdown: workers put their jobs back while pages are told goodbye."""
        self._supervisor.tell_to_stop()
        await self.events.close(app)

    async def _hand_over(self, job: Job) -> None:
        """Tell the workers; should that fail, they find the job in the ledger themselves."""
        try:
            await asyncio.to_thread(self._queue.put, job.id)
        except CoachError as error:
            log.warning("a job was not queued yet", job=job.id, reason=error.message)
        self._supervisor.start()

    def _end(self, job_id: str) -> Job:
        job = self._ledger.get(job_id)
        if not job.state.is_final:
            return self._ledger.cancel(job_id)
        job = self._ledger.remove(job_id)
        self._uploads.remove(job_id)
        return job

    def _recover(self) -> bool:
        """Remove uploads that became no job; whether jobs wait."""
        self._uploads.recover(lambda name: bool(self._ledger.some([name])))
        return self._look_after()

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                if await asyncio.to_thread(self._look_after):
                    self._supervisor.start()
            except (CoachError, OSError) as error:
                log.warning("jobs cannot be looked after", reason=str(error))

    def _look_after(self) -> bool:
        """Tidy the uploads; whether jobs wait: `coach jobs retry` tells nobody."""
        tidy_now(self._ledger, self._uploads.root, self._locks)
        return bool(self._ledger.unfinished())


JOBS = web.AppKey("jobs", Jobs)


def add_jobs(
    app: web.Application, settings: Settings, *, worker: tuple[str, ...] = COMMAND
) -> None:
    """Give an application its jobs under `JOBS`, their routes, and their workers."""
    jobs = app[JOBS] = Jobs(settings, app[METRICS], worker=worker)
    app.cleanup_ctx.append(jobs.run)
    app.on_shutdown.append(jobs.leave)
    app.add_routes(job_routes(jobs))


def check_broker(settings: Settings) -> None:
    """Find out before the server listens whether what carries its jobs can be used.

    Raises:
        InputError: the Redis server of the setting does not answer, or its package is missing.
    """
    if settings.broker != SQLITE:  # a folder that cannot be written is told by others
        queue = JobQueue(settings)
        try:
            queue.check()
        finally:
            queue.close()


def job_routes(jobs: Jobs) -> list[web.AbstractRouteDef]:
    """Routes under /api/jobs."""

    async def all_jobs(_request: web.Request) -> web.Response:
        return web.json_response({"jobs": [job.as_dict() for job in await jobs.all()]})

    async def one_job(request: web.Request) -> web.Response:
        return web.json_response((await jobs.get(request.match_info["id"])).as_dict())

    async def end(request: web.Request) -> web.Response:
        return web.json_response((await jobs.end(request.match_info["id"])).as_dict())

    async def retry(request: web.Request) -> web.Response:
        job = await jobs.retry(request.match_info["id"])
        return web.json_response(job.as_dict(), status=202)

    async def events(request: web.Request) -> web.StreamResponse:
        job = await jobs.get(request.match_info["id"])
        return await jobs.events.stream(request, job)

    one = "/api/jobs/{id}"
    return [
        web.get("/api/jobs", all_jobs),
        web.get(one, one_job),
        web.get(f"{one}/events", events),
        web.delete(one, end),
        web.post(f"{one}/retry", retry),
    ]
