"""What is served, with which headers."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from support.live_server import ENGINE, FakeEngines, LiveServer, live_server
from yarl import URL

from coach_server.errors import EngineError
from coach_server.inference.protocols import Progress
from coach_server.library.demo import install_demo
from coach_server.library.store import RoutineLibrary

pytestmark = pytest.mark.web


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[LiveServer]:
    async with live_server(tmp_path) as running:
        yield running


@pytest.mark.parametrize(
    "path", ["/", "/practice", "/static/css/base.css", "/healthz", "/metrics", "/nowhere"]
)
async def test_every_answer_is_closed_to_other_sites(server: LiveServer, path: str) -> None:
    async with server.client.get(path) as answer:
        policy = dict(
            part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ")
        )
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Permissions-Policy"].startswith("camera=(self), microphone=(self)")
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Server" not in answer.headers


async def test_a_request_that_is_no_http_does_not_learn_our_version(server: LiveServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.client.port)
    writer.write(b"GARBAGE\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert b" 400 " in answer
    assert b"aiohttp" not in answer


@pytest.mark.parametrize("path", ["/", "/practice", "/edit", "/compare", "/review", "/trust"])
async def test_pages_ask_nothing_of_other_hosts(server: LiveServer, path: str) -> None:
    async with server.client.get(path) as answer:
        assert answer.content_type == "text/html"
        page = await answer.text()
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?:[a-z]+:)?//""", page)
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bon[a-z]+=|<style|\bstyle=", page), (
        "the policy forbids scripts and styles in the page"
    )


async def test_modules_are_javascript(server: LiveServer) -> None:
    async with server.client.get("/static/js/practice.js") as answer:
        assert answer.status == 200
        assert answer.content_type in {"text/javascript", "application/javascript"}


@pytest.mark.parametrize(
    "path",
    [
        "nope.js",
        "%ff",
        "js",
        "",
        "..%2fREADME.md",
        "%2e%2e/%2e%2e/pyproject.toml",
        "a%00b",
        "//etc",
    ],
)
async def test_a_file_that_is_not_there_is_an_error_like_any_other(
    server: LiveServer, path: str
) -> None:
    async with server.client.get(URL(f"/static/{path}", encoded=True)) as answer:
        assert answer.status == 404
        assert set((await answer.json())["error"]) == {"code", "message", "hint"}


async def test_health_tells_the_engines(server: LiveServer) -> None:
    async with server.client.get("/healthz") as answer:
        assert await answer.json() == {"status": "ready", **ENGINE}


async def test_an_empty_library(server: LiveServer) -> None:
    async with server.client.get("/api/routines") as answer:
        assert await answer.json() == {"routines": []}
    for path in ("/api/routines/none", "/api/routines/none/video", "/api/routines/%2e%2e/poster"):
        async with server.client.get(path) as answer:
            assert answer.status == 404, path


@pytest.fixture
def library(tmp_path: Path) -> RoutineLibrary:
    made = RoutineLibrary(tmp_path / "routines")
    install_demo(made)
    return made


async def test_the_demo_routine_is_served(tmp_path: Path, library: RoutineLibrary) -> None:
    meta = (await asyncio.to_thread(library.summaries))[0]
    async with live_server(tmp_path) as server:
        async with server.client.get("/api/routines") as answer:
            (summary,) = (await answer.json())["routines"]
        assert summary["id"] == "demo"
        assert summary["duration_s"] == meta.duration_s
        for name, kind in (("poster", "image/jpeg"), ("chapters", "text/vtt")):
            async with server.client.get(summary[name]) as answer:
                assert (answer.status, answer.content_type) == (200, kind)
        headers = {"Range": "bytes=0-99"}
        async with server.client.get(summary["video"], headers=headers) as answer:
            assert (answer.status, answer.content_type) == (206, "video/mp4")
            assert len(await answer.read()) == 100


async def test_starting_is_said_until_the_engines_are_there(tmp_path: Path) -> None:
    go_on = threading.Event()

    def load(progress: Progress) -> FakeEngines:
        progress("downloading blazepose-full", 25, 100)
        go_on.wait(timeout=20)
        return FakeEngines()

    async with await asyncio.to_thread(LiveServer, tmp_path, load=load) as server:
        try:
            body: dict[str, dict[str, str]] = {}
            while "25 %" not in str(body):
                async with server.client.get("/healthz") as answer:
                    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
                    body = await answer.json()
            assert body["error"]["code"] == "starting"
            async with server.client.get("/") as answer:
                assert answer.status == 200
        finally:
            go_on.set()
        await server.ready()


@pytest.mark.parametrize("failure", [EngineError("no such model", hint="x"), OSError("boom")])
async def test_engines_that_do_not_load(tmp_path: Path, failure: Exception) -> None:
    def load(_progress: Progress) -> FakeEngines:
        raise failure

    async with await asyncio.to_thread(LiveServer, tmp_path, load=load) as server:
        code = "starting"
        while code == "starting":
            async with server.client.get("/healthz") as answer:
                code = (await answer.json())["error"]["code"]
        assert code == ("engine" if isinstance(failure, EngineError) else "internal")
