"""Comparisons of two films over HTTP."""

import asyncio
from typing import Any, Final

from aiohttp import web

from coach_server.coaching.comparing.warping import Alignment
from coach_server.coaching.routine import Mirror
from coach_server.errors import InputError
from coach_server.library.comparisons.store import (
    ERRORS,
    OVERLAY,
    POSTER,
    REPORT,
    ComparisonLibrary,
    StoredComparison,
)
from coach_server.library.editing import checked_title
from coach_server.library.routine_file import MAX_TITLE
from coach_server.library.store import RoutineLibrary
from coach_server.library.uploads import title_of
from coach_server.web.jobs import JOBS
from coach_server.web.multipart import Form
from coach_server.web.uploads import Gate, choice_of, film_of

INSTRUCTOR: Final = "instructor"
STUDENT: Final = "student"

CONTENT_TYPES: Final = {
    OVERLAY: "video/mp4",
    REPORT: "application/json",
    ERRORS: "text/csv",
    POSTER: "image/jpeg",
}


def comparison_routes(
    comparisons: ComparisonLibrary, routines: RoutineLibrary, gate: Gate
) -> list[web.AbstractRouteDef]:
    """Routes under /api/comparisons; the disk is read and written off the event loop."""

    async def add(request: web.Request) -> web.Response:
        films = frozenset({INSTRUCTOR, STUDENT})
        async with gate.receiver.form(request, films=films, small={}) as form:
            student = film_of(form, STUDENT)
            reference, called = await _reference(form)
            await gate.check_film(student)
            usual = f"{title_of(student.called)} / {called}"[:MAX_TITLE]
            title = checked_title(form.texts.get("title") or usual)
            comparison = comparisons.new_id(title)
            arguments = {
                **reference,
                "student": gate.argument(student.path),
                "called": [called, student.called],
                "title": title,
                "mirror": str(choice_of(form, "mirror", Mirror, Mirror.SAME)),
                "alignment": str(choice_of(form, "alignment", Alignment, Alignment.WARPED)),
                "comparison": comparison,
            }
            job = await request.app[JOBS].submit(
                "compare", title, arguments, job_id=form.folder.name
            )
        return web.json_response({"job": job.id, "comparison": comparison}, status=202)

    async def _reference(form: Form) -> tuple[dict[str, str], str]:
        """Whom the student is compared with, as arguments of the job, and what that is called."""
        routine = form.texts.get("routine")
        if (routine is None) == (INSTRUCTOR not in form.files):
            raise InputError(
                "the form names no instructor, or two of them",
                hint="send a film as instructor, or the id of a routine as routine",
            )
        if routine is not None:
            stored = await asyncio.to_thread(routines.open, routine)
            return {"routine": stored.meta.id}, stored.meta.title
        film = film_of(form, INSTRUCTOR)
        await gate.check_film(film)
        return {"instructor": gate.argument(film.path)}, title_of(film.called)

    async def all_comparisons(_request: web.Request) -> web.Response:
        found = await asyncio.to_thread(comparisons.all)
        return web.json_response({"comparisons": [_summary(one) for one in found]})

    async def one_comparison(request: web.Request) -> web.Response:
        found = await asyncio.to_thread(comparisons.open, request.match_info["id"])
        return web.json_response(_summary(found))

    async def one_file(request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        found = await asyncio.to_thread(comparisons.open, request.match_info["id"])
        path = await asyncio.to_thread(found.file, name)
        return web.FileResponse(path, headers={"Content-Type": CONTENT_TYPES[name]})

    async def remove(request: web.Request) -> web.Response:
        await asyncio.to_thread(comparisons.remove, request.match_info["id"])
        return web.Response(status=204)

    one = "/api/comparisons/{id}"
    return [
        web.get("/api/comparisons", all_comparisons),
        web.post("/api/comparisons", add),
        web.get(one, one_comparison),
        web.get(
            f"{one}/{{file:{'|'.join(name.replace('.', '[.]') for name in CONTENT_TYPES)}}}",
            one_file,
        ),
        web.delete(one, remove),
    ]


def _summary(comparison: StoredComparison) -> dict[str, Any]:
    address = f"/api/comparisons/{comparison.id}"
    return {
        "id": comparison.id,
        **comparison.meta.model_dump(mode="json"),
        "overlay": f"{address}/{OVERLAY}",
        "report": f"{address}/{REPORT}",
        "errors": f"{address}/{ERRORS}",
        "poster": f"{address}/{POSTER}",
    }
