"""Every route of the server, asked in ways that nobody means well by: 4xx in the one shape."""

import gzip
import json
import time
from pathlib import Path
from typing import Any, Final

import pytest
from support.live_server import LiveServer, live_server
from yarl import URL

pytestmark = pytest.mark.loopback

NAMES: Final = (
    *("nothing", "..%2F..%2Fetc%2Fpasswd", "%00", "a%0D%0ASet-Cookie:%20x", "%E2%80%AEgpj.exe"),
    *("%FF%FE", "x" * 300, "%2e%2e", "con%3A", "*", "-1", "%7B%7B7*7%7D%7D"),
)
METHODS: Final = ("GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "TRACE")
DEEP: Final = b"[" * 20_000
BODIES: Final[tuple[tuple[str, bytes, dict[str, str]], ...]] = (
    ("deep", DEEP, {"Content-Type": "application/json"}),
    ("text", b"{}", {"Content-Type": "text/plain"}),
    ("half a character", b'{"title": "\\ud800"}', {"Content-Type": "application/json"}),
    ("no number", b'{"title": NaN, "level": 1e999}', {"Content-Type": "application/json"}),
    (
        "a bomb",
        gzip.compress(b" " * 3_000_000),
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ),
    ("no parts", b"--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"}),
    ("no boundary", b"--x", {"Content-Type": "multipart/form-data"}),
)


def paths(server: LiveServer) -> list[str]:
    """All that the application answers, with the names in them left open."""
    found = {resource.canonical for resource in server.app.router.resources()}
    return sorted(path for path in found if path.startswith("/api"))


async def refused(server: LiveServer, method: str, path: str, **asked: Any) -> int:
    """Ask; whatever is no success is a refusal in the one shape. Gives the status."""
    url = URL(f"http://127.0.0.1:{server.client.port}{path}", encoded=True)
    async with server.client.session.request(method, url, **asked) as answer:
        text = await answer.text()
        assert answer.status < 500, (method, path, text)
        assert "Set-Cookie" not in answer.headers
        if answer.status >= 400 and method != "HEAD":
            error = json.loads(text)["error"]
            assert set(error) == {"code", "message", "hint"}, (method, path)
            assert "Traceback" not in text
        return answer.status


async def test_no_name_in_a_path_leads_anywhere(tmp_path: Path) -> None:
    async with live_server(tmp_path) as server:
        open_paths = [path for path in paths(server) if "{" in path]
        assert len(open_paths) > 10
        for path in open_paths:
            for name in NAMES:
                before, _, rest = path.partition("{")
                asked = before + name + rest.partition("}")[2]
                assert await refused(server, "GET", asked) in {400, 404, 405}, asked


async def test_no_method_and_no_body_breaks_a_route(tmp_path: Path) -> None:
    passing = iter(range(0, 10**9, 60))  # rates are limited elsewhere
    async with live_server(tmp_path, now=lambda: float(next(passing))) as server:
        for path in paths(server):
            asked = path.replace("{id}", "nothing").replace("{name}", "nothing")
            for method in METHODS:
                assert await refused(server, method, asked) < 500
            for _what, body, headers in BODIES:
                for method in ("POST", "PATCH"):
                    status = await refused(server, method, asked, data=body, headers=headers)
                    assert status >= 400, (method, asked, _what)


async def test_bombs_and_depths_take_no_time(tmp_path: Path) -> None:
    async with live_server(tmp_path) as server:
        used_s = time.thread_time()
        for _what, body, headers in BODIES:
            await refused(server, "POST", "/api/offer", data=body, headers=headers)
        assert await refused(server, "POST", "/api/offer?" + "a=b&" * 1500) in {400, 414, 415}
        assert time.thread_time() - used_s < 5, "seconds of computing for nine small requests"
