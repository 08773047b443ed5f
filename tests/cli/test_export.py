"""`coach export`: a track or a routine in, a file of another format out."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from support.stick_figure import ARMS_OUT, Limbs, track_of

from coach_server.cli import app
from coach_server.library.track_file import save_track

pytestmark = pytest.mark.unit

POSES: list[tuple[Limbs, float, float]] = [(Limbs(), 0.0, 0.2), (ARMS_OUT, 0.2, 0.2)]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COACH_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    save_track(track_of(POSES), tmp_path / "flow.npz")
    yield
    structlog.reset_defaults()  # the command line sends logs to a stderr that is gone by now


def coach(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run the command line in this process; gives the exit code."""
    monkeypatch.setattr(sys, "argv", ["coach", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_files_name_says_the_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert coach(monkeypatch, "export", "flow.npz", "--out", "flow.TRC", "--json") == 0
    assert (tmp_path / "flow.TRC").read_text().startswith("PathFileType\t4\t(X/Y/Z)\tflow.trc")
    said = capsys.readouterr()
    assert json.loads(said.out) == {"out": "flow.TRC", "format": "trc", "frames": 18, "seen": 18}
    assert "18 of 18 frames" in said.err


def test_a_routine_is_exported_by_its_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert coach(monkeypatch, "export", "demo", "--out", "d.txt", "--format", "json") == 0
    said = json.loads((tmp_path / "d.txt").read_text())
    assert said["title"]
    assert said["frames"][0]["present"]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["flow.npz", "--out", "flow.fbx"], "no export as 'fbx'"),
        (["flow.npz", "--out", "flow"], "does not say which format"),
        (["flow.npz", "--out", "no/such/a.csv"], "no folder no/such"),
        (["nope", "--out", "a.csv"], "no routine called 'nope'"),
        (["nope.npz", "--out", "a.csv"], "nope.npz cannot be read as a track"),
    ],
)
def test_what_the_user_can_mend(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert coach(monkeypatch, "export", *arguments) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert {entry.name for entry in tmp_path.iterdir()} <= {"flow.npz", "data"}
