"""How `python -m scripts.fuzz` says whether coverage guided it, and how much was run."""

import importlib.util
import sys
from pathlib import Path

import pytest

from coach_server.errors import InputError
from scripts.fuzz import __main__ as command

pytestmark = pytest.mark.unit

DONE = """\
#1579	DONE   cov: 38 ft: 60 corp: 9/105b lim: 30 exec/s: 526 rss: 154Mb
Done 1579 runs in 3 second(s)
stat::number_of_executed_units: 1579
stat::average_exec_per_sec:     526
"""
FOUND = """\
==4711== ERROR: libFuzzer: fuzz target exited
stat::number_of_executed_units: 12
artifact_prefix='kept/'; Test unit written to kept/crash-2fd4e1c6
Base64: Og==
"""


@pytest.fixture
def without_atheris(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)


def asked(monkeypatch: pytest.MonkeyPatch, keep: Path, *flags: str) -> None:
    """Run the command for a moment."""
    arguments = ["fuzz", "candidate", "--seconds", "0.05", "--keep", str(keep), *flags]
    monkeypatch.setattr(sys, "argv", arguments)
    command.main()


@pytest.mark.usefixtures("without_atheris")
def test_guided_is_refused_where_nothing_can_guide(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="atheris is not installed") as refusal:
        asked(monkeypatch, tmp_path, "--guided")
    assert refusal.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("without_atheris")
def test_what_is_run_instead_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(monkeypatch, tmp_path)
    out, err = capsys.readouterr()
    assert "seeded mutations" in err
    assert out.startswith("candidate: ")
    assert "guided" not in out


def test_what_libfuzzer_says_is_counted() -> None:
    assert command.told(DONE.splitlines()) == (1579, [])
    assert command.told(FOUND.splitlines()) == (12, ["kept/crash-2fd4e1c6"])
    assert command.told(["No module named atheris"]) == (None, [])


@pytest.mark.parametrize(
    ("says", "code", "line"),
    [(DONE, 0, "1579 guided runs from seed 1, 0 finds"), (FOUND, 77, "12 guided runs from seed 1")],
)
def test_runs_and_finds_are_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    says: str,
    code: int,
    line: str,
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{says}END\nexit {code}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    assert command.guided("candidate", 0.1, 1, tmp_path / "kept") == (1 if code else 0)
    assert capsys.readouterr().out.startswith(f"candidate: {line}")


def test_a_guided_run_that_breaks_off_is_no_find(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(InputError, match="candidate broke off"):
        command.guided("candidate", 0.1, 1, tmp_path)
