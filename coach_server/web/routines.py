"""The library over HTTP: its routines and their files, for reading."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from coach_server.errors import NotFoundError
from coach_server.library.archive import SUFFIX, export_routine
from coach_server.library.exports import FORMATS, export_track
from coach_server.library.routine_file import RoutineMeta
from coach_server.library.store import RoutineLibrary, StoredRoutine
from coach_server.library.track_file import load_track

CONTENT_TYPES: Final = {"video": "video/mp4", "poster": "image/jpeg", "chapters": "text/vtt"}


def routine_routes(library: RoutineLibrary) -> list[web.AbstractRouteDef]:
    """Routes under /api/routines; the disk is read off the event loop."""

    async def all_routines(_request: web.Request) -> web.Response:
        found = await asyncio.to_thread(library.summaries)
        return web.json_response({"routines": [summary(meta) for meta in found]})

    async def one_routine(request: web.Request) -> web.Response:
        stored = await asyncio.to_thread(library.open, request.match_info["id"])
        return web.json_response(summary(stored.meta))

    async def one_file(request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        path = await asyncio.to_thread(_path, library, request.match_info["id"], name)
        return web.FileResponse(path, headers={"Content-Type": CONTENT_TYPES[name]})

    async def as_archive(request: web.Request) -> web.StreamResponse:
        stored = await asyncio.to_thread(library.open, request.match_info["id"])
        folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="coach-export-")
        try:
            path = Path(folder.name) / "routine.zip"
            await asyncio.to_thread(_write_archive, stored, path)
            answer = web.FileResponse(
                path,
                headers={"Content-Type": "application/zip", **_kept_as(stored.meta.id + SUFFIX)},
            )
            await answer.prepare(request)  # which sends it to its end
        finally:
            await asyncio.to_thread(folder.cleanup)
        return answer

    async def as_track(request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        stored = await asyncio.to_thread(library.open, request.match_info["id"])
        content = await asyncio.to_thread(_track, stored, kind)
        name = f"{stored.meta.id}.{kind}"
        return web.Response(
            body=content, content_type=FORMATS[kind].media_type, headers=_kept_as(name)
        )

    one = "/api/routines/{id}"
    return [
        web.get("/api/routines", all_routines),
        web.get(one, one_routine),
        web.get(f"{one}/{{file:{'|'.join(CONTENT_TYPES)}}}", one_file),
        web.get(f"{one}/export", as_archive),
        web.get(f"{one}/track.{{kind:{'|'.join(FORMATS)}}}", as_track),
    ]


def summary(meta: RoutineMeta) -> dict[str, Any]:
    """A routine as the page knows it."""
    address = f"/api/routines/{meta.id}"
    return {
        **meta.model_dump(mode="json"),
        **{name: f"{address}/{name}" for name in (*CONTENT_TYPES, "export")},
    }


def _path(library: RoutineLibrary, routine_id: str, name: str) -> Path:
    stored = library.open(routine_id)
    path = {"video": stored.video, "poster": stored.poster, "chapters": stored.chapters}[name]
    if not path.is_file():
        raise NotFoundError(f"the routine has no {name}", hint="prepare it again from its film")
    return path


def _write_archive(stored: StoredRoutine, path: Path) -> None:
    with path.open("wb") as file:
        export_routine(stored, file)


def _track(stored: StoredRoutine, kind: str) -> bytes:
    return export_track(load_track(stored.track), kind, title=stored.meta.title)


def _kept_as(name: str) -> dict[str, str]:
    """Headers of a file to keep; the name is of an id's letters."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}
