"""`coach engines check`: its environment is made once, and it fails where a part of it does."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from coach_server.cli import engine_check
from coach_server.cli.proving_environment import NAMED_BY, interpreter
from coach_server.errors import EngineError

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]


class Commands:
    """Takes the commands that would be run."""

    def __init__(self, *codes: int, stderr: str = "") -> None:
        self.codes = list(codes)
        self.stderr = stderr
        self.given: list[list[str]] = []

    def __call__(self, command: list[str], **_: object) -> Any:
        self.given.append(command)
        code = self.codes[len(self.given) - 1] if self.codes else 0
        return SimpleNamespace(returncode=code, stderr=self.stderr)


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAMED_BY, raising=False)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=20 << 30))


def test_it_is_made_once(tmp_path: Path) -> None:
    said: list[str] = []
    commands = Commands()
    python = interpreter(ROOT, tmp_path, said.append, commands)
    assert [command[1:3] for command in commands.given] == [["-m", "venv"], ["-m", "pip"]]
    assert commands.given[1][-1] == f"{ROOT}[cpu,proof]"
    assert len(said) == 1
    python.parent.mkdir(parents=True)
    python.touch()
    assert interpreter(ROOT, tmp_path, said.append, commands) == python
    assert len(commands.given) == 2
    python.unlink()  # as where the system's Python was replaced
    interpreter(ROOT, tmp_path, said.append, commands)
    assert len(commands.given) == 4


def test_what_it_was_made_of_changed(tmp_path: Path) -> None:
    project = tmp_path / "clone"
    project.mkdir()
    written = (ROOT / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(written)
    commands = Commands()
    interpreter(project, tmp_path, print, commands)
    (project / "pyproject.toml").write_text(
        written.replace('"torchvision==0.29.1"', '"torchvision==1"')
    )
    interpreter(project, tmp_path, print, commands)
    assert len(commands.given) == 4


def test_what_was_cut_short_is_made_again(tmp_path: Path) -> None:
    failing = Commands(0, 1, stderr="notes\nERROR: No matching distribution found for torch\n")
    with pytest.raises(EngineError, match="No matching distribution found for torch") as refused:
        interpreter(ROOT, tmp_path, print, failing)
    assert "network" in refused.value.hint
    commands = Commands()
    interpreter(ROOT, tmp_path, print, commands)
    assert len(commands.given) == 2


def test_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 30))
    commands = Commands()
    with pytest.raises(EngineError, match=r"takes 9 GB, and .* has 1\.0 left"):
        interpreter(ROOT, tmp_path, print, commands)
    assert not commands.given


def test_a_ready_one_may_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAMED_BY, str(tmp_path))
    with pytest.raises(EngineError, match="is no environment"):
        interpreter(ROOT, tmp_path, print, Commands())
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.touch()
    assert interpreter(ROOT, tmp_path, print, Commands()) == python


@pytest.mark.parametrize(("codes", "code"), [((0, 0), 0), ((1, 0), 1), ((0, 1), 1), ((0, -9), 1)])
def test_it_fails_where_a_part_does(
    monkeypatch: pytest.MonkeyPatch, codes: tuple[int, int], code: int
) -> None:
    commands = Commands(*codes)
    monkeypatch.setattr(subprocess, "run", commands)
    monkeypatch.setattr(engine_check, "interpreter", lambda *_: Path("python"))
    with pytest.raises(typer.Exit) as ended:
        engine_check.check(thorough=True)
    assert ended.value.exit_code == code
    assert commands.given[0] == ["python", "-m", "scripts.engine_proofs", "--all"]
    assert "tests/proof" in commands.given[1]


def imported(path: Path, seen: set[Path]) -> Iterator[str]:
    """The packages that a test module imports, by itself and by what it takes of tests/support."""
    seen.add(path)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            ours = ROOT / "tests" / f"{name.replace('.', '/')}.py"
            if ours.is_file() and ours not in seen:
                yield from imported(ours, seen)
            yield name.split(".", 1)[0]


def test_it_has_what_its_tests_import() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["cpu"], *extras["proof"]]
    had = {re.split(r"[^\w-]", name, maxsplit=1)[0].lower().replace("_", "-") for name in wanted}
    seen: set[Path] = set()
    modules = [ROOT / "tests" / "conftest.py", *(ROOT / "tests" / "proof").glob("*.py")]
    names = {name for module in modules for name in imported(module, seen)}
    foreign = names - sys.stdlib_module_names - {"coach_server", "scripts", "support"}
    named = packages_distributions()
    lacking = {
        name
        for name in foreign
        if not had & {d.lower().replace("_", "-") for d in named.get(name, [name])}
    }
    assert {"hypothesis", "pytest", "torch"} <= foreign
    assert not lacking
