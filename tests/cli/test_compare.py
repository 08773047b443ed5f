"""`coach compare`: files in a folder, a few lines on stdout, 2 for what the user can mend."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import structlog
from support.films import ScriptedEngines, write_film
from support.stick_figure import ARMS_OUT, Limbs, track_of

from coach_server.cli import app, compare
from coach_server.library.prepare import prepare_routine
from coach_server.library.store import RoutineLibrary
from coach_server.library.track_file import save_track

pytestmark = pytest.mark.film

FPS = 10.0
LOW = ARMS_OUT.but(shoulder=(90.0, 50.0))
INSTRUCTOR = track_of([(Limbs(), 0.0, 1.2), (ARMS_OUT, 1.0, 1.5)], fps=FPS)
STUDENT = track_of([(Limbs(), 0.0, 1.2), (LOW, 1.0, 1.5)], fps=FPS)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COACH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COACH_CACHE", str(tmp_path / "cache"))
    save_track(INSTRUCTOR, tmp_path / "instructor.npz")
    save_track(STUDENT, tmp_path / "student.npz")
    yield
    structlog.reset_defaults()


def coach(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["coach", "compare", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_two_tracks_need_no_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "some" / "folder"
    given = (tmp_path / "instructor.npz", tmp_path / "student.npz", "--out", out)
    assert coach(monkeypatch, *given) == 0
    assert "right arm" in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == {
        "overlay.mp4", "poster.jpg", "report.json", "errors.csv", "comparison.json",
    }  # fmt: skip
    assert coach(monkeypatch, *given, "--align", "frames", "--mirror", "auto", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["alignment"] == "frames"
    assert report["findings"][0]["joint"] == "shoulder"


def test_a_routine_may_be_the_instructor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engines = ScriptedEngines(INSTRUCTOR)
    monkeypatch.setattr(compare, "load_engines", lambda *_: engines)
    monkeypatch.setattr(compare, "install_demo", lambda _: None)
    film = write_film(tmp_path / "film.mp4", len(INSTRUCTOR.time_s), fps=10, size=(640, 480))
    library = RoutineLibrary(tmp_path / "data" / "routines")
    prepare_routine(library, film, engines, title="Arms", routine_id="arms-1")
    given = ("arms-1", tmp_path / "student.npz", "--out", tmp_path / "out")
    assert coach(monkeypatch, *given) == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["instructor"]["title"] == "Arms"
    assert "right arm" in capsys.readouterr().out


def test_what_can_be_mended_ends_in_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compare, "install_demo", lambda _: None)
    track = tmp_path / "instructor.npz"
    nobody = replace(STUDENT, present=np.zeros_like(STUDENT.present))
    save_track(nobody, tmp_path / "nobody.npz")
    (tmp_path / "file").write_text("x")
    for given, said in (
        (("no-such-routine", track, "--out", tmp_path), "no routine"),
        ((tmp_path / "none.mp4", track, "--out", tmp_path), "No such file"),
        ((track, tmp_path / "nobody.npz", "--out", tmp_path), "Nobody is seen in nobody.npz"),
        ((track, track, "--out", tmp_path / "file"), "cannot be made"),
        ((track, track, "--out", tmp_path, "--align", "guessed"), "guessed"),
    ):
        assert coach(monkeypatch, *given) == 2
        error = capsys.readouterr().err
        assert said in error
        assert "Traceback" not in error
