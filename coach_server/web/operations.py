"""What operators and their tools look at."""

from aiohttp import web

from coach_server.sessions.practices import Practices
from coach_server.web.metrics import ServerMetrics


def operations_routes(metrics: ServerMetrics, sessions: Practices) -> list[web.AbstractRouteDef]:
    """/healthz and /metrics."""

    async def healthz(_request: web.Request) -> web.Response:
        # raises, and so answers 503, until there are engines
        return web.json_response({"status": "ready", **sessions.engines})

    async def exposition(_request: web.Request) -> web.Response:
        return web.Response(
            body=metrics.exposition(), headers={"Content-Type": "text/plain; version=0.0.4"}
        )

    return [web.get("/healthz", healthz), web.get("/metrics", exposition)]
