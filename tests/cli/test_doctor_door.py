"""What `coach doctor` says of who can reach the server: as the server itself would judge it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from coach_server.cli import doctor
from coach_server.settings import Settings

pytestmark = pytest.mark.unit

TOKEN = SecretStr("sixteen-letters-and-more")


@pytest.mark.parametrize(
    ("given", "verdict", "said"),
    [
        ({}, "ok", "127.0.0.1:8080, this machine alone"),
        ({"host": "0.0.0.0", "token": TOKEN, "tls": "auto"}, "ok", "encrypted and by a token"),
        ({"host": "0.0.0.0", "token": TOKEN}, "note", "add --tls auto"),
        ({"names": "coach.example", "token": TOKEN}, "note", "proxy, which must encrypt"),
        ({"host": "0.0.0.0"}, "MEND", "without a token"),
        ({"names": "coach.example"}, "MEND", "for coach.example without a token"),
        ({"turn_url": "turn:coach.example"}, "MEND", "turn_secret"),
        ({"tls": "missing.pem"}, "MEND", "missing.pem cannot be used"),
    ],
)
def test_who_gets_in_is_said_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], verdict: str, said: str
) -> None:
    monkeypatch.setattr(doctor, "_CHECKS", {"door": doctor._door})
    settings = Settings(**{"data": tmp_path / "data", "cache": tmp_path / "cache", **given})
    (finding,) = doctor._findings(settings)
    assert (finding.verdict, finding.of) == (verdict, "door")
    assert said in finding.said
    assert TOKEN.get_secret_value() not in finding.said
    assert not (tmp_path / "data").exists()
