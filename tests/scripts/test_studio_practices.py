"""Practices: who follows whom, with which faults, and which of them a camera can see."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach_server.body.skeleton import Coco, H36m
from coach_server.inference.blazepose.detector import BlazePose
from coach_server.inference.engines import Engines
from scripts.studio.draws import split_of
from scripts.studio.practices.practice import FAULT_DEG, ONE_IN, YAW_DEG, practices, with_faults
from scripts.studio.practices.shooting import shoot
from scripts.studio.routine import Routine
from scripts.studio.sets import SetName
from scripts.studio.sight import can_be_seen
from scripts.studio.visibility import HIDDEN, VISIBLE

pytestmark = pytest.mark.engine

SPLITS: tuple[SetName, ...] = ("dev", "val")


@pytest.mark.parametrize("split", SPLITS)
def test_everybody_is_somebody_else_and_of_their_set(split: SetName) -> None:
    people = practices(split)
    assert len({one.name for one in people}) == len(people)
    assert len({one.casting.shape for one in people}) == len(people)
    assert {split_of(one.casting.shape) for one in people} == {split}
    instructors = [one for one in people if one.role == "instructor"]
    assert {one.key for one in instructors} == {one.key for one in people}
    assert all(one.casting.camera.yaw_deg == 0 for one in instructors)
    assert all(one.casting.manner.lag_s == 0 for one in instructors)
    students = [one for one in people if one.role != "instructor"]
    assert 0 < max(abs(one.casting.camera.yaw_deg) for one in students) <= YAW_DEG
    assert all(one.casting.manner.tempo == 1 for one in students)


def test_faults_are_of_one_size_and_the_same_each_time(body_folder: Path) -> None:
    (plain,) = (one for one in practices("val") if one.name == "mixed_val_1.faults_1")
    one, again = (with_faults(plain, "val", body_folder) for _ in range(2))
    faults = one.casting.manner.faults
    assert one == again
    assert {fault.degrees for fault in faults} == {FAULT_DEG}
    assert 1 < len(faults) <= len(one.routine.beats) // ONE_IN
    assert min(np.diff([fault.beat for fault in faults])) > 1  # never in two poses running
    (right,) = (one for one in practices("val") if one.name == "mixed_val_1.right_1")
    assert with_faults(right, "val", body_folder) is right


def test_a_practice_is_shot_with_its_truth(engines: Engines, body_folder: Path) -> None:
    (plain,) = (one for one in practices("val") if one.name == "squat_and_lunge.faults_1")
    faulty = with_faults(plain, "val", body_folder)
    first = min(fault.beat for fault in faulty.casting.manner.faults)
    beats = faulty.routine.beats[first - 1 : first + 1]
    short = Routine("short", (replace(beats[0], move_s=0.0, hold_s=0.4), beats[1]))
    manner = faulty.casting.manner
    fault = replace(manner.faults[0], beat=1, onset_s=None, mended_s=None)
    casting = replace(faulty.casting, manner=replace(manner, faults=(fault,)))
    detector = engines.new_detector()
    assert isinstance(detector, BlazePose)
    shot = shoot(replace(faulty, routine=short, casting=casting), detector, body_folder)
    truth = shot.take["truth"]
    assert [hold["pose"] for hold in truth["holds"]] == [beat.pose for beat in beats]
    assert len(truth["faults"]) == 1
    assert isinstance(truth["faults"][0]["seen"], bool)
    assert abs(truth["faults"][0]["deviation_deg"]) == pytest.approx(FAULT_DEG, abs=0.6)
    assert shot.found.mean() > 0.9


def test_a_change_is_seen_where_a_joint_in_sight_moves() -> None:
    before = np.zeros((17, 3))
    before[:, 2] = 3.0
    before[H36m.RIGHT_KNEE, 1] = before[H36m.LEFT_KNEE, 1] = 0.4
    before[H36m.RIGHT_ANKLE, 1] = before[H36m.LEFT_ANKLE, 1] = 0.8
    before[[H36m.THORAX, H36m.NECK, H36m.HEAD], 1] = (-0.5, -0.6, -0.8)
    flags = np.full((2, 17), VISIBLE, np.uint8)
    aside, deeper, still = before.copy(), before.copy(), before.copy()
    aside[H36m.LEFT_ANKLE, 0] += 0.05
    deeper[H36m.LEFT_ANKLE, 2] += 0.06
    still[H36m.LEFT_ANKLE, 0] += 0.02
    assert can_be_seen(before, aside, flags, 500.0)
    assert can_be_seen(before, deeper, flags, 500.0)
    assert not can_be_seen(before, still, flags, 500.0)
    flags[1, Coco.LEFT_ANKLE] = HIDDEN
    assert not can_be_seen(before, aside, flags, 500.0)
