"""How often the server is asked for what costs it something: by one client, and by all."""

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from coach_server.rtc.channels import TokenBucket
from coach_server.settings import is_loopback
from coach_server.web.guard import Handler, route_of
from coach_server.web.refusals import TooOftenError

MAX_CLIENTS: Final = 1024
"""Clients remembered; who is forgotten begins anew, within the rate for all."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate in events a second, and how many may come at once."""

    rate: float
    burst: float


class RateLimit:
    """One thing's rate for each client and for all of them together; its memory is bounded.

    Args:
        what: it limits, as the refused are told.
        client: the rate of each client.
        everybody: that of all.
        now: the clock, in seconds.
    """

    def __init__(
        self, what: str, *, client: Rate, everybody: Rate, now: Callable[[], float]
    ) -> None:
        self._what = what
        self._client = client
        self._everybody = TokenBucket(everybody.rate, everybody.burst)
        self._now = now
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def check(self, client: str) -> None:
        """Find out whether an event is within the rates, without counting one.

        Raises:
            TooOftenError: it is not; says when it will be.
        """
        now_s = self._now()
        wait_s = max(bucket.wait_s(now_s) for bucket in self._both(client))
        if wait_s > 0.0:
            raise TooOftenError(self._what, retry_after_s=math.ceil(wait_s))

    def count(self, client: str) -> None:
        """Count an event."""
        now_s = self._now()
        for bucket in self._both(client):
            bucket.takes(now_s)

    def _both(self, client: str) -> tuple[TokenBucket, TokenBucket]:
        bucket = self._buckets.pop(client, None)
        if bucket is None:
            bucket = TokenBucket(self._client.rate, self._client.burst)
            if len(self._buckets) >= MAX_CLIENTS:
                self._buckets.popitem(last=False)
        self._buckets[client] = bucket
        return bucket, self._everybody


class Clients:
    """Tells clients apart, by the addresses they come from.

    Args:
        proxied: a proxy on this machine brings requests of others, and says whose.
    """

    def __init__(self, *, proxied: bool) -> None:
        self._proxied = proxied

    def of(self, request: web.Request) -> str:
        """Whose request it is; of IPv6 a network of 64 bits, which is one subscriber's."""
        address = request.remote or ""
        if self._proxied and is_loopback(address):
            # The last entry of the last line is the proxy's; before it is what the client has sent.
            lines = request.headers.getall("X-Forwarded-For", [address])
            address = lines[-1].rpartition(",")[2].strip()
        try:
            parsed = ip_address(address)
        except ValueError:
            return "unknown"
        if isinstance(parsed, IPv6Address):
            return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
        return str(parsed)


def offers(now: Callable[[], float]) -> RateLimit:
    """Of offers: a class behind one address may begin at once, and come back after a cut."""
    return RateLimit("offers", client=Rate(2.0, 60), everybody=Rate(10.0, 200), now=now)


def uploads(now: Callable[[], float]) -> RateLimit:
    """Of uploads: somebody's whole collection may come at once."""
    return RateLimit("uploads", client=Rate(0.5, 60), everybody=Rate(1.0, 120), now=now)


def guesses(now: Callable[[], float]) -> RateLimit:
    """Of wrong tokens."""
    return RateLimit("wrong tokens", client=Rate(0.1, 10), everybody=Rate(1.0, 100), now=now)


def rate_limited(limits: Mapping[tuple[str, str], RateLimit], clients: Clients) -> Middleware:
    """Middleware that counts requests by method and route.

    Raises (from the middleware):
        TooOftenError: 429, one comes too often.
    """

    @web.middleware
    async def limited(request: web.Request, handler: Handler) -> web.StreamResponse:
        limit = limits.get((request.method, route_of(request)))
        if limit is not None:
            client = clients.of(request)
            limit.check(client)
            limit.count(client)
        return await handler(request)

    return limited
