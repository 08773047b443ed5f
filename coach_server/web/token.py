"""The token at the door: what is open without it, how it is handed over, who guesses."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from coach_server.web.access import Access
from coach_server.web.bodies import read_object, text_field
from coach_server.web.guard import Handler, route_of
from coach_server.web.pages import ASSETS, PAGES
from coach_server.web.rate_limits import Clients, RateLimit
from coach_server.web.refusals import TokenError
from coach_server.web.tls import AUTHORITY

EXCHANGE: Final = "/api/token"
OPEN: Final = frozenset({*PAGES, f"{ASSETS}{{path}}", EXCHANGE, AUTHORITY, "/healthz"})
"""Routes that need no token: pages must load to hand it over, and hold nothing of anybody."""

_MAX_BODY: Final = 1024
_NONE: Final = "this server asks for its token"


class Door:
    """Lets those in who have the token.

    Args:
        access: the token.
        guesses: how often wrong ones are heard.
        clients: tells clients apart.
    """

    def __init__(self, access: Access, guesses: RateLimit, clients: Clients) -> None:
        self._access = access
        self._guesses = guesses
        self._clients = clients

    def middleware(self) -> Middleware:
        """Middleware that needs the cookie, or `Authorization: Bearer TOKEN` from programs.

        Raises (from the middleware):
            TokenError: 401, the request has neither.
            TooOftenError: 429, its client has guessed too often.
        """

        @web.middleware
        async def at_the_door(request: web.Request, handler: Handler) -> web.StreamResponse:
            if route_of(request) not in OPEN and not self._access.has_cookie(request):
                self._check_bearer(request)
            return await handler(request)

        return at_the_door

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """The route that takes the token for a cookie."""

        async def exchange(request: web.Request) -> web.Response:
            fields = await read_object(request, max_bytes=_MAX_BODY)
            if fields.get("token") in (None, ""):
                raise TokenError(_NONE)
            self._check(request, text_field(fields, "token", max_length=_MAX_BODY))
            answer = web.Response(status=204)
            by_proxy = request.headers.get("Origin", "").startswith("https://")
            self._access.give_cookie(answer, encrypted=request.secure or by_proxy)
            return answer

        return [web.post(EXCHANGE, exchange)]

    def _check_bearer(self, request: web.Request) -> None:
        scheme, _, said = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise TokenError(_NONE)
        self._check(request, said.strip())

    def _check(self, request: web.Request, said: str) -> None:
        client = self._clients.of(request)
        self._guesses.check(client)
        if not self._access.is_token(said):
            self._guesses.count(client)
            raise TokenError("this is not the server's token")
