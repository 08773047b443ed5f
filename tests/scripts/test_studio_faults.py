"""The fault catalogue, on the skeleton."""

import numpy as np
import pytest

from coach_server.body.angles import Angle
from coach_server.coaching.corrections import CORRECTIONS, correction
from coach_server.errors import InputError
from scripts.studio.asanas import ASANAS
from scripts.studio.casts import CASTS
from scripts.studio.faults import (
    CATALOGUE,
    KINDS,
    UNPAIRED,
    Fault,
    angles_of,
    cue_direction,
    place_wrong,
)
from scripts.studio.footwork import place
from scripts.studio.performance import MENDING_S, Manner, Performance
from scripts.studio.posing import Poser
from scripts.studio.routine import DEMO
from scripts.studio.truth import film_truth

pytestmark = pytest.mark.unit

POSE_OF = {
    "elbow_flexion": "goddess",
    "knee_flexion": "goddess",
    "hip_flexion": "mountain",
    "hip_abduction": "mountain",
    "shoulder_elevation": "star",
    "shoulder_plane": "star",
    "trunk_forward": "star",
    "trunk_side": "star",
    "trunk_twist": "warrior_two_left",
    "neck_forward": "mountain",
    "neck_side": "half_squat",
}
"""A pose in which the angle can be off by thirty degrees either way."""
ALL = [name for name in KINDS if name.endswith(("_more", "_less"))]


def test_there_is_a_fault_for_every_angle_a_coach_can_cue_and_either_sign() -> None:
    covered = set()
    for name in ALL:
        kind = KINDS[name]
        sides = (0,) if kind.angle in UNPAIRED else (0, 1)
        covered |= {(Fault(0, name, side, 10.0).angle, kind.sign) for side in sides}
    assert covered == {(angle, sign) for angle in CORRECTIONS for sign in (1, -1)}


@pytest.mark.parametrize("name", ALL)
def test_fault_asks_for_what_the_coach_would_say(name: str) -> None:
    kind = KINDS[name]
    for reference in (0.0, 90.0):
        fault = Fault(0, name, 0, 10.0)
        joint, side, direction = correction(fault.angle, kind.sign * 10.0, reference)
        assert [kind.joint, fault.side_name] == [joint.value, side.value]
        assert cue_direction(fault, reference) == direction.value


@pytest.mark.parametrize("degrees", [10.0, 15.0, 20.0, 30.0])
@pytest.mark.parametrize("name", ALL)
def test_fault_is_as_large_as_asked(poser: Poser, name: str, degrees: float) -> None:
    asana = ASANAS[POSE_OF[name[:-5]]]
    right = angles_of(poser, place(poser, asana))
    for side in (0,) if KINDS[name].angle in UNPAIRED else (0, 1):
        fault = Fault(0, name, side, degrees)
        placed, off = place_wrong(poser, asana, fault, None)
        told = angles_of(poser, placed)[fault.angle] - right[fault.angle]
        assert told == pytest.approx(KINDS[name].sign * degrees, abs=0.5)
        assert off[fault.angle] == pytest.approx(told, abs=1e-3)
        assert placed.planted, "somebody who stands still stands on a foot"
        for foot in placed.planted:
            assert placed.ankles[foot, 1] == pytest.approx(poser.ankle_m, abs=2e-3)


@pytest.mark.parametrize("name", ["elbow_flexion_more", "shoulder_plane_more", "trunk_twist_less"])
@pytest.mark.parametrize("pose", ["star", "warrior_two_left", "standing_twist_left"])
def test_a_fault_of_the_upper_body_leaves_the_legs_alone(
    poser: Poser, name: str, pose: str
) -> None:
    _, off = place_wrong(poser, ASANAS[pose], Fault(0, name, 0, 20.0), None)
    assert np.abs(off[Angle.LEFT_KNEE_FLEXION : Angle.LEFT_SHOULDER_ELEVATION]).max() < 1.0


@pytest.mark.parametrize("pose", ["plank", "table", "boat", "legs_up", "downward_dog"])
def test_a_fault_on_the_floor_is_exact_and_through_nothing(poser: Poser, pose: str) -> None:
    placed, off = place_wrong(poser, ASANAS[pose], Fault(0, "knee_flexion_more", 1, 15.0), None)
    assert off[Angle.RIGHT_KNEE_FLEXION] == pytest.approx(15.0, abs=0.5)
    points = poser.figure.vertices
    rig = poser.figure.rig
    posed = poser.pose(placed.stance, placed.pelvis)
    skin = poser.skin(posed, points, rig.bones_of, rig.weights)
    assert skin[:, 1].min() == pytest.approx(0.0, abs=1e-6)


def test_what_nobody_can_do_is_refused(poser: Poser) -> None:
    with pytest.raises(InputError, match="Mountain pose: left_knee_flexion") as caught:
        place_wrong(poser, ASANAS["mountain"], Fault(0, "knee_flexion_less", 0, 20.0), None)
    assert "other sign" in caught.value.hint


def test_fault_begins_and_is_mended_when_asked(poser: Poser) -> None:
    fault = Fault(2, "elbow_flexion_more", 1, 20.0, onset_s=1.0, mended_s=4.0)
    performance = Performance(poser, DEMO, Manner(seed=3, faults=(fault,), sway=0.0))
    held = performance.held[2]
    right = angles_of(poser, held.placed)[fault.angle]

    def off(into_s: float) -> float:
        placed = performance.at(held.span.start_s + into_s)
        return float(angles_of(poser, placed)[fault.angle] - right)

    assert off(0.5) == pytest.approx(0.0, abs=0.5)
    assert 2.0 < off(1.0 + MENDING_S / 2) < 18.0
    assert off(1.0 + MENDING_S) == pytest.approx(20.0, abs=0.5)
    assert off(3.9) == pytest.approx(20.0, abs=0.5)
    assert off(4.0 + MENDING_S) == pytest.approx(0.0, abs=0.5)
    known = film_truth(performance, DEMO, CASTS["instructor"].camera)["faults"][0]
    assert known["start"] == pytest.approx(held.span.start_s + 1.0 + MENDING_S, abs=1e-3)
    assert known["end"] == pytest.approx(held.span.start_s + 4.0, abs=1e-3)
    assert [known["joint"], known["side"], known["direction"]] == ["elbow", "right", "straighten"]


def test_catalogue_has_each_angle_once() -> None:
    angles = [angle for angle, *_ in CATALOGUE]
    assert len(angles) == len(set(angles)) == 11
