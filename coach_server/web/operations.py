"""What operators and their tools look at."""

from aiohttp import web

from coach_server.sessions.metrics import Metrics
from coach_server.web.boot import Boot


def operations_routes(metrics: Metrics, boot: web.AppKey[Boot]) -> list[web.AbstractRouteDef]:
    """/healthz and /metrics."""

    async def healthz(request: web.Request) -> web.Response:
        state = request.app[boot]
        _ = state.lessons  # raises, and so answers 503, until they can be given
        return web.json_response({"status": "ready", **state.engines})

    async def exposition(_request: web.Request) -> web.Response:
        return web.Response(
            body=metrics.exposition(), headers={"Content-Type": "text/plain; version=0.0.4"}
        )

    return [web.get("/healthz", healthz), web.get("/metrics", exposition)]
