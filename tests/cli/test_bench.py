"""Benchmarks: their figures as a table and as JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coach_server.cli.app import app
from coach_server.errors import EngineError, InputError
from scripts.bench import lifter
from scripts.lifter_scores import speed
from scripts.lifter_scores.sightings import Sighting, sightings

pytestmark = pytest.mark.engine

FEW = ("fault-000", "still-mountain", "routine-mixed_dev_1", "routine-mixed_val_1")


def few(pack: str) -> list[Sighting]:
    return [trial for trial in sightings(pack) if trial.name.startswith(FEW)]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few trials and few calls."""
    monkeypatch.setattr(lifter, "sightings", few)
    monkeypatch.setattr(lifter, "SPEED_FRAMES", 40)
    monkeypatch.setattr(speed, "CALLS", 20)
    monkeypatch.setattr(speed, "ROUNDS", 1)
    monkeypatch.setattr("scripts.lifter_scores.captured.WINDOWS", 20)
    monkeypatch.setattr("scripts.lifter_scores.captured.AT_ONCE", 10)


@pytest.mark.usefixtures("quick")
def test_lifters_are_judged_beside_what_they_replace(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    result = CliRunner().invoke(app, ["bench", "lifter", "--json", str(file)])
    assert result.exit_code == 0, result.output
    known = json.loads(file.read_text())
    sources = known["sources"]
    assert {"BlazePose world", "blazepose-world", known["lifter"]} <= set(sources)
    for scores in sources.values():
        assert 0 < scores["accuracy"]["pmpjpe_mm"] < 150
        assert scores["sensitivity"]["faults"] == 3
    ours = sources[known["lifter"]]
    assert 0 < ours["calibration"]["axes"]["z"]["within"] <= 1
    # exact keypoints can only help
    exact = sources[f"{known['lifter']}, true limbs"]
    assert exact["accuracy"]["pmpjpe_mm"] < ours["accuracy"]["pmpjpe_mm"]
    assert known["exactness"]["largest_difference_m"] < 1e-5
    assert f"| {known['lifter']} |" in result.stdout
    assert "32 students" in result.stdout


def test_another_lifter_that_is_not_there_is_said() -> None:
    result = CliRunner().invoke(app, ["bench", "lifter", "--lifter", "nobody"])
    assert isinstance(result.exception, EngineError)
    assert "no lifter model called 'nobody'" in str(result.exception)


def test_cues_are_judged_beside_other_ways_to_compare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scripts.cue_scores.routines.LASTS_S", 60.0)
    file = tmp_path / "figures.json"
    asked = ["bench", "cues", "--quick", "--tier", "T0", "--json", str(file)]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    known = json.loads(file.read_text())
    coach = known["tiers"]["T0"]
    assert coach["recall"]["all"]["of"] > 0
    assert coach["minutes"] > 1
    for name, rival in coach["rivals"].items():
        assert f" {name} |" in result.stdout
        assert rival["recall"]["all"]["of"] == coach["recall"]["all"]["of"]
    # the first system's way, each frame against the player's, is what the coach is there to beat
    false = coach["rivals"]["zero lag"]["perfect"]["false_per_min"]["value"]
    assert coach["perfect"]["false_per_min"]["value"] < false / 10
    assert "| recall at 20 degrees | >= .97 |" in result.stdout


def test_a_tier_that_is_not_there_is_said() -> None:
    result = CliRunner().invoke(app, ["bench", "cues", "--tier", "T9"])
    assert isinstance(result.exception, InputError)
    assert "There is no T9" in str(result.exception)
