"""Who is let in: Host, origin, content type, size, shape."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import pytest_asyncio
from aiohttp import StreamReader
from aiohttp.test_utils import make_mocked_request
from support.live_server import LiveServer, live_server
from support.offers import honest_offer
from support.student_peer import StudentPeer
from yarl import URL

from coach_server.errors import InputError
from coach_server.sessions.coaches import Lesson
from coach_server.settings import is_loopback
from coach_server.web.bodies import read_object
from coach_server.web.guard import hosts_of

pytestmark = pytest.mark.web

JSON = {"Content-Type": "application/json"}
OFFER = {"sdp": "v=0\r\n", "type": "offer", "routine": "demo"}


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[LiveServer]:
    async with live_server(tmp_path) as running:
        yield running


async def refusal(server: LiveServer, status: int, method: str, path: str, **request: Any) -> str:
    """The code of an answer that must be a refusal of the one shape."""
    async with server.client.request(method, path, **request) as answer:
        body = await answer.json()
        assert answer.status == status, body
        assert set(body) == {"error"}
        assert set(body["error"]) == {"code", "message", "hint"}
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return str(body["error"]["code"])


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "[::2]", "[", "", "a@b"]
)
async def test_a_foreign_host_is_misdirected(server: LiveServer, host: str) -> None:
    headers = {"Host": host}
    assert await refusal(server, 421, "GET", "/", headers=headers) == "wrong_host"
    assert await refusal(server, 421, "POST", "/api/offer", headers=headers) == "wrong_host"


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1:1", "[::1]:8080"])
async def test_this_machine_by_any_port_is_let_in(server: LiveServer, host: str) -> None:
    async with server.client.get("/", headers={"Host": host}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_another_site_may_not_post(server: LiveServer, headers: dict[str, str]) -> None:
    request = {"data": json.dumps(OFFER), "headers": JSON | headers}
    assert await refusal(server, 403, "POST", "/api/offer", **request) == "foreign_origin"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_may_not_read_the_api(server: LiveServer, site: str) -> None:
    headers = {"Sec-Fetch-Site": site}
    assert await refusal(server, 403, "GET", "/api/routines", headers=headers) == "foreign_origin"


async def test_our_own_pages_and_people_may(server: LiveServer) -> None:
    host = f"127.0.0.1:{server.client.port}"
    for headers in (
        {},
        {"Sec-Fetch-Site": "same-origin", "Origin": f"http://{host}", "Host": host},
        {"Sec-Fetch-Site": "none"},
    ):
        async with server.client.get("/api/routines", headers=headers) as answer:
            assert answer.status == 200
    async with server.client.get("/", headers={"Sec-Fetch-Site": "cross-site"}) as answer:
        assert answer.status == 200, "a link from elsewhere may open the page"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"],
)
async def test_other_content_types(server: LiveServer, content_type: str) -> None:
    request = {"data": json.dumps(OFFER), "headers": {"Content-Type": content_type}}
    assert await refusal(server, 415, "POST", "/api/offer", **request) == "wrong_content_type"


async def test_a_body_too_large(server: LiveServer) -> None:
    request = {"data": b"[" * (64 * 1024 + 1), "headers": JSON}
    assert await refusal(server, 413, "POST", "/api/offer", **request) == "too_large"


async def test_a_body_that_unpacks_to_too_much(server: LiveServer) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    headers = JSON | {"Content-Encoding": "gzip"}
    code = await refusal(server, 413, "POST", "/api/offer", data=bomb, headers=headers)
    assert code == "too_large"


async def test_a_broken_encoding(server: LiveServer) -> None:
    headers = JSON | {"Content-Encoding": "gzip"}
    await refusal(server, 400, "POST", "/api/offer", data=b"no gzip at all", headers=headers)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"3",
        b'"offer"',
        b"\xff\xfe",
        b"[" * 10_000,
        b'{"a":' * 10_000,
        b'{"sdp": ' + b"9" * 5000 + b"}",
        b"{}",
        b'{"sdp": null, "type": "offer", "routine": "demo"}',
        b'{"sdp": ["v=0"], "type": "offer", "routine": "demo"}',
        b'{"sdp": "", "type": "offer", "routine": "demo"}',
        b'{"sdp": "v=0", "type": "answer", "routine": "demo"}',
        b'{"sdp": "v=0", "type": 3, "routine": "demo"}',
        b'{"sdp": "v=0", "type": "offer"}',
        b'{"sdp": "v=0", "type": "offer", "routine": "demo", "resume": 3}',
        b'{"sdp": "v=0", "type": "offer", "routine": "demo"}',
        b'{"sdp": "v=0\\ud800", "type": "offer", "routine": "demo"}',
        b'{"sdp": "v=0", "type": "offer\\udfff", "routine": "demo"}',
    ],
)
async def test_malformed_bodies(server: LiveServer, body: bytes) -> None:
    await refusal(server, 400, "POST", "/api/offer", data=body, headers=JSON)


@pytest.mark.parametrize(
    ("line", "times", "why"),
    [
        ("m=audio 9 UDP/TLS/RTP/SAVPF 0", 3, "m-lines"),
        ("a=candidate:1 1 udp 1 127.0.0.1 5000 typ host", 101, "candidate lines"),
        ("a=ssrc:1 cname:x", 700, "ssrc lines"),
        ("a=x", 900, "lines"),
    ],
)
async def test_an_offer_with_too_much_in_it(
    server: LiveServer, line: str, times: int, why: str
) -> None:
    sdp = await honest_offer() + f"{line}\r\n" * times
    async with server.client.post("/api/offer", json=OFFER | {"sdp": sdp}) as answer:
        assert answer.status == 400
        error = (await answer.json())["error"]
    assert error["code"] == "bad_offer"
    assert why in error["message"]


@pytest.mark.parametrize("field", ["routine", "resume"])
async def test_half_a_pair_of_utf_16_is_no_text(server: LiveServer, field: str) -> None:
    honest = OFFER | {"sdp": await honest_offer()}
    student = StudentPeer()
    await student.connect(server.post_offer)  # somebody whose token is compared with it
    await student.until(lambda: len(student.poses) > 0)
    body = json.dumps(honest | {field: "\ud800"})
    code = await refusal(server, 400, "POST", "/api/offer", data=body, headers=JSON)
    assert code == "bad_input"
    await student.close()


@pytest.mark.parametrize("path", ["/api/routines/{}", "/api/sessions/{}/report"])
@pytest.mark.parametrize("broken", ["%ff", "%ed%a0%80"])
async def test_an_address_that_is_no_utf_8(server: LiveServer, path: str, broken: str) -> None:
    address = URL(path.format(broken), encoded=True)
    async with server.client.get(address) as answer:
        assert answer.status == 404


async def test_routes_that_are_not(server: LiveServer) -> None:
    assert await refusal(server, 404, "GET", "/nowhere") == "not_found"
    assert await refusal(server, 405, "DELETE", "/healthz") == "method_not_allowed"
    assert await refusal(server, 404, "GET", "/static/../pyproject.toml") == "not_found"
    assert await refusal(server, 404, "GET", "/static/%2e%2e/pyproject.toml") == "not_found"
    assert await refusal(server, 404, "GET", "/api/sessions/x/report") == "not_found"


async def test_who_hangs_up_in_the_middle_is_no_fault_of_the_server() -> None:
    """As a server gets to know it that is no test's: those cancel the request."""
    body = StreamReader(Mock(), 1 << 16)
    body.feed_data(b'{"sdp":')
    body.set_exception(ConnectionResetError("Connection lost"))
    headers = {"Content-Type": "application/json"}
    request = make_mocked_request("POST", "/api/offer", headers=headers, payload=body)
    with pytest.raises(InputError):
        await read_object(request, max_bytes=1 << 10)


async def test_refusals_are_counted(server: LiveServer) -> None:
    await refusal(server, 404, "GET", "/nowhere")
    async with server.client.get("/metrics") as answer:
        assert 'coach_refusals_total{code="not_found"} 1.0' in await answer.text()


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # the address that must be told apart
        ("", False),
        ("192.168.1.5", False),
        ("coach.example", False),
    ],
)
def test_which_addresses_are_this_machine_alone(host: str, local: bool) -> None:
    assert is_loopback(host) is local
    assert ("localhost" in hosts_of(host)) is local


async def test_a_fault_of_ours_is_one_answer_and_tells_nothing(server: LiveServer) -> None:
    async def broken(_routine: str) -> Lesson:
        raise KeyError("secret")

    server.lessons.make = broken  # type: ignore[method-assign,assignment]  # for this test
    offer = OFFER | {"sdp": await honest_offer()}
    async with server.client.post("/api/offer", json=offer) as answer:
        assert answer.status == 500
        text = await answer.text()
    assert json.loads(text)["error"]["code"] == "internal"
    assert "secret" not in text
    assert "Traceback" not in text
