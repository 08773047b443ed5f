"""What a practice is reviewed by: its score, each joint over time, and its worst moments."""

import json
from typing import Any

import numpy as np
import pytest
from support.practised import Practising, cue, off_by, plan
from support.stick_figure import ARMS_OUT, WARRIOR, Limbs, joints_of, pose_of

from coach_server.body.angles import Angle
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.report.practice import PracticeReport
from coach_server.coaching.report.summing_up import MOST_MOMENTS, sum_up
from coach_server.coaching.silence import Silence
from coach_server.pipeline.student import FrameResult
from coach_server.sessions.session_report import count_in

pytestmark = pytest.mark.unit

KNEE, TWIST, HIP = Angle.LEFT_KNEE_FLEXION, Angle.TRUNK_TWIST, Angle.LEFT_HIP_ABDUCTION
STANDING, ARMS, LUNGE = (joints_of(limbs) for limbs in (Limbs(), ARMS_OUT, WARRIOR))


def as_json(report: PracticeReport) -> Any:
    return json.loads(json.dumps(sum_up(report).as_dict(), allow_nan=False))


def test_a_score_is_the_mean_of_all_poses_that_the_film_held() -> None:
    report = PracticeReport(plan=plan("Mountain", "Warrior", "Tree"))
    student = Practising(report)
    student.go_on(5.0, hold=0, off={KNEE: 9.0})  # all of it within tolerance
    student.go_on(5.0)
    student.go_on(2.0, hold=1, off={KNEE: 30.0})
    student.go_on(5.0)
    student.go_on(6.0, hold=1)  # three quarters of two stays of different lengths
    student.go_on(10.0, silence=Silence.NO_PERSON)  # the tree is never reached
    student.go_on(1.0)
    assert sum_up(report).score == pytest.approx(100 * (1.0 + 0.75 + 0.0) / 3, abs=2)


@pytest.mark.parametrize(("off", "score"), [(0.0, 100), (30.0, 0)])
def test_the_ends_of_the_scale(off: float, score: int) -> None:
    report = PracticeReport(plan=plan("Mountain"))
    student = Practising(report)
    student.go_on(8.0, hold=0, off={KNEE: off})
    student.go_on(1.0)
    assert as_json(report)["score"] == score


def test_of_too_little_there_is_no_score() -> None:
    report = PracticeReport(plan=plan("Mountain"))
    assert sum_up(report).score is None
    Practising(report).go_on(3.0, hold=0)
    assert as_json(report)["score"] is None


def test_the_timeline_has_a_column_for_each_joint() -> None:
    report = PracticeReport(plan=plan("Warrior"))
    student = Practising(report)
    student.go_on(3.0, hold=0, off={KNEE: -25.0, HIP: 15.0, TWIST: 5.0})
    student.go_on(3.0)
    timeline = as_json(report)["timeline"]
    assert set(timeline["joints"]) == {
        *("left_elbow", "right_elbow", "left_knee", "right_knee", "left_hip", "right_hip"),
        *("left_shoulder", "right_shoulder", "trunk", "neck"),
    }
    assert {len(column) for column in timeline["joints"].values()} == {len(timeline["t"])}
    held, moving = timeline["t"].index(1.5), timeline["t"].index(4.5)
    at = {name: column[held] for name, column in timeline["joints"].items()}
    assert at.pop("left_knee") == timeline["excess"][held] == 2.5
    assert at.pop("left_hip") == 1.5  # though the knee explains it
    assert at.pop("trunk") == 0.5
    assert set(at.values()) == {0.0}
    assert {column[moving] for column in timeline["joints"].values()} == {None}


def test_a_joint_that_is_not_seen_is_unknown_and_not_right() -> None:
    report = PracticeReport(plan=plan("Warrior"))
    measured = off_by({TWIST: 5.0})
    measured.judged[[KNEE, Angle.NECK_SIDE]] = False
    for frame in range(20):
        report.add(
            frame / 10, routine_t=0.0, lag_s=0.0, hold=0, measured=measured, cues=(),
            silence=None, player_t=0.0, runs=True,
        )  # fmt: skip
    columns = as_json(report)["timeline"]["joints"]
    assert set(columns["left_knee"]) == {None}
    assert set(columns["right_knee"]) == {0.0}
    assert set(columns["neck"]) == {0.0}  # its lean forward is seen


def test_the_worst_moments_keep_the_student_as_they_stood() -> None:
    report = PracticeReport("Morning", plan("Mountain", "Warrior", "Tree"))
    student = Practising(report)
    student.go_on(5.0, hold=0, off={TWIST: 9.0}, joints=STANDING)
    student.go_on(5.0)
    student.go_on(2.0, hold=1, off={KNEE: -12.0}, joints=STANDING)
    worst = {KNEE: -25.0, HIP: 30.0, TWIST: 12.0}
    student.go_on(1.0, hold=1, off=worst, joints=LUNGE, mirrored=True)
    student.go_on(2.0, hold=1, off={KNEE: -12.0}, joints=STANDING)
    student.go_on(5.0)
    student.go_on(4.0, hold=2, off={TWIST: 11.0}, joints=ARMS)
    student.go_on(1.0)
    warrior, tree = as_json(report)["moments"]  # the mountain was within tolerance throughout
    assert np.array(warrior.pop("joints")) == pytest.approx(LUNGE, abs=6e-4)
    assert 12.0 <= warrior.pop("t") <= 13.0
    assert 11.5 <= warrior.pop("routine_t") <= 12.6
    assert warrior == {
        "sequence": 2,
        "pose": "Warrior",
        "angle": "left_knee_flexion",
        "name": "left knee",
        "text": "left knee bent 25° too little",
        "deviation_deg": -25.0,
        "band_deg": 10.0,
        "joints_names": ["left_knee", "trunk"],
        "mirrored": True,
    }
    assert (tree["sequence"], tree["mirrored"], tree["joints_names"]) == (3, False, ["trunk"])
    assert np.array(tree["joints"]) == pytest.approx(ARMS, abs=6e-4)


def test_there_are_not_too_many_moments_and_the_worst_are_first() -> None:
    report = PracticeReport(plan=plan(*"ABCDEFGHI"))
    student = Practising(report)
    for hold, off in enumerate([12.0, 30.0, 5.0, 14.0, 40.0, 16.0, 18.0, 20.0, 11.0]):
        student.go_on(4.0, hold=hold, off={KNEE: off}, joints=STANDING)
        student.go_on(6.0)
    summary = sum_up(report)
    assert len(summary.moments) == MOST_MOMENTS
    assert [moment.pose for moment in summary.moments] == ["E", "B", "H", "G", "F", "D"]


def test_without_joints_there_are_no_moments() -> None:
    report = PracticeReport(plan=plan("Tree"))
    Practising(report).go_on(6.0, hold=0, off={KNEE: 30.0}, cues=[cue(1, 6.0)])
    assert sum_up(report).moments == ()
    broken = PracticeReport(plan=plan("Tree"))
    nowhere = np.full((17, 3), np.nan, np.float32)
    Practising(broken).go_on(6.0, hold=0, off={KNEE: 30.0}, joints=nowhere)
    assert as_json(broken)["moments"] == []


def test_a_live_frame_brings_its_pose_along() -> None:
    report = PracticeReport(plan=plan("Tree"))
    clock = PlayerClock(t=0.0, playing=True, rate=1.0, at_s=0.0, end_s=60.0)
    for frame in range(90):
        t = frame / 10
        result = FrameResult(
            t=t, keypoints=None, pose=pose_of(LUNGE), routine_t=t, lag_s=0.0, deviations={},
            cues=(), silence=None, hold=0, measured=off_by({KNEE: 20.0}), mirrored=True,
        )  # fmt: skip
        count_in(report, result, clock)
    (moment,) = sum_up(report).moments
    assert moment.mirrored
    assert np.array(moment.joints) == pytest.approx(LUNGE, abs=6e-4)
