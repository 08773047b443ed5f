"""Secrets among the settings: whom they reach, and what is not one."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from coach_server.errors import InputError
from coach_server.settings import Settings, environment_of, load_settings
from coach_server.video.limits import FilmLimits
from coach_server.video.probe import probe_apart

pytestmark = pytest.mark.unit

SECRET = "a-token-of-25-characters."  # noqa: S105  # of this test


def test_secrets_show_nowhere_and_reach_no_other_process() -> None:
    settings = Settings(
        token=SecretStr(SECRET),
        names="coach.example",
        turn_url="turn:turn.example:3478",
        turn_secret=SecretStr(SECRET),
    )
    assert SECRET not in repr(settings)
    environment = environment_of(settings)
    assert SECRET not in environment.values()
    assert environment["COACH_TOKEN"] == environment["COACH_TURN_SECRET"] == ""
    assert environment["COACH_NAMES"] == "coach.example"


def test_programs_that_need_no_setting_get_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They open strangers' films and fetch packages: secrets come by the environment too."""
    monkeypatch.setenv("COACH_TOKEN", SECRET)
    given: list[dict[str, str]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        given.append(options["env"])
        return really(command, **options)

    really = subprocess.run
    monkeypatch.setattr(subprocess, "run", run)
    (tmp_path / "a.mp4").write_bytes(b"....ftypisom")
    with pytest.raises(InputError):
        probe_apart(tmp_path / "a.mp4", FilmLimits(), called="a.mp4")
    assert given
    assert all("PATH" in each for each in given)
    assert not any(name.startswith("COACH_") for each in given for name in each)


@pytest.mark.parametrize("token", ["short", "blanks in a token of enough", "#" * 20, "x" * 201])
def test_a_token_is_long_and_fits_an_address(token: str) -> None:
    with pytest.raises(InputError, match="The setting token does not fit") as refused:
        load_settings(token=token)
    assert token not in refused.value.message
    assert token not in str(refused.value.__cause__)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("names", "a b"),
        ("names", "coach.example/x"),
        ("names", ","),
        ("turn_url", "http://x"),
        ("turn_url", "turn:a.example:99999"),
        ("turn_url", "turn:a.example:port"),
        ("turn_url", "turn:a.example?transport=sctp"),
        ("turn_url", "turn:user:pw"),
        ("turn_url", "turn::"),
        ("turn_url", "turn:a.example turn:b.example"),
        ("tls", ""),
    ],
)
def test_what_else_does_not_fit_is_said(name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"The setting {name} does not fit"):
        load_settings(None, **{name: value})


@pytest.mark.parametrize(
    "urls",
    [
        "turn:a.example",
        "turn:203.0.113.9:3478?transport=udp, turns:[2001:db8::7]:65535?transport=tcp",
    ],
)
def test_turn_servers_as_browsers_take_them(urls: str) -> None:
    assert load_settings(turn_url=urls).turn_url == urls


def test_secrets_come_from_a_file_too(tmp_path: Path) -> None:
    config = tmp_path / "coach.toml"
    config.write_text(f'token = "{SECRET}"\nnames = "coach.example, 192.0.2.7"\n')
    settings = load_settings(config)
    assert settings.token.get_secret_value() == SECRET
    assert settings.names == "coach.example, 192.0.2.7"
