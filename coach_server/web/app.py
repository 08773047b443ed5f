"""The application: routes behind their guards."""

import time
from collections.abc import Callable

from aiohttp import web

from coach_server.library.comparisons.store import ComparisonLibrary
from coach_server.library.store import RoutineLibrary
from coach_server.resources import packaged
from coach_server.rtc.offer import MAX_BYTES
from coach_server.sessions.practices import Practices
from coach_server.settings import Settings, is_loopback, is_public
from coach_server.web.access import Access
from coach_server.web.comparisons import comparison_routes
from coach_server.web.edits import edit_routes
from coach_server.web.errors import METRICS, errors_as_json
from coach_server.web.figures import figure_routes
from coach_server.web.guard import guard
from coach_server.web.headers import add_headers
from coach_server.web.jobs import add_jobs
from coach_server.web.metrics import ServerMetrics
from coach_server.web.names import names_of
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

GATE = web.AppKey("gate", Gate)


def create_app(
    settings: Settings,
    *,
    practices: Practices,
    library: RoutineLibrary,
    now: Callable[[], float] = time.monotonic,
    tls: Tls | None = None,
) -> web.Application:
    """The server's application; it starts the practices, and ends them.

    Args:
        settings: where it is bound and how many it serves.
        practices: all that is live.
        library: the routines.
        now: the clock of rate limits.
        tls: how it is encrypted.
    """
    public = is_public(settings)
    metrics = ServerMetrics(practices.metrics)
    clients = Clients(proxied=public and is_loopback(settings.host))
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

    async def begin(_application: web.Application) -> None:
        practices.start()

    async def say_goodbye(_application: web.Application) -> None:
        await practices.close()

    app.on_startup.append(begin)
    add_jobs(app, settings)  # before the goodbyes, which its workers need not wait for
    app.on_shutdown.append(say_goodbye)
    app.on_response_prepare.append(add_headers)
    gate = app[GATE] = Gate(settings)
    comparisons = ComparisonLibrary(settings.data / "comparisons")
    static = packaged("static")
    app.add_routes(
        [
            *page_routes(static),
            *(door.routes() if door is not None else []),
            *(authority_routes(tls.authority) if tls is not None and tls.authority else []),
            *operations_routes(metrics, practices),
            *routine_routes(library, practices),
            *figure_routes(library),
            *edit_routes(library, practices),
            *upload_routes(library, gate),
            *comparison_routes(comparisons, library, gate),
            *turn_routes(settings, time.time),
            *practice_routes(practices, loopback=not public),
            *report_routes(practices, static),
        ]
    )
    return app
