"""TURN credentials: what a TURN server works out itself, for an hour and no longer."""

import base64
import hashlib
import hmac
import re
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import SecretStr
from support.live_server import live_server

from coach_server.errors import InputError
from coach_server.settings import Settings
from coach_server.web.server import run
from coach_server.web.turn import LASTS_S, ice_server

pytestmark = pytest.mark.web

SECRET: Final = "north"  # noqa: S105  # of these tests
URLS: Final = "turn:turn.example:3478?transport=udp, turns:turn.example:5349"


def settings(**given: Any) -> Settings:
    return Settings(turn_url=URLS, turn_secret=SecretStr(SECRET), **given)


def test_a_credential_is_the_mac_of_when_it_ends() -> None:
    server = ice_server(settings(), 1_000_000.7)
    assert server["urls"] == ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349"]
    assert re.fullmatch(r"1003600:[0-9a-f]{8}", server["username"])
    mac = hmac.new(SECRET.encode(), server["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(server["credential"]) == mac
    assert LASTS_S <= 3600
    assert ice_server(settings(), 1_000_000.7)["username"] != server["username"], "it names nobody"


async def test_a_page_is_told_and_the_secret_stays(tmp_path: Path) -> None:
    given = {"turn_url": URLS, "turn_secret": SecretStr(SECRET)}
    async with (
        live_server(tmp_path, **given) as server,
        server.client.get("/api/ice") as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        text = await answer.text()
        (told,) = (await answer.json())["iceServers"]
    assert set(told) == {"urls", "username", "credential"}
    assert SECRET not in text


async def test_without_one_there_is_none(tmp_path: Path) -> None:
    async with live_server(tmp_path) as server, server.client.get("/api/ice") as answer:
        assert await answer.json() == {"iceServers": [], "ttl_s": LASTS_S}


async def test_who_has_no_token_gets_no_credential(tmp_path: Path) -> None:
    token = SecretStr("as-long-as-need-be-1234")
    given = {"turn_url": URLS, "turn_secret": SecretStr(SECRET), "token": token}
    async with live_server(tmp_path, **given) as server, server.client.get("/api/ice") as answer:
        assert answer.status == 401


@pytest.mark.parametrize("alone", [{"turn_url": URLS}, {"turn_secret": SecretStr(SECRET)}])
def test_one_without_the_other_is_refused(tmp_path: Path, alone: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="go together") as refused:
        run(Settings(data=tmp_path, cache=tmp_path, **alone))
    assert refused.value.exit_code == 2
