"""Credentials for the TURN server that carries media where no direct way is open.

They end by themselves and name nobody (draft-uberti-behave-turn-rest): the TURN server works them
out of the secret that both share, and keeps no list of users.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from coach_server.errors import InputError
from coach_server.settings import Settings

LASTS_S: Final = 3600
"""No stolen credential serves for longer."""


def check_turn(settings: Settings) -> None:
    """Find out before the server listens whether credentials can be made.

    Raises:
        InputError: there is a TURN server without a secret, or a secret without a server.
    """
    if bool(settings.turn_url) != bool(settings.turn_secret.get_secret_value()):
        raise InputError(
            "the settings turn_url and turn_secret go together",
            hint="set both, or neither; turn_secret is coturn's static-auth-secret",
            code="bad_settings",
        )


def turn_routes(settings: Settings, now: Callable[[], float]) -> list[web.AbstractRouteDef]:
    """The route by which a page learns of TURN servers.

    Args:
        settings: which, and the secret.
        now: epoch seconds: the TURN server reads them too.
    """

    async def ice(_request: web.Request) -> web.Response:
        servers = [ice_server(settings, now())] if settings.turn_url else []
        return web.json_response(
            {"iceServers": servers, "ttl_s": LASTS_S}, headers={"Cache-Control": "no-store"}
        )

    return [web.get("/api/ice", ice)]


def ice_server(settings: Settings, now_s: float) -> dict[str, Any]:
    """An `RTCIceServer` whose credential lasts `LASTS_S`."""
    username = f"{int(now_s) + LASTS_S}:{secrets.token_hex(4)}"
    # SHA-1 is what TURN servers check; as a MAC it is not broken.
    mac = hmac.new(
        settings.turn_secret.get_secret_value().encode(), username.encode(), hashlib.sha1
    )
    return {
        "urls": [url.strip() for url in settings.turn_url.split(",")],
        "username": username,
        "credential": base64.b64encode(mac.digest()).decode(),
    }
