"""The token that lets people in: given once in an address, then kept as a cookie.

It stands in the address's fragment, which browsers send to nobody; the page hands it over and gets
a cookie that no script can read and no other site can use.
"""

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final, Self

from aiohttp import web

from coach_server.errors import InputError
from coach_server.files import write_private
from coach_server.settings import AUTO, Settings

KEY: Final = "access.key"
_KEY_BYTES: Final = 32
_COOKIE_S: Final = 30 * 86_400


class Access:
    """Who is let in.

    Args:
        key: this server's own secret: cookies, and tokens it makes, are of it and fit no other.
        token: what lets people in; `auto` makes one of the key.

    Attributes:
        token: what lets people in.
        is_made_here: the server has made it, so nobody knows it yet.
        cookie: the cookie's name; another with each token, so that an old one is never mistaken.
    """

    def __init__(self, key: bytes, token: str) -> None:
        self.is_made_here = token == AUTO
        self.token = _of(key, "token")[:32] if self.is_made_here else token
        self._value = _of(key, f"cookie {self.token}")
        self.cookie = f"coach-{_of(key, f'name {self.token}')[:8]}"

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """As the settings have it, with the key of their data folder; None where all are let in.

        Raises:
            InputError: the key can neither be read nor be made.
        """
        token = settings.token.get_secret_value()
        return cls(_own_key(settings.data / KEY), token) if token else None

    def is_token(self, said: str) -> bool:
        """Whether somebody knows the token; takes as long for any answer."""
        return _same(said, self.token)

    def has_cookie(self, request: web.Request) -> bool:
        """Whether the request comes from a browser that has handed the token over."""
        given = (request.cookies.get(name, "") for name in (self.cookie, f"__Host-{self.cookie}"))
        return any(_same(each, self._value) for each in given)

    def give_cookie(self, answer: web.Response, *, encrypted: bool) -> None:
        """Let the browser in from now on.

        Args:
            answer: brings the cookie.
            encrypted: the browser reached us by TLS, ours or a proxy's.
        """
        answer.set_cookie(
            f"__Host-{self.cookie}" if encrypted else self.cookie,
            self._value,
            max_age=_COOKIE_S,
            httponly=True,
            samesite="Strict",
            secure=encrypted,
            path="/",
        )


def _same(said: str, meant: str) -> bool:
    return hmac.compare_digest(said.encode("utf-8", "replace"), meant.encode())


def _of(key: bytes, purpose: str) -> str:
    return hmac.new(key, f"coach {purpose}".encode(), hashlib.sha256).hexdigest()


def _own_key(path: Path) -> bytes:
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_private(path, secrets.token_bytes(_KEY_BYTES))
        key = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read or made: {error.strerror}",
            hint="set COACH_DATA to a folder of yours",
            code="unwritable",
        ) from error
    if len(key) != _KEY_BYTES:
        raise InputError(f"{path} is broken", hint="delete it: a new one is made", code="bad_key")
    return key
