"""The instructor's poses over HTTP, for the page to draw."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiohttp import ETag, web

from coach_server.errors import NotFoundError
from coach_server.library.figures import ROWS_PER_S, figure_rows
from coach_server.library.store import RoutineLibrary
from coach_server.library.track_file import load_track

RATE: Final = "X-Rows-Per-Second"


def figure_routes(library: RoutineLibrary) -> list[web.AbstractRouteDef]:
    """The route of a routine's poses; what a page has already is not sent again."""

    async def figures(request: web.Request) -> web.Response:
        track, was = await asyncio.to_thread(_track, library, request.match_info["id"])
        tag = ETag(f"{was.st_mtime_ns:x}-{was.st_size:x}-{ROWS_PER_S}")
        known = request.if_none_match
        answer = web.Response(status=304)
        if known is None or not any(each.value in {tag.value, "*"} for each in known):
            body = await asyncio.to_thread(lambda: figure_rows(load_track(track)))
            answer = web.Response(body=body, content_type="application/octet-stream")
        answer.etag = tag
        answer.last_modified = datetime.fromtimestamp(was.st_mtime, UTC)
        answer.headers[RATE] = str(ROWS_PER_S)
        return answer

    return [web.get("/api/routines/{id}/figures", figures)]


def _track(library: RoutineLibrary, routine_id: str) -> tuple[Path, os.stat_result]:
    path = library.open(routine_id).track
    try:
        return path, path.stat()
    except OSError as error:
        raise NotFoundError(
            "the routine has no track", hint="prepare it again from its film"
        ) from error
