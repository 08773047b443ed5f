"""`coach test` leaves no test out, and fails where a part of it does."""

import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from coach_server.cli import check

pytestmark = pytest.mark.unit

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())


def run(
    monkeypatch: pytest.MonkeyPatch, codes: list[int], *arguments: str
) -> tuple[int, list[list[str]]]:
    """The exit code, and what each pytest was given, where they end with `codes`."""
    given: list[list[str]] = []

    def pytest_run(command: list[str], **_: object) -> SimpleNamespace:
        assert command[1:3] == ["-m", "pytest"]
        given.append(command[3:])
        return SimpleNamespace(returncode=codes[len(given) - 1])

    monkeypatch.setattr(subprocess, "run", pytest_run)
    monkeypatch.setattr(check, "provide", list)
    with pytest.raises(typer.Exit) as ended:
        check.run_tests(list(arguments))
    return ended.value.exit_code, given


@pytest.mark.parametrize(
    ("codes", "code"), [([0, 0, 0], 0), ([1, 0, 0], 1), ([0, 3, 0], 3), ([0, 0, 1], 1)]
)
def test_it_fails_where_a_part_does(
    monkeypatch: pytest.MonkeyPatch, codes: list[int], code: int
) -> None:
    ended, parts = run(monkeypatch, codes)
    assert ended == code
    assert len(parts) == len(codes)
    assert ["-n" in part for part in parts] == [True, True, False]


def test_each_test_is_in_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    _, parts = run(monkeypatch, [0, 0, 0])
    chosen = [part[part.index("-m") + 1] for part in parts]
    lines = PROJECT["tool"]["pytest"]["ini_options"]["markers"]
    markers = {line.split(":")[0] for line in lines}
    assert markers >= {"alone", *check.BUSY.split(" or ")}
    for kind in markers - {"alone"}:
        for marks in ({kind}, {kind, "alone"}):
            told = {marker: marker in marks for marker in markers}
            within = [eval(part, told) for part in chosen]  # noqa: S307  # our own and, or, not
            assert sum(within) == 1, marks


def test_with_arguments_pytest_is_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, [5], "-k", "words") == (5, [["-k", "words"]])


def test_what_is_missing_is_named_with_its_packages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=0))
    monkeypatch.setattr(check, "provide", lambda: ["Redis"])
    with pytest.raises(typer.Exit):
        check.run_tests(["-q"])
    said = capsys.readouterr().err
    assert "need Redis will be skipped" in said
    assert "redis-server" in said
