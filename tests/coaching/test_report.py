"""The report of a practice, on streams of deviations made by hand."""

import json

import numpy as np
import pytest
from support.practised import BAND_DEG, Practising, cue, plan

from coach_server.body.angles import Angle
from coach_server.coaching.corrections import JUDGED_JOINTS
from coach_server.coaching.cue import CueState, Side
from coach_server.coaching.report.names import name_of, off_by, part_of
from coach_server.coaching.report.practice import MAX_CUES, MAX_VISITS, PracticeReport
from coach_server.coaching.report.reasons import REASONS
from coach_server.coaching.report.summary import Summary, Verdict
from coach_server.coaching.report.summing_up import sum_up
from coach_server.coaching.report.timeline import Row, TimelineBuilder, unknown_joints
from coach_server.coaching.silence import Silence

pytestmark = pytest.mark.unit

KNEE, OTHER_KNEE, TWIST = Angle.LEFT_KNEE_FLEXION, Angle.RIGHT_KNEE_FLEXION, Angle.TRUNK_TWIST


def three_poses() -> Summary:
    """Two poses judged with a pause between, the third never taken up; all numbers are known."""
    report = PracticeReport("Morning", plan("Mountain", "Warrior II, left", "Tree"))
    student = Practising(report)
    student.go_on(2.0, silence=Silence.PAUSED, runs=False)
    student.go_on(4.0, hold=0, off={TWIST: 4.0})
    student.go_on(3.0)
    student.go_on(2.0, silence=Silence.PAUSED, runs=False)
    student.go_on(3.0, hold=1, off={KNEE: -25.0}, cues=[cue(1, 14.0, deviation_deg=-25.0)])
    student.lag_s = 1.0
    student.go_on(2.0, hold=1, off={KNEE: -5.0}, cues=[cue(1, 16.0, state=CueState.FIXED)])
    student.go_on(8.0, silence=Silence.NO_PERSON)
    student.go_on(1.0)
    return sum_up(report)


def test_where_the_time_went() -> None:
    summary = three_poses()
    assert summary.verdict is Verdict.JUDGED
    # the frame with which the film began to run stands for no time yet
    assert summary.film_s == pytest.approx(20.9)
    assert summary.judged_s == pytest.approx(8.9)
    assert summary.judged_share == pytest.approx(8.9 / 20.9)
    assert summary.stood_s == pytest.approx(2.0)
    assert summary.silent_s == pytest.approx({"no_person": 8.0, "moving": 4.0})
    assert summary.began_t == pytest.approx(2.1)


def test_each_pose_has_its_row() -> None:
    mountain, warrior, tree = three_poses().sequences
    assert (mountain.name, mountain.reached, mountain.judged_s) == ("Mountain", True, 4.0)
    assert (mountain.within, mountain.raised, mountain.mended) == (1.0, 0, 0)
    assert mountain.excess == pytest.approx(0.4)
    assert warrior.name == "Warrior II, left"
    assert warrior.judged_s == pytest.approx(5.0)
    assert warrior.worst is not None
    assert warrior.worst.angle is KNEE
    assert warrior.worst.degrees == pytest.approx(-25.0)
    assert warrior.worst.band == pytest.approx(BAND_DEG)
    assert warrior.within == pytest.approx(0.4, abs=0.05)
    assert warrior.excess == pytest.approx(0.6 * 2.5 + 0.4 * 0.5, abs=0.1)
    assert (warrior.raised, warrior.mended) == (1, 1)
    assert warrior.lag_s == pytest.approx(0.7, abs=0.02)
    assert (tree.name, tree.reached, tree.judged_s, tree.worst) == ("Tree", False, 0.0, None)
    assert [each.number for each in (mountain, warrior, tree)] == [1, 2, 3]


def test_the_whole_practice() -> None:
    summary = three_poses()
    assert (summary.passed, summary.reached) == (3, 2)
    assert summary.best is summary.sequences[0]
    assert summary.worst is summary.sequences[1]
    assert summary.lag is not None
    assert (summary.lag.lower_s, summary.lag.median_s, summary.lag.upper_s) == pytest.approx(
        (0.5, 0.5, 0.6)
    )
    assert [(step.kind, step.text) for step in summary.steps] == [
        ("pose", "Come into “Tree” and keep still there"),
        ("view", "Stand where the camera sees you"),
    ]
    json.dumps(summary.as_dict(), allow_nan=False)


def test_the_timeline_tells_the_worst_joint_of_each_half_second() -> None:
    timeline = three_poses().timeline
    assert timeline.slot_s == 0.5
    assert (np.diff(timeline.t) >= 0.5).all()
    off = timeline.angle == KNEE
    assert timeline.excess[off].max() == pytest.approx(2.5)
    assert timeline.degrees[off].min() == pytest.approx(-25.0)
    assert 11.0 <= timeline.t[off].min() <= timeline.t[off].max() <= 16.0
    moving = (timeline.t >= 6.5) & (timeline.t < 8.5)
    assert moving.any()
    assert np.isnan(timeline.excess[moving]).all()
    assert timeline.lag_s[moving] == pytest.approx(0.5)


def test_one_frame_that_is_misread_is_not_the_worst() -> None:
    report = PracticeReport(plan=plan("Tree"))
    student = Practising(report)
    student.go_on(2.0, hold=0, off={KNEE: 8.0})
    student.go_on(0.1, hold=0, off={TWIST: 30.0})
    student.go_on(2.0, hold=0, off={KNEE: 8.0})
    (tree,) = sum_up(report).sequences
    assert tree.worst is not None
    assert tree.worst.angle is KNEE


def test_what_a_knee_explains_is_not_named() -> None:
    report = PracticeReport(plan=plan("Warrior"))
    Practising(report).go_on(3.0, hold=0, off={KNEE: -15.0, Angle.LEFT_HIP_ABDUCTION: 30.0})
    (warrior,) = sum_up(report).sequences
    assert warrior.worst is not None
    assert (warrior.worst.angle, warrior.worst.degrees) == (KNEE, -15.0)


def test_a_wobble_does_not_part_a_stay_but_a_second_visit_is_a_row() -> None:
    report = PracticeReport(plan=plan("Tree", "Chair"))
    student = Practising(report)
    student.go_on(2.0, hold=0)
    student.go_on(1.0)
    student.go_on(0.2, hold=1)  # taken for the next pose for a moment
    student.go_on(2.0, hold=0)
    student.go_on(3.0)
    student.go_on(2.0, hold=1)
    student.go_on(6.0)
    student.go_on(2.0, hold=0)
    rows = [(row.name, row.visit, round(row.judged_s)) for row in sum_up(report).sequences]
    assert rows == [("Tree", 1, 4), ("Chair", 1, 2), ("Tree", 2, 2)]


def test_a_pose_touched_for_less_than_a_second_is_not_reached() -> None:
    report = PracticeReport(plan=plan("Tree", "Chair"))
    student = Practising(report)
    student.go_on(8.0, hold=0)
    student.go_on(0.8, hold=1)
    summary = sum_up(report)
    assert [row.reached for row in summary.sequences] == [True, False]
    assert (summary.passed, summary.reached) == (2, 1)


def test_a_pose_that_the_film_only_began_is_not_held_against_anyone() -> None:
    report = PracticeReport(plan=plan("Tree", "Chair"))
    student = Practising(report)
    student.go_on(9.0, hold=0)
    student.go_on(2.5)  # the film ends a second and a half into the chair
    assert [row.name for row in sum_up(report).sequences] == ["Tree"]


@pytest.mark.parametrize(
    ("lefts", "rights", "worse"),
    [
        ([20.0, 22.0, 18.0], [12.0, 10.0, 11.0], KNEE),
        ([12.0, 10.0, 11.0], [-20.0, -22.0, -18.0], OTHER_KNEE),
        ([20.0, 22.0], [10.0, 10.0], None),  # in too few poses
        ([12.0, 12.0, 12.0], [10.0, 10.0, 10.0], None),  # by too little
        ([40.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], None),  # in one pose only
        ([30.0, 30.0, 30.0, 0.0, 0.0], [0.0, 0.0, 0.0, 20.0, 20.0], None),  # now this, now that
        ([30.0, 30.0, 30.0, 0.0, 0.0, 0.0], [0.0] * 6, KNEE),  # never the other way round
    ],
)
def test_a_side_that_lags_behind(
    lefts: list[float], rights: list[float], worse: Angle | None
) -> None:
    report = PracticeReport(plan=plan(*"ABCDEF"))
    student = Practising(report)
    for hold, (left, right) in enumerate(zip(lefts, rights, strict=True)):
        student.go_on(4.0, hold=hold, off={KNEE: left, OTHER_KNEE: right})
        student.go_on(1.0)
    summary = sum_up(report)
    (knees,) = [each for each in summary.balance if each.left is KNEE]
    beyond = [max(abs(left) - BAND_DEG, 0) for left in lefts]
    other = [max(abs(right) - BAND_DEG, 0) for right in rights]
    assert knees.left_deg == pytest.approx(np.mean(beyond), abs=0.05)
    assert knees.right_deg == pytest.approx(np.mean(other), abs=0.05)
    assert knees.is_real is (worse is not None)
    assert [step.text for step in summary.steps if step.kind == "side"] == (
        [] if worse is None else [f"Give your {part_of(worse)} more care than the other side"]
    )


def test_what_is_next_goes_by_how_often_and_how_far() -> None:
    report = PracticeReport(plan=plan("A", "B", "C", "D", "E"))
    student = Practising(report)
    student.go_on(4.0, hold=0, cues=[cue(1, 4.0, side=Side.RIGHT, deviation_deg=-45.0)])
    student.go_on(4.0, hold=1, cues=[cue(2, 8.0, side=Side.LEFT)])
    student.go_on(4.0, hold=2, cues=[cue(3, 12.0, side=Side.LEFT, deviation_deg=-31.0)])
    student.go_on(3.0, hold=3, cues=[cue(4, 15.0, side=Side.BOTH)])
    student.go_on(3.0, hold=3, cues=[cue(4, 18.0, side=Side.BOTH, state=CueState.FIXED)])
    summary = sum_up(report)
    assert [step.text for step in summary.steps] == [
        "Bend your left knee more",
        "Bend your right knee more",
    ]
    assert summary.steps[0].why == "Said twice in “B” and “C”, not mended yet; off by up to 31°."
    assert summary.steps[1].why == "Said once in “A”, not mended yet; off by 45°."
    assert [(each.raised, each.mended) for each in summary.corrections] == [(2, 0), (1, 0), (1, 1)]
    assert len(summary.cues) == 5


def test_where_too_little_was_judged_only_the_reason_is_told() -> None:
    report = PracticeReport(plan=plan("Tree", "Chair"))
    student = Practising(report)
    student.go_on(2.0, hold=0, off={KNEE: 30.0}, cues=[cue(1, 2.0)])
    student.go_on(18.0, silence=Silence.OUT_OF_FRAME)
    summary = sum_up(report)
    assert summary.verdict is Verdict.TOO_LITTLE
    assert [step.text for step in summary.steps] == [
        "Step back until your whole body is in the picture"
    ]
    assert (summary.best, summary.worst) == (None, None)


def test_a_practice_whose_film_never_ran() -> None:
    report = PracticeReport(plan=plan("Tree"))
    Practising(report).go_on(60.0, hold=0, silence=Silence.PAUSED, runs=False)
    summary = sum_up(report)
    assert summary.verdict is Verdict.NOT_BEGUN
    assert (summary.film_s, summary.stood_s, summary.sequences, summary.steps) == (0.0, 0.0, (), ())
    assert len(summary.timeline.t) == 0
    json.dumps(summary.as_dict(), allow_nan=False)


def test_a_line_that_was_down_is_no_practice() -> None:
    report = PracticeReport(plan=plan("Tree"))
    student = Practising(report)
    student.go_on(2.0, hold=0)
    student.frame += 6000  # ten minutes
    student.go_on(2.0, hold=0)
    assert sum_up(report).film_s == pytest.approx(4.8)  # the gap counts as one second


def test_hours_stay_within_bounds_and_what_is_dropped_is_counted() -> None:
    report = PracticeReport(plan=plan(*(str(i) for i in range(700)), every_s=2.0, held_s=1.0))
    student = Practising(report)
    for hold in range(MAX_VISITS + 50):
        student.go_on(1.0, hold=hold, off={KNEE: float(hold % 7)})
        student.go_on(1.0)
    summary = sum_up(report)
    assert len(summary.sequences) == MAX_VISITS
    assert summary.sequences_dropped == 50
    assert len(summary.timeline.t) <= 2000
    assert summary.timeline.slot_s == 1.0
    assert summary.timeline.joints.shape == (len(summary.timeline.t), len(JUDGED_JOINTS))
    for number in range(MAX_CUES + 3):
        report.add(
            student.t, routine_t=0, lag_s=0, hold=-1, measured=None, silence=None,
            player_t=0, runs=True, cues=[cue(number, student.t)],
        )  # fmt: skip
    summary = sum_up(report)
    assert (len(summary.cues), summary.cues_dropped) == (MAX_CUES, 3)
    assert summary.corrections[0].raised == MAX_CUES + 3


def test_a_full_timeline_keeps_the_worst_and_the_mean_lag() -> None:
    builder = TimelineBuilder(max_rows=8)
    for i in range(9):
        builder.add(i * 0.5, Row(excess=1.0 + i, angle=i, degrees=10.0 * i, lag_s=i, weight=0.5))
    rows = builder.rows()
    assert rows.slot_s == 1.0
    assert rows.t.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert rows.excess.tolist() == [2.0, 4.0, 6.0, 8.0, 9.0]
    assert rows.angle.tolist() == [1, 3, 5, 7, 8]
    assert rows.degrees.tolist() == [10.0, 30.0, 50.0, 70.0, 80.0]
    assert rows.lag_s.tolist() == [0.5, 2.5, 4.5, 6.5, 8.0]


def test_a_full_timeline_keeps_the_worst_of_each_joint() -> None:
    builder = TimelineBuilder(max_rows=2)
    for i in range(4):
        joints = unknown_joints()
        joints[0], joints[i] = 1.0 + i, 5.0 - i
        builder.add(i * 0.5, Row(excess=5.0, angle=0, degrees=1.0, joints=joints))
    rows = builder.rows()
    assert rows.joints[:, :4] == pytest.approx(
        np.array([[5.0, 4.0, np.nan, np.nan], [4.0, np.nan, 3.0, 2.0]]), nan_ok=True
    )


def test_rows_far_apart_keep_the_bound_too() -> None:
    builder = TimelineBuilder(max_rows=4)
    for i in range(40):
        builder.add(i * 1000.0, Row(lag_s=1.0, weight=0.5))
    assert len(builder.rows().t) <= 4


def test_every_angle_and_every_silence_has_words() -> None:
    names = [name_of(angle) for angle in Angle]
    assert len(set(names)) == len(Angle)
    assert all("_" not in name for name in names)
    assert off_by(KNEE, -18.4) == "left knee bent 18° too little"
    assert off_by(Angle.RIGHT_SHOULDER_ELEVATION, 12.6) == "right arm 13° too high"
    assert off_by(Angle.TRUNK_TWIST, -9.0) == "trunk turned 9° too far to the right"
    for angle in Angle:
        assert off_by(angle, 5.0) != off_by(angle, -5.0)
    assert set(REASONS) == set(Silence)
