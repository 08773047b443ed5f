"""The house rules that a machine can check: style, types, layers, sizes, and what is committed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
KINDS = 7
"""Markers of pyproject that say of which kind a module is; plug-ins add theirs behind them."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["lint-imports"],
    ],
    ids=" ".join,
)
def test_style_types_and_layers(command: list[str]) -> None:
    done = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py")]


def test_every_folder_says_what_lives_there() -> None:
    for folder in (ROOT / "coach_server").iterdir():
        if folder.is_dir() and any(folder.glob("*.py")):
            assert (folder / "__init__.py").read_text().startswith('"""'), folder


def test_one_concept_a_file() -> None:
    modules = [*(ROOT / "static" / "js").rglob("*.js"), *sources("coach_server", "scripts")]
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert not long


def test_every_test_module_has_one_marker(request: pytest.FixtureRequest) -> None:
    kinds = {line.split(":")[0] for line in request.config.getini("markers")[:KINDS]}
    for path in sources("tests"):
        if path.name.startswith("test_"):
            (marks,) = re.findall(r"^pytestmark = (.*)$", path.read_text(), re.MULTILINE)
            assert len(kinds.intersection(re.findall(r"mark\.(\w+)", marks))) == 1, path


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_nothing_of_this_machine_is_committed() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    found = subprocess.run(
        ["git", "grep", "-nIF", "-e", f"{ROOT.parent}/", "-e", f"{Path.home()}/", "--", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""
