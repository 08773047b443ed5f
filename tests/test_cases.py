"""Each case of docs/CASES.md is held by a test, or a command, that there is."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[1]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "CASES.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| case ", "| --- "))
]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
COMMAND = re.compile(r"`python -m (scripts(?:\.\w+)+)[^`]*`")


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of a module's tests."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, functions))


def test_every_case_has_what_it_expects_and_who_holds_it() -> None:
    assert len(ROWS) > 60
    for row in ROWS:
        assert len(row) == 3, row
        assert all(row), row
        assert TEST.search(row[2]) or COMMAND.search(row[2]), row


def test_every_test_and_command_exists() -> None:
    for _, _, held in ROWS:
        for path, name in TEST.findall(held):
            assert (ROOT / path).is_file(), path
            assert name in names_in(path), f"{path}::{name}"
        for module in COMMAND.findall(held):
            place = ROOT.joinpath(*module.split("."))
            assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file(), module
        left = COMMAND.sub("", TEST.sub("", held))
        assert "`" not in left, f"neither a test nor a command: {left}"
