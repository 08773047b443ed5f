"""The application: routes behind their guards, engines loading behind them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from coach_server.inference.protocols import EngineSet
from coach_server.library.comparisons.store import ComparisonLibrary
from coach_server.library.database import NAME, Database
from coach_server.library.reports.kept import ReportStore
from coach_server.library.store import RoutineLibrary
from coach_server.resources import packaged
from coach_server.rtc.aiortc_patches import install
from coach_server.rtc.offer import MAX_BYTES
from coach_server.rtc.peer import PeerLimits
from coach_server.sessions.coaches import LessonMaker, PipelineLessons
from coach_server.sessions.metrics import Metrics
from coach_server.sessions.registry import KEEP_S, SessionRegistry
from coach_server.sessions.student_session import STEP_S
from coach_server.settings import Settings
from coach_server.web.access import Access
from coach_server.web.boot import Boot, Loader
from coach_server.web.comparisons import comparison_routes
from coach_server.web.edits import edit_routes
from coach_server.web.errors import METRICS, errors_as_json
from coach_server.web.figures import figure_routes
from coach_server.web.guard import guard, is_loopback
from coach_server.web.headers import add_headers
from coach_server.web.jobs import add_jobs
from coach_server.web.names import is_public, names_of
from coach_server.web.operations import operations_routes
from coach_server.web.pages import page_routes
from coach_server.web.practice import practice_routes
from coach_server.web.rate_limits import Clients, guesses, offers, rate_limited, uploads
from coach_server.web.reports import report_routes
from coach_server.web.routines import routine_routes
from coach_server.web.tls import Tls, authority_routes
from coach_server.web.token import Door
from coach_server.web.turn import turn_routes
from coach_server.web.uploads import Gate, upload_routes

BOOT = web.AppKey("boot", Boot)
GATE = web.AppKey("gate", Gate)
SESSIONS = web.AppKey("sessions", SessionRegistry)


def create_app(
    settings: Settings,
    *,
    load: Loader,
    library: RoutineLibrary,
    lessons_of: Callable[[EngineSet], LessonMaker] | None = None,
    limits: PeerLimits | None = None,
    keep_s: float = KEEP_S,
    step_s: float = STEP_S,
    now: Callable[[], float] = time.monotonic,
    tls: Tls | None = None,
) -> web.Application:
    """The server's application; engines begin to load when it starts.

    Args:
        settings: where it is bound and how many it serves.
        load: loads the engines, in a thread of its own.
        library: the routines.
        lessons_of: makes lessons from the engines; by default the real pipeline's.
        limits: when peers are given up.
        keep_s: how long a session outlives its connection.
        step_s: when an engine counts as hung in a frame.
        now: the clock of rate limits.
        tls: how it is encrypted.
    """
    loopback = is_loopback(settings.host)
    install(loopback=loopback)
    metrics = Metrics()
    sessions = SessionRegistry(
        max_sessions=settings.max_sessions,
        metrics=metrics,
        reports=ReportStore(Database(settings.data / NAME)),
        limits=limits,
        keep_s=keep_s,
        step_s=step_s,
    )
    clients = Clients(proxied=loopback and is_public(settings))
    access = Access.of(settings)
    door = Door(access, guesses(now), clients) if access is not None else None
    films = uploads(now)
    limited = {
        ("POST", "/api/offer"): offers(now),
        ("POST", "/api/routines"): films,
        ("POST", "/api/comparisons"): films,
    }
    app = web.Application(
        middlewares=[
            errors_as_json,
            guard(names_of(settings) | (tls.names if tls is not None else frozenset())),
            *([door.middleware()] if door is not None else []),
            rate_limited(limited, clients),
        ],
        client_max_size=MAX_BYTES,
    )
    app[METRICS] = metrics
    app[SESSIONS] = sessions

    async def boot(application: web.Application) -> AsyncIterator[None]:
        def lessons(engines: EngineSet) -> LessonMaker:
            metrics.watch(engines.counts)
            return lessons_of(engines) if lessons_of else PipelineLessons(engines, library)

        application[BOOT] = Boot(load, lessons)
        application[BOOT].start()
        yield
        await asyncio.to_thread(application[BOOT].close)

    async def say_goodbye(_application: web.Application) -> None:
        await sessions.close()

    app.cleanup_ctx.append(boot)
    app.on_shutdown.append(say_goodbye)
    app.on_response_prepare.append(add_headers)
    add_jobs(app, settings)
    gate = app[GATE] = Gate(settings)
    comparisons = ComparisonLibrary(settings.data / "comparisons")
    static = packaged("static")
    app.add_routes(
        [
            *page_routes(static),
            *(door.routes() if door is not None else []),
            *(authority_routes(tls.authority) if tls is not None and tls.authority else []),
            *operations_routes(metrics, BOOT),
            *routine_routes(library, sessions),
            *figure_routes(library),
            *edit_routes(library, sessions),
            *upload_routes(library, gate),
            *comparison_routes(comparisons, library, gate),
            *turn_routes(settings, time.time),
            *practice_routes(sessions, BOOT, loopback=loopback),
            *report_routes(sessions, static),
        ]
    )
    return app
