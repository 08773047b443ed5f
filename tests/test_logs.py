"""What a log line is, and what never stands in one."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from coach_server.cli.logs import log_as
from coach_server.logs import LogFormat, logs_to_stderr, without_secrets
from coach_server.settings import AUTO, Settings, environment_of

pytestmark = pytest.mark.unit

TOKEN = "kept-by-the-operator-alone"  # noqa: S105  # of these tests
SDP = "\r\n".join(
    [
        "v=0",
        "o=- 4611 2 IN IP4 192.0.2.9",
        "a=ice-ufrag:Xy7Q",
        "a=ice-pwd:by5GZGG1lw+040DWA6hXM5Bz",
        "a=fingerprint:sha-256 4A:AD:B9:B1:3F:82",
        "a=candidate:1 1 udp 2122260223 2001:db8::17 50000 typ host",
    ]
)
LOGS_ONCE = """
import structlog
from coach_server.cli.logs import log_as
from coach_server.settings import load_settings
log_as(load_settings())
structlog.get_logger().info("ready")
"""
SECRETS = ("192.0.2.9", "Xy7Q", "by5GZGG1lw", "4A:AD", "2001:db8", TOKEN)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers = list(root.handlers)
    yield
    root.handlers[:] = handlers
    structlog.reset_defaults()


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    captured = capsys.readouterr()
    assert captured.out == "", "stdout is for results"
    return [json.loads(line) for line in captured.err.splitlines()]


def log_what_happens() -> None:
    """Events of ours and of libraries, with all that must not be told."""
    log = structlog.get_logger("coach")
    log.info("a connection ended", session="s1", reason="bye", seconds=1.5)
    try:
        int(f"{SDP}\nwith {TOKEN}")
    except ValueError:
        log.exception("a request failed", route="/api/offer", body=SDP.encode())
    log.warning("left", token=TOKEN, address="192.0.2.9", local_sdp=SDP)
    logging.getLogger("asyncio").error("Exception in Transaction(%s)", ("192.0.2.9", 5000))


def test_json_is_one_object_an_event_libraries_and_tracebacks_included(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs_to_stderr("json", [TOKEN])
    log_what_happens()
    ended, failed, left, library = events(capsys)
    assert ended["event"] == "a connection ended"
    assert (ended["level"], ended["session"], ended["seconds"]) == ("info", "s1", 1.5)
    assert ended["timestamp"].endswith("Z")
    assert failed["exception"].startswith("Traceback")
    assert "ValueError: invalid literal" in failed["exception"]
    assert {left[name] for name in ("token", "address", "local_sdp")} == {"[left out]"}
    assert library["logger"] == "asyncio"
    assert library["event"] == "Exception in Transaction(('[address]', 5000))"


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_offer_address_or_token_is_in_either_form(
    capsys: pytest.CaptureFixture[str], form: LogFormat
) -> None:
    log_as(Settings(log_format=form, token=SecretStr(TOKEN)))
    log_what_happens()
    said = capsys.readouterr().err
    assert "a request failed" in said
    assert [secret for secret in SECRETS if secret in said] == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("no way to 10.1.2.3:5000", "no way to [address]:5000"),
        ("bound to [fe80::1%eth0]:8080", "bound to [[address]%eth0]:8080"),
        ("redis://:pass@broker:6379/0", "redis://[secret]@broker:6379/0"),
        ("open http://coach/#token=abcdefgh12345678", "open http://coach/#token=[secret]"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [secret]"),
        ("6d8b1c9e-5c2e-4d1b-9c55-3c1e2b6a7a11.local", "[address]"),
        ("got b'v=0\\r\\no=- 1 1'", "got b'[offer]"),
        ("at 19:40:32 row 3: std, 1:2", "at 19:40:32 row 3: std, 1:2"),
        ("token 3 of the file is a word", "token 3 of the file is a word"),
    ],
)
def test_what_is_left_of_a_text(text: str, left: str) -> None:
    assert without_secrets(text) == left


def test_that_the_server_makes_a_token_is_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    log_as(Settings(log_format="json", token=SecretStr(AUTO)))
    structlog.get_logger().info("the automatic choice")
    assert events(capsys)[0]["event"] == "the automatic choice"


def test_auto_is_json_where_nobody_reads_along(capsys: pytest.CaptureFixture[str]) -> None:
    logs_to_stderr("auto")
    structlog.get_logger().info("ready")
    assert events(capsys)[0]["event"] == "ready"


def test_people_are_the_default_and_jobs_log_as_their_server(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert Settings().log_format == "console"
    assert environment_of(Settings(log_format="json"))["COACH_LOG_FORMAT"] == "json"
    logs_to_stderr()
    structlog.get_logger().info("ready", job="j1")
    said = capsys.readouterr().err
    assert "ready" in said
    assert "job=j1" in said
    assert not said.startswith("{")


def test_a_process_that_is_told_by_its_environment_logs_so() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            LOGS_ONCE,
        ],
        env={"COACH_LOG_FORMAT": "json", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stderr)["event"] == "ready"
