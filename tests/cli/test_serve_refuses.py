"""What keeps a server from starting is one line with the way out, and exit 2."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from support.carrier import Registries

from coach_server.cli import app
from coach_server.inference.cache import EngineCache
from coach_server.inference.recipe import Recipes

pytestmark = pytest.mark.unit


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
    assert "Traceback" not in said.err
    (line,) = [line for line in said.err.splitlines() if line.startswith("coach: ")]
    return line


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


def test_weights_that_are_damaged_and_cannot_be_had_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Registries(tmp_path, monkeypatch)
    recipe = Recipes.known(tmp_path / "cache").get("blazepose-lite")
    cache = EngineCache(tmp_path / "cache")
    cache.prepare()
    (sha256,) = {source.sha256 for source in recipe.sources}
    cache.store(recipe, b"weights", sha256=str(sha256))
    (blob,) = cache.folder.glob("*.onnx")
    assert cache.load(recipe) == b"weights"
    blob.write_bytes(b"damaged")
    line = refusal(monkeypatch, capsys, "engines", "pull", "blazepose-lite")
    assert "could not be fetched" in line
    assert "engines pull" in line
