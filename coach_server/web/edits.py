"""What is changed of a routine over HTTP."""

import asyncio
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from coach_server.coaching.routine import Mirror
from coach_server.errors import BusyError
from coach_server.library.chapters import Chapter
from coach_server.library.editing import MAX_HOLDS, Edit, Unchanged, edit_routine
from coach_server.library.jobs.one_cut import state_of
from coach_server.library.routine_file import Level, Span
from coach_server.library.store import RoutineLibrary
from coach_server.library.trimming import checked_end
from coach_server.sessions.practices import Practices
from coach_server.web.bodies import read_object, validated
from coach_server.web.jobs import JOBS
from coach_server.web.routines import summary

MAX_EDIT: Final = 512 << 10
"""Bytes of what a page sends to change a routine."""


def edit_routes(library: RoutineLibrary, sessions: Practices) -> list[web.AbstractRouteDef]:
    """Routes that change or remove a routine; the disk is written off the event loop."""

    async def change(request: web.Request) -> web.Response:
        routine_id = request.match_info["id"]
        fields = await read_object(request, max_bytes=MAX_EDIT)
        if "trim" not in fields:
            edit = _edit(fields)
            meta = await asyncio.to_thread(edit_routine, library, routine_id, edit)
            return web.json_response(summary(meta, await sessions.last_practised()))
        trim = validated(_Trim, fields).trim
        jobs = request.app[JOBS]
        title, arguments = await asyncio.to_thread(_cut, library, routine_id, trim)
        if any(
            job.kind == "trim" and job.arguments["routine"] == routine_id
            for job in await jobs.unfinished()
        ):
            raise BusyError(
                f"The routine {title!r} is being trimmed already.",
                hint="Wait until that is done, then look at what is left.",
            )
        job = await jobs.submit("trim", title, arguments)
        return web.json_response({"job": job.id}, status=202)

    async def remove(request: web.Request) -> web.Response:
        await asyncio.to_thread(library.remove, request.match_info["id"])
        return web.Response(status=204)

    return [
        web.patch("/api/routines/{id}", change),
        web.delete("/api/routines/{id}", remove),
    ]


def _cut(library: RoutineLibrary, routine_id: str, trim: Span) -> tuple[str, dict[str, Any]]:
    """The title and arguments of the job that cuts a routine as it is now."""
    stored = library.open(routine_id)
    checked_end(trim.start_s, trim.end_s, stored.meta.duration_s)
    return stored.meta.title, {
        "routine": routine_id,
        "start_s": trim.start_s,
        "end_s": trim.end_s,
        "was": state_of(stored),
    }


class _Name(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    start_s: float
    end_s: float
    title: str


class _Changes(BaseModel):
    """The body of a PATCH."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = None
    mirror: Mirror | None = None
    level: Level | None = None
    chapters: list[_Name] | None = Field(default=None, max_length=MAX_HOLDS)
    holds: list[Span] | None = Field(default=None, max_length=MAX_HOLDS)


class _Trim(BaseModel):
    """The body of a PATCH that cuts the film."""

    model_config = ConfigDict(extra="forbid")

    trim: Span


def _edit(fields: dict[str, Any]) -> Edit:
    changes = validated(_Changes, fields)
    names, holds = changes.chapters, changes.holds
    return Edit(
        title=changes.title,
        mirror=changes.mirror,
        level=changes.level if "level" in changes.model_fields_set else Unchanged.UNCHANGED,
        chapters=None if names is None else tuple(Chapter(**name.model_dump()) for name in names),
        holds=None if holds is None else tuple(holds),
    )
