"""The scores of the coach: each figure must come out of made-up cues and faults, and can be bad."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coach_server.body.angles import Angle
from coach_server.coaching.cue import CueEvent, CueState, Direction, Joint, Side
from scripts.cue_scores.faults import Fault
from scripts.cue_scores.hiding import Hidden
from scripts.cue_scores.intervals import rate, share
from scripts.cue_scores.rule import decided
from scripts.cue_scores.scoring import Cue, Verdict, cues_of, judged
from scripts.cue_scores.tally import Tally

pytestmark = pytest.mark.unit

BENT = Fault(
    angle=Angle.LEFT_KNEE_FLEXION,
    degrees=20.0,
    joint=Joint.KNEE,
    side=Side.LEFT,
    direction=Direction.STRAIGHTEN,
    start=10.0,
    arrived=11.0,
    end=16.0,
)
MENDED = replace(BENT, end=14.7, mended=14.7)
SMALL = replace(BENT, degrees=10.0)
SAID = Cue(11.6, Joint.KNEE, Side.LEFT, Direction.STRAIGHTEN)


def verdicts(cues: list[Cue], *faults: Fault) -> list[Verdict]:
    return [one.verdict for one in judged(cues, faults)]


def figures(cues: list[Cue], *faults: Fault, seconds: float = 60.0) -> dict[str, Any]:
    tally = Tally()
    tally.add(cues, faults, seconds)
    return tally.figures()


def test_a_cue_is_right_that_fits_in_joint_side_direction_and_time() -> None:
    assert verdicts([SAID], BENT) == [Verdict.RIGHT]
    for wrong in (
        replace(SAID, joint=Joint.ELBOW),
        replace(SAID, side=Side.RIGHT),
        replace(SAID, direction=Direction.BEND),
        replace(SAID, t=9.9),
        replace(SAID, t=16.6),
    ):
        assert verdicts([wrong], BENT) == [Verdict.FALSE]
    assert verdicts([replace(SAID, side=Side.BOTH)], BENT) == [Verdict.RIGHT]
    assert verdicts([replace(SAID, t=16.4)], BENT) == [Verdict.RIGHT]


def test_both_sides_are_not_the_middle() -> None:
    trunk = replace(BENT, joint=Joint.TRUNK, side=Side.CENTER, direction=Direction.BACK)
    said = replace(SAID, joint=Joint.TRUNK, side=Side.BOTH, direction=Direction.BACK)
    assert verdicts([said], trunk) == [Verdict.FALSE]


def test_a_raised_leg_may_be_told_either_word() -> None:
    lifted = replace(BENT, joint=Joint.HIP, direction=Direction.LOWER)
    said = replace(SAID, joint=Joint.HIP, direction=Direction.BACK)
    assert verdicts([said], lifted) == [Verdict.RIGHT]
    assert verdicts([replace(said, direction=Direction.FORWARD)], lifted) == [Verdict.FALSE]
    arm = replace(lifted, joint=Joint.SHOULDER)
    assert verdicts([replace(said, joint=Joint.SHOULDER)], arm) == [Verdict.FALSE]


def test_what_is_said_again_is_neither_right_nor_false() -> None:
    again = replace(SAID, t=15.0)
    assert verdicts([SAID, again], BENT) == [Verdict.RIGHT, Verdict.REPEATED]
    assert figures([SAID, again], BENT)["precision"]["of"] == 1


def test_small_faults_and_those_unseen_are_neither_missed_nor_false() -> None:
    for fault in (SMALL, replace(BENT, seen=False)):
        assert verdicts([SAID], fault) == [Verdict.NEUTRAL]
        assert figures([], fault)["recall"] == {}
        assert verdicts([replace(SAID, direction=Direction.BEND)], fault) == [Verdict.FALSE]
    assert figures([], replace(BENT, seen=False))["cannot_be_seen"]["value"] == 1.0
    assert figures([], BENT)["recall"]["all"]["value"] == 0.0


def test_what_a_fault_takes_along_may_be_named() -> None:
    along = replace(BENT, also={Angle.LEFT_HIP_ABDUCTION: 9.0})
    said = Cue(12.0, Joint.HIP, Side.LEFT, Direction.IN)
    assert verdicts([said], along) == [Verdict.NEUTRAL]
    assert verdicts([said], BENT) == [Verdict.FALSE]
    assert verdicts([replace(said, direction=Direction.OUT)], along) == [Verdict.FALSE]
    little = replace(BENT, also={Angle.LEFT_HIP_ABDUCTION: 7.0})
    assert verdicts([said], little) == [Verdict.FALSE]


def test_recall_by_size_and_precision() -> None:
    big = replace(BENT, degrees=-30.0, direction=Direction.BEND, start=30, arrived=31, end=36)
    wrong = Cue(50.0, Joint.ELBOW, Side.LEFT, Direction.BEND)
    found = figures([SAID, wrong], BENT, big)
    assert found["recall"]["20"]["value"] == 1.0
    assert found["recall"]["30"]["value"] == 0.0
    assert found["recall"]["angle knee_flexion"]["count"] == 1
    assert found["precision"]["value"] == 0.5
    assert found["f1"] == 0.5


def test_the_sign_and_the_joint_are_judged_apart() -> None:
    wrong_way = replace(SAID, direction=Direction.BEND)
    wrong_side = replace(SAID, t=12.0, side=Side.RIGHT)
    found = figures([wrong_way, wrong_side], BENT)
    assert (found["sign_right"]["count"], found["sign_right"]["of"]) == (0, 1)
    joint = found["joint_and_side_right"]
    assert (joint["count"], joint["of"]) == (1, 2)
    # who cannot tell the direction is not judged by it
    assert figures([replace(SAID, direction=None)], BENT)["sign_right"]["of"] == 0
    # outside of faults there is no joint to be right about
    assert figures([replace(SAID, t=40.0)], BENT)["joint_and_side_right"]["of"] == 0


def test_false_cues_are_counted_by_the_minute_aloud_and_in_all() -> None:
    found = figures([SAID, replace(SAID, t=20.0, spoken=False)], seconds=120.0)
    assert found["false_per_min"]["value"] == 1.0
    assert found["false_spoken_per_min"]["value"] == 0.5
    assert found["false_of"] == {"knee straighten": 2}


def test_the_delay_counts_from_the_pose() -> None:
    found = figures([SAID], BENT)["delay_s"]
    assert found["median"] == pytest.approx(0.6)
    assert found["count"] == 1


def test_the_temporal_score_asks_for_the_moment() -> None:
    assert figures([SAID], BENT)["tf"] == 1.0
    late = replace(SAID, t=13.2)
    assert figures([late], BENT)["recall"]["all"]["value"] == 1.0
    assert figures([late], BENT)["tf"] == 0.0
    assert figures([replace(SAID, t=13.0)], BENT)["tf"] == 1.0
    assert figures([SAID, replace(SAID, t=40.0)], BENT)["tf"] == pytest.approx(2 / 3)


def test_praise_is_due_when_it_is_mended_and_not_before() -> None:
    def fixed(at: float | None, fault: Fault) -> dict[str, Any]:
        return figures([replace(SAID, fixed_t=at)], fault)

    assert fixed(15.5, MENDED)["acknowledged"]["value"] == 1.0
    assert fixed(16.3, MENDED)["acknowledged"]["value"] == 0.0
    assert fixed(None, MENDED)["acknowledged"]["value"] == 0.0
    assert fixed(15.5, MENDED)["praised_wrongly"]["value"] == 0.0
    assert fixed(12.5, MENDED)["praised_wrongly"]["value"] == 1.0
    assert fixed(13.0, BENT)["praised_wrongly"]["value"] == 1.0
    assert fixed(13.0, BENT)["acknowledged"]["of"] == 0
    # nobody was corrected who is told after having begun to mend it
    late = figures([replace(SAID, t=14.5, fixed_t=15.0)], MENDED)
    assert late["acknowledged"]["of"] == 0


def test_spoken_cues_keep_their_distance() -> None:
    near = [SAID, replace(SAID, t=SAID.t + 5.9), replace(SAID, t=SAID.t + 12.0)]
    assert figures(near)["spoken_too_close"] == 1
    silent = [SAID, replace(SAID, t=SAID.t + 1, spoken=False), replace(SAID, t=SAID.t + 6.0)]
    assert figures(silent)["spoken_too_close"] == 0


def test_hidden_joints_must_not_be_named() -> None:
    hidden = Hidden(11.0, 12.0, (Joint.KNEE, Joint.HIP), Side.LEFT)
    for cue, count in (
        (SAID, 1),
        (replace(SAID, side=Side.BOTH), 1),
        (replace(SAID, side=Side.RIGHT), 0),
        (replace(SAID, t=12.5), 0),
        (replace(SAID, joint=Joint.ELBOW), 0),
    ):
        tally = Tally()
        tally.add([cue], [], 60.0, [hidden])
        assert tally.figures()["on_hidden_joints"] == count


def test_events_of_one_cue_are_one_cue() -> None:
    raised = CueEvent(
        id=3,
        t=11.6,
        routine_t=11.0,
        joint=Joint.KNEE,
        side=Side.LEFT,
        direction=Direction.STRAIGHTEN,
        deviation_deg=20.0,
        text="",
        state=CueState.RAISED,
        spoken=True,
    )
    other = replace(raised, id=4, t=13.0)
    fixed = replace(raised, t=14.0, state=CueState.FIXED)
    assert cues_of([raised, other, fixed]) == [replace(SAID, fixed_t=14.0), replace(SAID, t=13.0)]


def test_intervals_are_wilsons_and_poissons() -> None:
    of = share(8, 10)
    assert (of["low"], of["high"]) == pytest.approx((0.4902, 0.9433), abs=1e-3)
    assert share(0, 0)["value"] is None
    assert share(10, 10)["high"] == pytest.approx(1.0)
    none, three = rate(0, 30.0), rate(3, 30.0)
    assert none["high"] == pytest.approx(3.689 / 30, abs=1e-3)
    assert (three["low"], three["high"]) == pytest.approx((0.6187 / 30, 8.767 / 30), abs=1e-3)
    assert rate(1, 0.0)["value"] is None


def test_the_plain_rule_asks_for_half_a_second_and_repeats_after_ten() -> None:
    t = np.arange(0, 30, 0.1)
    off = np.zeros((len(t), 1))
    off[(t > 1) & (t < 1.4)] = 20.0
    off[(t > 5) & (t < 18)] = 20.0
    runs = np.ones(len(t), np.bool_)

    def tell(_frame: int, _column: int) -> tuple[Joint, Side, Direction]:
        return SAID.joint, SAID.side, Direction.STRAIGHTEN

    cues = decided(t, off, runs, tell)
    assert [cue.t for cue in cues] == pytest.approx([5.6, 15.6], abs=0.15)
    assert cues[1].fixed_t == pytest.approx(18.0, abs=0.15)
    assert decided(t, off * 0.7, runs, tell) == []
    assert decided(t, off, ~runs, tell) == []
    # between the band and where it is left nothing begins, and nothing ends
    off[(t > 7) & (t < 17)] = 12.0
    assert [cue.t for cue in decided(t, off, runs, tell)] == pytest.approx([5.6, 15.6], abs=0.15)
