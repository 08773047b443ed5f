"""The library over HTTP, for reading."""

import asyncio
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from coach_server.errors import NotFoundError
from coach_server.library.routine_file import RoutineMeta
from coach_server.library.store import RoutineLibrary

CONTENT_TYPES: Final = {"video": "video/mp4", "poster": "image/jpeg", "chapters": "text/vtt"}


def routine_routes(library: RoutineLibrary) -> list[web.AbstractRouteDef]:
    """Routes under /api/routines; the disk is read off the event loop."""

    async def all_routines(_request: web.Request) -> web.Response:
        found = await asyncio.to_thread(library.summaries)
        return web.json_response({"routines": [_summary(meta) for meta in found]})

    async def one_routine(request: web.Request) -> web.Response:
        stored = await asyncio.to_thread(library.open, request.match_info["id"])
        return web.json_response(_summary(stored.meta))

    async def one_file(request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        path = await asyncio.to_thread(_path, library, request.match_info["id"], name)
        return web.FileResponse(path, headers={"Content-Type": CONTENT_TYPES[name]})

    return [
        web.get("/api/routines", all_routines),
        web.get("/api/routines/{id}", one_routine),
        web.get(f"/api/routines/{{id}}/{{file:{'|'.join(CONTENT_TYPES)}}}", one_file),
    ]


def _path(library: RoutineLibrary, routine_id: str, name: str) -> Path:
    stored = library.open(routine_id)
    path = {"video": stored.video, "poster": stored.poster, "chapters": stored.chapters}[name]
    if not path.is_file():
        raise NotFoundError(f"the routine has no {name}", hint="prepare it again from its film")
    return path


def _summary(meta: RoutineMeta) -> dict[str, Any]:
    address = f"/api/routines/{meta.id}"
    return {
        **meta.model_dump(mode="json"),
        **{name: f"{address}/{name}" for name in CONTENT_TYPES},
    }
