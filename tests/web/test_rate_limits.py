"""How often one may ask, on a clock of the tests' own."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict
from support.live_server import LiveServer, live_server

from coach_server.errors import CoachError
from coach_server.web.rate_limits import MAX_CLIENTS, Clients, Rate, RateLimit, offers
from coach_server.web.refusals import TooOftenError

pytestmark = pytest.mark.web


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def ask(limit: RateLimit, client: str) -> int | None:
    """Seconds to wait, or None where one is served."""
    try:
        limit.check(client)
    except TooOftenError as error:
        return error.retry_after_s
    limit.count(client)
    return None


def test_each_client_has_a_rate_and_all_have_one() -> None:
    clock = Clock()
    limit = RateLimit("things", client=Rate(0.5, 2), everybody=Rate(1.0, 5), now=clock)
    assert [ask(limit, "a") for _ in range(3)] == [None, None, 2]
    assert [ask(limit, "b") for _ in range(3)] == [None, None, 2]
    assert ask(limit, "c") is None
    assert ask(limit, "d") == 1, "all together have had five"
    clock.now_s = 2.0
    assert [ask(limit, client) for client in "aabd"] == [None, 2, None, 1]
    clock.now_s = 1e6
    assert [ask(limit, "a") for _ in range(3)] == [None, None, 2]


def test_clients_without_end_take_no_memory_without_end() -> None:
    limit = RateLimit("things", client=Rate(1.0, 1), everybody=Rate(1.0, 1e9), now=Clock())
    for number in range(3 * MAX_CLIENTS):
        assert ask(limit, str(number)) is None
    assert len(limit._buckets) == MAX_CLIENTS
    assert ask(limit, str(3 * MAX_CLIENTS - 1)) == 1, "the last ones are remembered"


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxied", "client"),
    [
        ("127.0.0.1", None, False, "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", False, "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", True, "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", True, "203.0.113.9"),
        ("203.0.113.7", "198.51.100.1", True, "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1\n203.0.113.9", True, "203.0.113.9"),
        ("127.0.0.1", "nonsense", True, "unknown"),
        ("2001:db8:1:2:3:4:5:6", None, False, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", None, False, "203.0.113.9"),
    ],
)
def test_who_a_client_is(remote: str, forwarded: str | None, proxied: bool, client: str) -> None:
    lines = [] if forwarded is None else forwarded.split("\n")
    headers = CIMultiDict(("X-Forwarded-For", line) for line in lines)
    request = make_mocked_request("POST", "/", headers=headers).clone(remote=remote)
    assert Clients(proxied=proxied).of(request) == client


def test_a_class_behind_one_address_may_begin_at_once() -> None:
    limit = offers(Clock())
    assert [ask(limit, "school") for _ in range(60)] == [None] * 60


@pytest.mark.parametrize(
    ("path", "sent", "usual"),
    [
        ("/api/offer", {"json": {}}, 400),
        ("/api/routines", {"data": b""}, 415),
        ("/api/comparisons", {"data": b""}, 415),
    ],
)
async def test_who_asks_too_often_is_told_when_to_come_back(
    tmp_path: Path, path: str, sent: dict[str, Any], usual: int
) -> None:
    clock = Clock()

    async def post(server: LiveServer) -> tuple[int, str | None]:
        async with server.client.post(path, **sent) as answer:
            body = await answer.json()
            assert set(body["error"]) == set(CoachError("").as_dict()["error"])
            return answer.status, answer.headers.get("Retry-After")

    async with live_server(tmp_path, now=clock) as server:
        for _ in range(60):
            assert await post(server) == (usual, None)
        code, wait_s = await post(server)
        assert code == 429
        assert wait_s is not None
        clock.now_s += int(wait_s)
        assert await post(server) == (usual, None)
        async with server.client.get("/api/routines") as answer:
            assert answer.status == 200, "looking is free"
