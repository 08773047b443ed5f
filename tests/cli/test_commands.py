"""Commands end in 0, 1 or 2, with one line that says what, why and the way out."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from support.films import ScriptedEngines, write_film
from support.stick_figure import ARMS_OUT, Limbs, track_of

from coach_server.cli import app, films
from coach_server.errors import InputError
from coach_server.inference.machine import this_machine
from coach_server.library.routine_file import Level
from coach_server.library.store import RoutineLibrary
from coach_server.settings import Settings, load_settings

pytestmark = pytest.mark.unit

POSES: list[tuple[Limbs, float, float]] = [(Limbs(), 0.0, 2.0), (ARMS_OUT, 1.5, 3.0)]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COACH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COACH_CACHE", str(tmp_path / "cache"))
    yield
    structlog.reset_defaults()  # the command line sends logs to a stderr that is gone by now


def coach(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run the command line in this process; gives the exit code."""
    monkeypatch.setattr(sys, "argv", ["coach", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> ScriptedEngines:
    """Commands that read films see a figure doing `POSES`."""
    engines = ScriptedEngines(track_of(POSES))
    monkeypatch.setattr(films, "load_engines", lambda *_names: engines)
    monkeypatch.setattr(films, "install_demo", lambda _library: None)
    return engines


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["replay", "nope", "a.mp4", "--out", "cues.jsonl"], "no routine called 'nope'"),
        (["track", "a.mp4", "--out", "no/such/folder/t.npz"], "no folder no/such/folder"),
        (["track", "missing.mp4", "--out", "t.npz"], "no file missing.mp4"),
        (["prepare", "missing.mp4"], "no file missing.mp4"),
        (["prepare", "a.mp4", "--level", "hard"], "'beginner'"),
        (["serve", "--config", "missing.toml"], "missing.toml cannot be read"),
        (["serve", "--host", "0.0.0.0", "--port", "0"], "refuses to listen"),
        (["track"], "Missing argument"),
        (["replay", "x", "y.mp4", "--out", "z", "--mirror", "no"], "'mirrored'"),
        (["nonsense"], "nonsense"),
    ],
)
@pytest.mark.usefixtures("scripted")
def test_what_the_user_can_mend_is_one_line_and_exit_2(
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert coach(monkeypatch, *arguments) == 2
    captured = capsys.readouterr()
    (line,) = [line for line in captured.err.splitlines() if line.startswith("coach: ")]
    assert said in line
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_a_fault_of_ours_is_exit_1_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    film = write_film(tmp_path / "a.mp4", 3)

    def broken(*_names: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(films, "load_engines", broken)
    assert coach(monkeypatch, "track", film, "--out", "t.npz") == 1
    assert "COACH_DEBUG=1" in capsys.readouterr().err


def test_prepare_then_replay(
    scripted: ScriptedEngines,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    film = write_film(tmp_path / "flow.mp4", len(scripted.joints))
    named = ("--title", "Morning flow", "--level", "advanced")
    assert coach(monkeypatch, "prepare", film, *named) == 0
    routine_id = capsys.readouterr().out.splitlines()[-1]
    library = RoutineLibrary.of(load_settings().data)
    assert library.open(routine_id).meta.level is Level.ADVANCED
    assert routine_id.startswith("morning-flow-")
    out = tmp_path / "cues.jsonl"
    assert coach(monkeypatch, "replay", routine_id, film, "--out", out) == 0
    assert out.read_text() == ""
    low = track_of([POSES[0], (ARMS_OUT.but(shoulder=(50.0, 90.0)), 1.5, 3.0)])
    scripted.joints = low.joints
    assert coach(monkeypatch, "replay", routine_id, film, "--out", out) == 0
    first = out.read_bytes()
    assert b'"direction": "raise"' in first
    assert coach(monkeypatch, "replay", routine_id, film, "--out", out) == 0
    assert out.read_bytes() == first


def test_settings_file_environment_flags_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "coach.toml"
    config.write_text('port = 1\nmax_sessions = 2\nhost = "::1"\n')
    monkeypatch.setenv("COACH_MAX_SESSIONS", "3")
    settings = load_settings(config, host="127.0.0.1")
    assert (settings.port, settings.max_sessions, settings.host) == (1, 3, "127.0.0.1")


@pytest.mark.parametrize("text", ["port = 99999", "prot = 1", "port = [", "max_sessions = 0"])
def test_a_setting_that_does_not_fit_is_named(tmp_path: Path, text: str) -> None:
    config = tmp_path / "coach.toml"
    config.write_text(text)
    with pytest.raises(InputError) as caught:
        load_settings(config)
    name = text.split()[0]
    assert name in caught.value.message or "cannot be read" in caught.value.message


@pytest.mark.parametrize("command", [["engines", "list"], ["doctor"], ["track", "a", "--out", "b"]])
def test_a_variable_that_does_not_fit_is_exit_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    monkeypatch.setenv("COACH_DEVICE", "abacus")
    assert coach(monkeypatch, *command) == 2
    assert "device" in capsys.readouterr().err


@pytest.mark.usefixtures("scripted")
def test_a_result_that_has_nowhere_to_go_is_found_out_before_the_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(films, "load_engines", lambda *_names: pytest.fail("worked first"))
    assert coach(monkeypatch, "track", "a.mp4", "--out", "/proc/track.npz") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_engines_list_names_the_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert coach(monkeypatch, "engines", "list") == 0
    listed = capsys.readouterr().out
    assert Settings().keypoints in listed
    assert Settings().lifter in listed


def test_doctor_names_what_is_not_writable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert coach(monkeypatch, "doctor") == 0
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COACH_DATA", str(tmp_path / "file" / "data"))
    assert coach(monkeypatch, "doctor") == 2
    assert "COACH_DATA" in capsys.readouterr().out


def test_doctor_has_a_gpu_mended_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if this_machine().gpus:
        pytest.skip("there is a GPU here")
    monkeypatch.setenv("COACH_DEVICE", "cuda")
    assert coach(monkeypatch, "doctor") == 2
    said = capsys.readouterr().out
    assert "MEND  gpu" in said
    assert "run: " in said
