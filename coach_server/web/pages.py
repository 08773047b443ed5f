"""The pages and what they load."""

import asyncio
from pathlib import Path
from typing import Final

from aiohttp import web

from coach_server.errors import NotFoundError
from coach_server.web.guard import Handler

PAGES: Final = {
    "/": "index.html",
    "/practice": "practice.html",
    "/edit": "edit.html",
    "/compare": "compare.html",
    "/review": "review.html",
    "/trust": "trust.html",
}
"""Files of the folder `static`, by the path they are served at."""

ASSETS: Final = "/static/"
"""Where the path of all other files in it begins."""


def page_routes(static: Path) -> list[web.AbstractRouteDef]:
    """Routes of the pages in the folder `static`, and of everything else in it."""

    def page(file: str) -> Handler:
        async def whole(_request: web.Request) -> web.StreamResponse:
            return web.FileResponse(static / file)

        return whole

    async def asset(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(
            await asyncio.to_thread(_inside, static, request.match_info["path"])
        )

    return [
        *(web.get(path, page(file)) for path, file in PAGES.items()),
        web.get(f"{ASSETS}{{path:.+}}", asset),
    ]


def _inside(folder: Path, path: str) -> Path:
    """The file `path` of the folder.

    Raises:
        NotFoundError: there is none, or it lies elsewhere.
    """
    if "\0" in path:  # no file system has it, and some raise
        raise NotFoundError("there is no such file", hint="begin at the library page")
    file = (folder / path).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        raise NotFoundError("there is no such file", hint="begin at the library page")
    return file
