"""The edge where errors become answers, all of one shape."""

import asyncio

import structlog
from aiohttp import web

from coach_server.errors import CoachError, InternalError
from coach_server.web.guard import Handler, route_of
from coach_server.web.metrics import ServerMetrics
from coach_server.web.refusals import RefusalError

log = structlog.get_logger(__name__)

METRICS = web.AppKey("metrics", ServerMetrics)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever is raised into `{"error": {"code", "message", "hint"}}`."""
    try:
        return await handler(request)
    except CoachError as error:
        return _answer(request, error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        answer = _answer(
            request, RefusalError(error.status, _code(error), f"{error.reason}".lower())
        )
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except Exception as error:  # noqa: BLE001  # the last edge: a fault is one answer's, not more
        # in a thread, for a traceback reads source files
        await asyncio.to_thread(
            log.error, "a request failed", route=route_of(request), exc_info=error
        )
        return _answer(
            request,
            InternalError("something went wrong in the server", hint="look at the server's log"),
        )


def _answer(request: web.Request, error: CoachError) -> web.Response:
    request.app[METRICS].refusals.labels(error.error_code).inc()
    answer = web.json_response(error.as_dict(), status=error.http_status)
    answer.headers.update(getattr(error, "headers", {}))
    retry_after_s = getattr(error, "retry_after_s", None)
    if retry_after_s is not None:
        answer.headers["Retry-After"] = str(retry_after_s)
    if not request.content.is_eof():  # the rest of a body that nobody will read
        answer.force_close()
    return answer


def _code(error: web.HTTPException) -> str:
    return error.reason.lower().replace(" ", "_")
