"""Reports: what a practice came to, as JSON, as a table, as a page to keep."""

import asyncio
import base64
import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Final

from aiohttp import web

from coach_server.library.reports.csv_table import table
from coach_server.library.reports.page import page
from coach_server.sessions.practices import Practices

STYLES: Final = ("css/base.css", "css/report.css")


def report_routes(sessions: Practices, static: Path) -> list[web.AbstractRouteDef]:
    """Routes of reports; their style is read here, once, from the folder `static`."""
    style = "\n".join((static / name).read_text("utf-8") for name in STYLES)
    policy = _policy(style)

    async def as_json(request: web.Request) -> web.Response:
        report = await sessions.report(request.match_info["id"])
        # in a thread, for a practice of an hour has some hundred kilobytes
        text = await asyncio.to_thread(lambda: json.dumps(report.as_dict(), allow_nan=False))
        return web.json_response(text=text)

    async def as_csv(request: web.Request) -> web.Response:
        report = await sessions.report(request.match_info["id"])
        answer = web.Response(
            text=await asyncio.to_thread(table, report.practice), content_type="text/csv"
        )
        return _named(answer, request, report.began_at, "csv")

    async def as_page(request: web.Request) -> web.Response:
        report = await sessions.report(request.match_info["id"])
        files = {
            "Keep this page": "report.html?download=1",
            "Poses as a table (CSV)": "report.csv?download=1",
            "All of it (JSON)": "report",
        }
        text = await asyncio.to_thread(
            page,
            report.practice,
            style,
            began_at=report.began_at,
            files=None if _is_download(request) else files,
        )
        answer = web.Response(text=text, content_type="text/html")
        answer.headers["Content-Security-Policy"] = policy
        return _named(answer, request, report.began_at, "html")

    async def practices(request: web.Request) -> web.Response:
        found = await sessions.practices(request.query.get("routine"))
        return web.json_response({"sessions": [each.as_dict() for each in found]})

    return [
        web.get("/api/sessions", practices),
        web.get("/api/sessions/{id}/report", as_json),
        web.get("/api/sessions/{id}/report.csv", as_csv),
        web.get("/api/sessions/{id}/report.html", as_page),
    ]


def _policy(style: str) -> str:
    """A page that may show itself and nothing more: this very style, no script, no request."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{digest}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _is_download(request: web.Request) -> bool:
    return request.query.get("download") == "1"


def _named(
    answer: web.Response, request: web.Request, began_at: datetime, ending: str
) -> web.Response:
    """The answer; as a file to keep, named by the day, where that is asked for."""
    if _is_download(request):
        name = f"practice-{began_at:%Y-%m-%d-%H%M}.{ending}"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
