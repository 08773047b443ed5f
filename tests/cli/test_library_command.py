"""`coach library`: routines are listed, renamed, taken away, brought in and removed."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from support.films import ScriptedEngines, write_film
from support.stick_figure import ARMS_OUT, Limbs, track_of

from coach_server.cli import app
from coach_server.library.prepare import prepare_routine
from coach_server.library.store import RoutineLibrary

pytestmark = pytest.mark.film

TRACK = track_of([(Limbs(), 0.0, 1.5), (ARMS_OUT, 1.0, 1.5)])


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RoutineLibrary]:
    monkeypatch.setenv("COACH_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    library = RoutineLibrary.of(tmp_path / "data")
    film = write_film(tmp_path / "flow.mp4", len(TRACK.time_s))
    prepare_routine(library, film, ScriptedEngines(TRACK), title="Flow", routine_id="flow")
    yield library
    structlog.reset_defaults()  # the command line sends logs to a stderr that is gone by now


def coach(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["coach", "library", *arguments])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_routine_goes_out_and_comes_back(
    library: RoutineLibrary,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    assert coach(monkeypatch, "rename", "flow", "Morning flow") == 0
    assert coach(monkeypatch, "export", "flow") == 0
    assert capsys.readouterr().out == "flow.routine.zip\n"
    assert coach(monkeypatch, "delete", "flow", "--yes") == 0
    assert library.summaries() == []
    assert coach(monkeypatch, "import", "flow.routine.zip") == 0
    routine_id = capsys.readouterr().out.splitlines()[-1]
    assert coach(monkeypatch, "list", "--json") == 0
    (listed,) = json.loads(capsys.readouterr().out)["routines"]
    assert (listed["id"], listed["title"]) == (routine_id, "Morning flow")
    assert coach(monkeypatch, "reindex") == 0
    assert coach(monkeypatch, "list") == 0
    told = capsys.readouterr()
    assert "Morning flow" in told.out
    assert "1 routines" not in told.out
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("data", "flow.mp4", "flow.routine.zip"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rename", "nope", "x"), "no routine called 'nope'"),
        (("rename", "flow", " "), "1 to 200 characters"),
        (("delete", "nope", "--yes"), "no routine called 'nope'"),
        (("export", "flow", "--out", "no/such/x.zip"), "no folder no/such"),
        (("import", "missing.zip"), "no file missing.zip"),
        (("import", "flow.mp4"), "flow.mp4"),
    ],
)
def test_what_cannot_be_done_is_said_on_one_line(
    library: RoutineLibrary,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    assert coach(monkeypatch, *arguments) == 2
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("coach:"))
    assert said in line
    assert [meta.title for meta in library.summaries()] == ["Flow"]


def test_removing_asks_first(library: RoutineLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typer.confirm", lambda *_, **__: (_ for _ in ()).throw(SystemExit(130)))
    assert coach(monkeypatch, "delete", "flow") == 130
    assert len(library.summaries()) == 1
