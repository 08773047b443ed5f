"""Trials: what lifters are judged by, drawn with a seed and kept in few bytes."""

from pathlib import Path

import numpy as np
import pytest

from coach_server.errors import InputError
from coach_server.inference.blazepose.detector import BlazePose
from coach_server.inference.engines import Engines
from scripts import shoot_trials
from scripts.lifter_scores.sightings import of_kind, sightings
from scripts.studio.asanas import ASANAS
from scripts.studio.draws import split_of
from scripts.studio.faults import KINDS
from scripts.studio.sets import SetName
from scripts.studio.training import record
from scripts.studio.trials import packing
from scripts.studio.trials.shooting import shoot_fault
from scripts.studio.trials.trial import (
    ALWAYS,
    FAULTS_OF,
    FPS,
    HOLD_S,
    LONGEST_HOLD_S,
    RIGHT_S,
    VIEWS_DEG,
    fault_trial,
    routine_trials,
    still_trials,
)

pytestmark = pytest.mark.engine

SPLITS: tuple[SetName, ...] = ("dev", "val")


@pytest.mark.parametrize("split", SPLITS)
def test_routines_are_shortened_and_by_people_of_their_set(split: SetName) -> None:
    trials = routine_trials(split)
    assert len({trial.name for trial in trials}) == len(trials) == 6
    for trial in trials:
        assert split_of(trial.casting.shape) == split
        assert max(beat.hold_s for beat in trial.routine.beats) <= LONGEST_HOLD_S
        assert trial.casting.manner.lag_s == 0


def test_who_is_still_does_not_sway() -> None:
    assert all(trial.casting.manner.sway == 0 for trial in still_trials("val"))


def test_a_fault_is_drawn_alike_each_time_and_seen_from_all_sides(body_folder: Path) -> None:
    trial, again = (fault_trial("val", 5, body_folder) for _ in range(2))
    assert trial == again
    assert trial.fault.kind in KINDS
    assert split_of(trial.student.shape) == split_of(trial.instructor.shape) == "val"
    assert trial.student.shape != trial.instructor.shape
    cameras = [trial.seen_from(view).camera for view in VIEWS_DEG]
    assert [abs(camera.yaw_deg) for camera in cameras] == list(VIEWS_DEG)
    assert len({camera.distance_m for camera in cameras}) == 1


def test_every_set_has_the_shallow_chair(body_folder: Path) -> None:
    for number, (pose, kind, side) in enumerate(ALWAYS):
        trial = fault_trial("dev", number, body_folder)
        assert (trial.pose, trial.fault.kind, trial.fault.side) == (pose, kind, side)


def test_a_trial_holds_what_it_says(
    body_folder: Path, engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = engines.new_detector()
    assert isinstance(detector, BlazePose)
    shots = shoot_fault(fault_trial("val", 0, body_folder), detector, body_folder)
    name, shot = next(shots)  # one view will do
    assert shot.take["angle"] == "LEFT_KNEE_FLEXION"
    assert len(shot.found) == round(HOLD_S * FPS)
    assert shot.found.mean() > 0.9
    record.write(tmp_path / f"{name}.npz", shot)
    monkeypatch.setattr(packing, "PACKS", tmp_path / "packs")
    packed = packing.pack(tmp_path)
    (known,) = sightings(packed.stem)
    assert known.kind == "fault"
    assert set(known.groups) == {ASANAS["chair"].group}
    before, after = round(RIGHT_S * FPS) - 1, round(HOLD_S * FPS) - 1
    knee = np.linalg.norm(known.joints[after] - known.joints[before], axis=-1)
    assert knee.max() > 0.05
    assert len(known.take["visibility"]) == 2


def test_what_is_shot_is_not_shot_again(tmp_path: Path) -> None:
    every = shoot_trials.missing("val", tmp_path, ("",))
    assert len(every) == FAULTS_OF["val"] + 6 + 6
    (tmp_path / "fault-003.done").touch()
    left = shoot_trials.missing("val", tmp_path, ("fault",))
    assert ("fault-003", 3) not in left
    assert len(left) == FAULTS_OF["val"] - 1


def test_a_pack_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="no trials nobody"):
        list(packing.records("nobody"))


def test_the_pack_of_val_is_whole() -> None:
    trials = sightings("blazepose-full-val")
    assert len(of_kind(trials, "routine")) == len(of_kind(trials, "still")) == 6
    faults = of_kind(trials, "fault")
    assert len(faults) > 0.9 * FAULTS_OF["val"] * len(VIEWS_DEG)
    assert len(of_kind(trials, "instructor")) == len(faults) / len(VIEWS_DEG)
    for trial in trials:
        assert np.isfinite(trial.joints).all()
        assert trial.found.mean() > 0.5
