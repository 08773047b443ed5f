"""The library over HTTP: its routines and their files, for reading."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from aiohttp import ClientConnectionResetError, web

from coach_server.errors import FullError, NotFoundError
from coach_server.library.archive import SUFFIX, export_routine
from coach_server.library.exports import FORMATS, export_track
from coach_server.library.naming import known_poses
from coach_server.library.routine_file import RoutineMeta
from coach_server.library.store import RoutineLibrary, StoredRoutine
from coach_server.library.track_file import load_track
from coach_server.sessions.practices import Practices

CONTENT_TYPES: Final = {"video": "video/mp4", "poster": "image/jpeg", "chapters": "text/vtt"}

PACKED_AT_ONCE: Final = 2
"""Routines packed into one file at a time: each takes as much of the disk again."""
PIECE: Final = 1 << 20
"""Bytes that are read of a file at a time."""


def routine_routes(library: RoutineLibrary, sessions: Practices) -> list[web.AbstractRouteDef]:
    """Routes under /api/routines; the disk is read off the event loop."""
    packing = asyncio.Semaphore(PACKED_AT_ONCE)

    async def all_routines(_request: web.Request) -> web.Response:
        found = await asyncio.to_thread(library.summaries)
        last = await sessions.last_practised()
        return web.json_response({"routines": [summary(meta, last) for meta in found]})

    async def one_routine(request: web.Request) -> web.Response:
        stored = await asyncio.to_thread(library.open, request.match_info["id"])
        return web.json_response(summary(stored.meta, await sessions.last_practised()))

    async def one_file(request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        path = await asyncio.to_thread(_path, library, request.match_info["id"], name)
        return web.FileResponse(path, headers={"Content-Type": CONTENT_TYPES[name]})

    async def as_archive(request: web.Request) -> web.StreamResponse:
        async with packing:
            return await send_archive(request)

    async def send_archive(request: web.Request) -> web.StreamResponse:
        stored = await asyncio.to_thread(library.open, request.match_info["id"])
        packing_it = asyncio.ensure_future(asyncio.to_thread(_packed, stored))
        try:
            file = await asyncio.shield(packing_it)
        except asyncio.CancelledError:
            packing_it.add_done_callback(_close)  # a thread cannot be called off
            raise
        try:
            answer = web.StreamResponse(headers=_kept_as(stored.meta.id + SUFFIX))
            answer.content_type = "application/zip"
            answer.content_length = (await asyncio.to_thread(os.fstat, file.fileno())).st_size
            await answer.prepare(request)
            with contextlib.suppress(ClientConnectionResetError):  # they want it no more
                while piece := await asyncio.to_thread(file.read, PIECE):
                    await answer.write(piece)
                await answer.write_eof()
        finally:
            file.close()  # not in a thread: the server may be stopping, and would not wait for it
        return answer

    async def as_track(request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        stored = await asyncio.to_thread(library.open, request.match_info["id"])
        content = await asyncio.to_thread(_track, stored, kind)
        name = f"{stored.meta.id}.{kind}"
        return web.Response(
            body=content, content_type=FORMATS[kind].media_type, headers=_kept_as(name)
        )

    async def poses(_request: web.Request) -> web.Response:
        known = await asyncio.to_thread(known_poses)
        return web.json_response({"names": list(known.names)})

    one = "/api/routines/{id}"
    return [
        web.get("/api/routines", all_routines),
        web.get("/api/poses", poses),
        web.get(one, one_routine),
        web.get(f"{one}/{{file:{'|'.join(CONTENT_TYPES)}}}", one_file),
        web.get(f"{one}/export", as_archive),
        web.get(f"{one}/track.{{kind:{'|'.join(FORMATS)}}}", as_track),
    ]


def summary(meta: RoutineMeta, practised: Mapping[str, datetime]) -> dict[str, Any]:
    """A routine as the page knows it.

    Args:
        meta: what is known of it.
        practised: when routines were last practised, by their ids.
    """
    last = practised.get(meta.id)
    address = f"/api/routines/{meta.id}"
    return {
        **meta.model_dump(mode="json"),
        "practised_at": None if last is None else last.isoformat(timespec="seconds"),
        **{name: f"{address}/{name}" for name in (*CONTENT_TYPES, "export")},
    }


def _path(library: RoutineLibrary, routine_id: str, name: str) -> Path:
    stored = library.open(routine_id)
    path = {"video": stored.video, "poster": stored.poster, "chapters": stored.chapters}[name]
    if not path.is_file():
        raise NotFoundError(f"the routine has no {name}", hint="prepare it again from its film")
    return path


def _packed(stored: StoredRoutine) -> IO[bytes]:
    """A routine as one file, without a name on the disk: it is gone when it is closed."""
    file = None
    try:
        file = tempfile.TemporaryFile(dir=stored.folder.parent)  # noqa: SIM115  # sent, then closed
        export_routine(stored, file)
        file.seek(0)
    except OSError as error:
        if file is not None:
            file.close()
        raise FullError(
            "the routine cannot be packed: the server's disk has no room",
            retry_after_s=60,
            hint="make room there, and try again",
        ) from error
    return file


def _close(packed: asyncio.Future[IO[bytes]]) -> None:
    if not packed.cancelled() and packed.exception() is None:
        packed.result().close()


def _track(stored: StoredRoutine, kind: str) -> bytes:
    return export_track(load_track(stored.track), kind, title=stored.meta.title)


def _kept_as(name: str) -> dict[str, str]:
    """Headers of a file to keep; the name is of an id's letters."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}
