"""Who may talk to the server: by Host, by where a request comes from.

A page of a stranger can make any browser send requests here. DNS rebinding shows in the Host
header, everything else in Sec-Fetch-Site or, where a browser lacks it, in Origin.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from coach_server.settings import is_loopback
from coach_server.web.refusals import RefusalError

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})


def hosts_of(host: str) -> frozenset[str]:
    """Names under which a server bound to `host` may be addressed; any port (tunnels change it)."""
    return LOOPBACK_HOSTS | {host} if is_loopback(host) else frozenset({host})


def guard(hosts: frozenset[str]) -> Middleware:
    """Middleware that lets requests to `hosts` from our own pages through.

    Raises (from the middleware):
        RefusalError: 421 for another Host, 403 for a request of another site.
    """

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get("Host", "")
        if _hostname(host) not in hosts:
            raise RefusalError(
                421,
                "wrong_host",
                "this server does not answer under that name",
                hint=f"open it as {min(hosts)}"
                if all(map(is_loopback, hosts))
                else "open the address that it printed when it started",
            )
        if request.method not in SAFE_METHODS or request.path.startswith("/api/"):
            _check_origin(request, host)
        return await handler(request)

    return guarded


def route_of(request: web.Request) -> str:
    """The pattern of the route that will answer, however its path is written; empty for none."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _check_origin(request: web.Request, host: str) -> None:
    site = request.headers.get("Sec-Fetch-Site")
    typed_by_hand = site == "none" and request.method in SAFE_METHODS
    origin = request.headers.get("Origin")
    foreign = origin is not None and origin not in {f"http://{host}", f"https://{host}"}
    if foreign or not (site is None or site == "same-origin" or typed_by_hand):
        raise RefusalError(
            403,
            "foreign_origin",
            "requests from other sites are refused",
            hint="use the pages of this server",
        )
