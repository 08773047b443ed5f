"""The pages and what they load."""

from pathlib import Path

from aiohttp import web


def page_routes(static: Path) -> list[web.AbstractRouteDef]:
    """Routes of the pages in the folder `static`, and of everything else in it."""

    async def library(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(static / "index.html")

    async def practice(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(static / "practice.html")

    return [
        web.get("/", library),
        web.get("/practice", practice),
        web.static("/static", static),
    ]
