"""What keeps a server from starting is one line with the way out, and exit 2."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import structlog
from support.carrier import Registries

from coach_server.cli import app
from coach_server.inference.cache import EngineCache
from coach_server.inference.recipe import Recipes
from coach_server.settings import Settings

pytestmark = pytest.mark.unit

LOGGED: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z \[(info|warning|error) *\] ")
"""How an event begins that is logged for people."""

BAR: Final = re.compile(r"\s*|.* ━+ +\d+% .*")
"""What `engines pull` leaves of its bar where there is no terminal."""


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COACH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COACH_CACHE", str(tmp_path / "cache"))
    yield
    structlog.reset_defaults()  # the command line sends logs to a stderr that is gone by now


def refusal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object
) -> str:
    """The one line of a command that ends in 2."""
    monkeypatch.setattr(sys, "argv", ["coach", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    if arguments[0] == "engines":
        lines = [line for line in lines if not BAR.fullmatch(line)]
    return the_line(lines)


def the_line(lines: list[str]) -> str:
    """The one line to people among those on stderr; nothing but the log stands beside it."""
    (line,) = [line for line in lines if not is_logged(line)]
    assert line.startswith("coach: ")
    return line


def is_logged(line: str) -> bool:
    """Whether a line is an event of the log, in either form."""
    if not line.startswith("{"):
        return LOGGED.match(line) is not None
    event = json.loads(line)
    return {"event", "level", "timestamp"} <= event.keys() and "exception" not in event


def test_a_port_that_is_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refusal(monkeypatch, capsys, "serve", "--port", port)
    assert "the port is taken" in line
    assert "--port" in line


def test_a_certificate_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "words.pem").write_text("words")
    line = refusal(monkeypatch, capsys, "serve", "--port", 0, "--tls", tmp_path / "words.pem")
    assert "words.pem" in line


@pytest.mark.parametrize("variable", ["COACH_DATA", "COACH_CACHE"])
def test_a_folder_that_cannot_be_written(
    variable: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(variable, str(tmp_path / "file" / "folder"))
    command = ("serve", "--port", 0) if variable == "COACH_DATA" else ("engines", "pull")
    assert str(tmp_path / "file") in refusal(monkeypatch, capsys, *command)


def damage(cache: EngineCache, name: str) -> None:
    """Keep weights of what `name` needs, with those of `name` itself damaged since."""
    cache.prepare()
    for recipe in Recipes.known(cache.folder).with_needs(name):
        cache.store(recipe, b"weights", sha256=str(recipe.sources[0].sha256))
        assert cache.load(recipe) == b"weights"
    (blob,) = cache.folder.glob(f"{name}-*.onnx")
    blob.write_bytes(b"damaged")


def test_weights_that_are_damaged_and_cannot_be_had_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Registries(tmp_path, monkeypatch)
    damage(EngineCache(tmp_path / "cache"), "blazepose-lite")
    line = refusal(monkeypatch, capsys, "engines", "pull", "blazepose-lite")
    assert "the model blazepose-lite could not be fetched" in line
    assert "engines pull" in line


def test_a_server_whose_weights_are_damaged_and_cannot_be_had_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole program: it listens, and a worker of it finds out."""
    Registries(tmp_path, monkeypatch)
    name = Settings().keypoints
    damage(EngineCache(tmp_path / "cache"), name)
    command = [sys.executable, "-m", "coach_server", "serve", "--port", "0"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    line = the_line(ended.stderr.splitlines())
    assert f"the model {name} could not be fetched" in line
    assert "engines pull" in line
    assert "a cached model is damaged" in ended.stderr
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\n", ended.stdout)
    assert ended.returncode == 2
