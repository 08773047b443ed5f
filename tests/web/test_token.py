"""The token at the door: who is let in, what a browser is given, who guesses too often."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from pydantic import SecretStr
from support.live_server import LiveServer, live_server

from coach_server.errors import InputError
from coach_server.settings import Settings, is_public
from coach_server.web.access import KEY, Access
from coach_server.web.names import names_of, shown_host

pytestmark = pytest.mark.web

TOKEN: Final = "as-long-as-need-be-1234"  # noqa: S105  # of these tests
BEARER: Final = {"Authorization": f"Bearer {TOKEN}"}


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[LiveServer]:
    async with live_server(tmp_path, token=TOKEN, names="coach.example") as running:
        yield running


async def status(server: LiveServer, path: str, method: str = "GET", **request: Any) -> int:
    async with server.client.request(method, path, **request) as answer:
        return answer.status


async def exchange(server: LiveServer, token: object, **headers: str) -> tuple[int, str]:
    """The status of handing a token over, and the cookie it brings."""
    return await hand_over(server, {"token": token}, headers)


async def hand_over(
    server: LiveServer, fields: object, headers: Mapping[str, str]
) -> tuple[int, str]:
    request: dict[str, Any] = {"json": fields, "headers": headers}
    async with server.client.post("/api/token", **request) as answer:
        server.client.session.cookie_jar.clear()  # tests say themselves who has it
        return answer.status, answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize(
    "path",
    ["/api/routines", "/api/routines/demo/video", "/api/sessions/x/report", "/metrics", "/nowhere"],
)
@pytest.mark.parametrize(
    "headers",
    [{}, {"Cookie": "coach=x"}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer \xfc"}],
)
async def test_without_it_nothing_of_anybody_is_shown(
    server: LiveServer, path: str, headers: dict[str, str]
) -> None:
    async with server.client.get(path, headers=headers) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        body = await answer.json()
    assert body["error"]["code"] == "token"
    assert "printed" in body["error"]["hint"]


async def test_an_offer_without_it_is_refused_before_it_is_read(server: LiveServer) -> None:
    assert await status(server, "/api/offer", "POST", data=b"[" * 99) == 401


async def test_pages_load_to_hand_it_over(server: LiveServer) -> None:
    for path in ("/", "/practice", "/static/js/token.js", "/healthz"):
        assert await status(server, path) == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/static/../api/routines", "/static/%2e%2e/api/routines", "/static%2f../api/routines"),
        *("/api/%72outines", "//api/routines", "/practice/../api/routines", "/healthz/../metrics"),
    ],
)
async def test_no_way_of_writing_a_path_leads_past_it(server: LiveServer, path: str) -> None:
    reader, writer = await asyncio.open_connection(server.client.host, server.client.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(("HTTP/1.1 401 ", "HTTP/1.1 404 "))


async def test_programs_bring_it_as_a_bearer(server: LiveServer) -> None:
    assert await status(server, "/metrics", headers=BEARER) == 200
    assert await status(server, "/metrics", headers={"Authorization": f"Bearer {TOKEN}x"}) == 401


async def test_a_browser_is_given_a_cookie_that_only_it_can_use(server: LiveServer) -> None:
    code, cookie = await exchange(server, TOKEN)
    assert code == 204
    assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert TOKEN not in cookie
    value = {"Cookie": cookie.partition(";")[0]}
    assert await status(server, "/api/routines", headers=value) == 200
    spoilt = {"Cookie": value["Cookie"][:-1] + "x"}
    assert await status(server, "/api/routines", headers=spoilt) == 401


async def test_behind_a_proxy_with_tls_the_cookie_is_for_tls_alone(server: LiveServer) -> None:
    origin = {"Host": "coach.example", "Origin": "https://coach.example"}
    code, cookie = await exchange(server, TOKEN, **origin)
    assert code == 204
    assert cookie.startswith("__Host-coach-")
    assert "Secure" in cookie
    value = {"Cookie": cookie.partition(";")[0]}
    assert await status(server, "/api/routines", headers=value) == 200


async def test_other_sites_may_not_try_tokens(server: LiveServer) -> None:
    assert await exchange(server, TOKEN, Origin="https://evil.example") == (403, "")


@pytest.mark.parametrize("said", ["", None, "wrong", TOKEN[:-1], TOKEN + " ", "ü"])
async def test_a_wrong_token_brings_nothing(server: LiveServer, said: object) -> None:
    assert await exchange(server, said) == (401, "")


@pytest.mark.parametrize("fields", [{}, {"Token": TOKEN}])
async def test_who_hands_no_token_over_is_told_to(server: LiveServer, fields: object) -> None:
    assert await hand_over(server, fields, {}) == (401, "")


@pytest.mark.parametrize(
    "fields",
    [*({"token": said} for said in ("\ud800", 5, [TOKEN], "x" * 900 + "\ud800")), [TOKEN], TOKEN],
)
async def test_what_can_be_no_token_is_a_malformed_body(server: LiveServer, fields: object) -> None:
    assert await hand_over(server, fields, {}) == (400, "")


async def test_who_guesses_is_shut_out_and_who_is_in_stays_in(server: LiveServer) -> None:
    _, cookie = await exchange(server, TOKEN)
    value = {"Cookie": cookie.partition(";")[0]}
    codes = [(await exchange(server, f"guess {number}"))[0] for number in range(12)]
    assert codes == [401] * 10 + [429] * 2
    async with server.client.get("/metrics", headers=BEARER) as answer:
        assert answer.status == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 10
    assert await status(server, "/api/routines", headers=value) == 200
    other = {"X-Forwarded-For": "203.0.113.9", **BEARER}
    assert await status(server, "/metrics", headers=other) == 200


async def test_on_loopback_none_is_asked_for(tmp_path: Path) -> None:
    async with live_server(tmp_path) as server:
        assert await status(server, "/api/routines") == 200
        assert await status(server, "/api/token", "POST", json={"token": TOKEN}) == 404
    assert not (tmp_path / KEY).exists()


def settings(data: Path, token: str = TOKEN, **given: Any) -> Settings:
    return Settings(data=data, cache=data, token=SecretStr(token), **given)


def test_one_that_is_made_here_stays_as_long_as_its_key(tmp_path: Path) -> None:
    made = [Access.of(settings(tmp_path, "auto")) for _ in range(2)]
    assert made[0] is not None
    assert made[1] is not None
    assert made[0].token == made[1].token
    assert len(made[0].token) == 32
    assert (tmp_path / KEY).stat().st_mode & 0o777 == 0o600
    (tmp_path / KEY).unlink()
    again = Access.of(settings(tmp_path, "auto"))
    assert again is not None
    assert again.token != made[0].token
    (tmp_path / KEY).write_bytes(b"short")
    with pytest.raises(InputError, match="is broken"):
        Access.of(settings(tmp_path))


def test_who_the_server_is(tmp_path: Path) -> None:
    everywhere = settings(tmp_path, host="0.0.0.0", names="Coach.example, 192.0.2.7")
    assert {"localhost", "127.0.0.1", "coach.example", "192.0.2.7"} <= names_of(everywhere)
    assert shown_host(everywhere) != "0.0.0.0"
    one = settings(tmp_path, host="192.0.2.9")
    assert names_of(one) == {"192.0.2.9"}
    assert is_public(everywhere)
    assert is_public(one)
    assert is_public(settings(tmp_path, names="coach.example")), "a proxy brings others here"
    assert not is_public(settings(tmp_path))
