"""When cues are raised, spoken, repeated, and let be."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from coach_server.body.angles import Angle
from coach_server.coaching.choices import Language
from coach_server.coaching.cue import CueEvent, CueState
from coach_server.coaching.cues import PERSISTENCE_S, SPOKEN_EVERY_S, CueEngine, HeldPose
from coach_server.coaching.deviation import Deviation
from coach_server.coaching.memory import IN_VAIN, LEARNT_AFTER, REPEAT_AFTER_S, UNHEEDED

pytestmark = pytest.mark.unit

FPS = 30.0
POSE = HeldPose(0, 0, np.zeros(17, np.float32), np.ones(17, np.float32))
BAND = np.full(17, 15.0, np.float32)
SEEN = np.ones(17, bool)


def off(**degrees: float) -> Deviation:
    """A comparison in which these angles are off."""
    found = np.zeros(17, np.float32)
    for name, value in degrees.items():
        found[Angle[name.upper()]] = value
    return Deviation(found, BAND, SEEN, ~SEEN)


class Practice:
    """Frames of one engine, one after the other."""

    def __init__(self) -> None:
        self.engine = CueEngine()
        self.t = 0.0

    def hold(self, seconds: float, found: Deviation, pose: HeldPose = POSE) -> list[CueEvent]:
        return list(self._frames(seconds, found, pose))

    def _frames(self, seconds: float, found: Deviation, pose: HeldPose) -> Iterator[CueEvent]:
        for _ in range(round(seconds * FPS)):
            self.t += 1 / FPS
            yield from self.engine.update(self.t, self.t, pose, found, may_raise=True)


ELBOW = off(left_elbow_flexion=30.0)
FINE = off()


def test_a_deviation_is_named_when_it_has_lasted() -> None:
    practice = Practice()
    assert practice.hold(PERSISTENCE_S - 0.1, ELBOW) == []
    assert [cue.joint for cue in practice.hold(0.3, ELBOW)] == ["elbow"]


def test_a_wobble_about_the_band_does_not_begin_anew() -> None:
    """Within the hysteresis it still lasts; below it, it starts again."""
    outside = off(left_elbow_flexion=17.0)
    near, below = off(left_elbow_flexion=13.0), off(left_elbow_flexion=9.0)
    practice = Practice()
    practice.hold(0.3, outside)
    practice.hold(0.1, near)
    assert practice.hold(0.25, outside)
    again = Practice()
    again.hold(0.3, outside)
    again.hold(0.1, below)
    assert again.hold(0.25, outside) == []


def test_who_slowly_moves_on_is_not_corrected() -> None:
    """An arm that rises by 25 degrees a second is on its way; it is named where it stays."""
    practice = Practice()
    for i in range(60):
        assert practice.hold(1 / FPS, off(left_shoulder_elevation=-60.0 + 25.0 * i / FPS)) == []
    (cue,) = practice.hold(1.0, off(left_shoulder_elevation=-30.0))
    assert cue.direction == "raise"


def test_the_core_is_named_before_limbs() -> None:
    both = off(left_elbow_flexion=60.0, trunk_side=20.0)
    (cue,) = Practice().hold(1.0, both)
    assert cue.joint == "trunk"


def test_of_limbs_alike_the_one_that_makes_the_pose_is_named_first() -> None:
    importance = np.ones(17, np.float32)
    importance[Angle.LEFT_KNEE_FLEXION] = 0.5
    (cue,) = Practice().hold(
        1.0,
        off(left_knee_flexion=32.0, right_knee_flexion=-30.0),
        replace(POSE, importance=importance),
    )
    assert cue.side == "right"


def test_the_same_is_not_said_again_at_once() -> None:
    practice = Practice()
    raised = practice.hold(REPEAT_AFTER_S - 1, ELBOW)
    assert len(raised) == 1
    other = replace(POSE, hold=1, alike=1)
    assert practice.hold(0.9, ELBOW, other) == []
    assert len(practice.hold(3.0, ELBOW, other)) == 1


def test_spoken_cues_keep_their_distance_and_the_rest_is_shown() -> None:
    practice = Practice()
    poses = [replace(POSE, hold=i, alike=i) for i in range(8)]
    faults = [off(left_elbow_flexion=30.0), off(right_knee_flexion=30.0), off(trunk_side=30.0)]
    raised = [
        cue for i, pose in enumerate(poses) for cue in practice.hold(2.0, faults[i % 3], pose)
    ]
    spoken = [cue.t for cue in raised if cue.spoken]
    assert len(raised) > len(spoken) > 1
    assert min(np.diff(spoken)) >= SPOKEN_EVERY_S - 1e-6


def test_what_is_mended_is_praised_in_the_chosen_language() -> None:
    practice = Practice()
    practice.engine.language = Language.GERMAN
    (raised,) = practice.hold(1.0, ELBOW)
    (fixed,) = practice.hold(1.0, FINE)
    assert (fixed.state, fixed.id, fixed.spoken) == (CueState.FIXED, raised.id, raised.spoken)
    assert fixed.text != raised.text
    assert "Arm" in raised.text


def test_what_was_mended_twice_is_shown_and_no_longer_said() -> None:
    practice = Practice()
    spoken = []
    for i in range(LEARNT_AFTER + 1):
        pose = replace(POSE, hold=i, alike=i)
        (raised,) = practice.hold(1.5, ELBOW, pose)
        spoken.append(raised.spoken)
        practice.hold(REPEAT_AFTER_S, FINE, pose)
    assert spoken == [True] * LEARNT_AFTER + [False]


def test_what_changes_nothing_in_a_pose_is_let_be_there() -> None:
    practice = Practice()
    barely, plainly = off(left_elbow_flexion=17.0), off(left_elbow_flexion=30.0)

    def visit(number: int, found: Deviation, alike: int = 0) -> int:
        raised = practice.hold(11.0, found, replace(POSE, hold=number, alike=alike))
        return len(raised)

    assert visit(0, barely) == 1
    assert visit(1, barely) == 0  # said once in this pose, in vain: only what is plainer is said
    assert visit(2, plainly) == 1
    assert [visit(3 + i, plainly) for i in range(UNHEEDED)] == [0, 0]
    assert visit(9, off(left_knee_flexion=17.0)) == 1  # something else is another matter


def test_what_is_said_in_vain_everywhere_is_not_said_any_more() -> None:
    practice = Practice()
    poses = [replace(POSE, hold=i, alike=i) for i in range(IN_VAIN + 2)]
    raised = [len(practice.hold(11.0, ELBOW, pose)) for pose in poses]
    assert raised == [1] * IN_VAIN + [0, 0]


def test_who_mends_it_once_is_told_again() -> None:
    practice = Practice()
    for i in range(IN_VAIN - 1):
        practice.hold(11.0, ELBOW, replace(POSE, hold=i, alike=i))
    mended = replace(POSE, hold=50, alike=50)
    practice.hold(1.5, ELBOW, mended)
    practice.hold(11.0, FINE, mended)
    assert len(practice.hold(2.0, ELBOW, replace(POSE, hold=51, alike=51))) == 1


def test_a_cue_lapses_with_its_hold_and_is_not_called_fixed() -> None:
    practice = Practice()
    practice.hold(1.0, ELBOW)
    assert practice.hold(2.0, FINE, replace(POSE, hold=1)) == []


def test_the_pose_is_named_in_the_first_cue_of_a_hold() -> None:
    practice = Practice()
    named = replace(POSE, name="Goddess")
    (first,) = practice.hold(1.0, off(trunk_side=30.0), named)
    practice.hold(1.0, FINE, named)
    (second,) = practice.hold(1.0, ELBOW, named)
    assert first.text.startswith("Goddess")
    assert "Goddess" not in second.text


def test_nothing_unjudged_is_mended() -> None:
    practice = Practice()
    practice.hold(1.0, ELBOW)
    hidden = replace(FINE, judged=~SEEN)
    assert practice.hold(2.0, hidden) == []
