import numpy as np
import pytest

from coach_server.body.angles import Angle
from scripts.studio.asanas import ASANAS
from scripts.studio.casts import CASTS, FAULTY_STUDENT
from scripts.studio.faults import KINDS, Fault, angles_of, place_wrong
from scripts.studio.footwork import lay, place
from scripts.studio.joint_limits import beyond_limits
from scripts.studio.passage import between
from scripts.studio.performance import Manner, Performance
from scripts.studio.posing import Poser
from scripts.studio.routine import DEMO

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("pose", ASANAS)
def test_asana_as_written_is_within_what_joints_can_do(poser: Poser, pose: str) -> None:
    asana = ASANAS[pose]
    placed = place(poser, asana, place(poser, ASANAS["mountain"]))
    if asana.rests_on:  # how it settles is a matter of the body: see test_studio_figure
        placed = lay(poser, asana.stance, asana)
    assert beyond_limits(angles_of(poser, placed)) == []


@pytest.mark.parametrize("pose", ASANAS)
def test_planted_feet_stand_on_the_floor(poser: Poser, pose: str) -> None:
    placed = place(poser, ASANAS[pose], place(poser, ASANAS["mountain"]))
    for side in placed.planted:
        assert placed.ankles[side, 1] == pytest.approx(poser.ankle_m, abs=2e-3)
        posed = poser.pose(placed.stance, placed.pelvis)
        bone = poser.figure.rig.index("foot" + (".L", ".R")[side])
        assert posed.heads[bone] == pytest.approx(placed.ankles[side], abs=1e-6)


@pytest.mark.parametrize("degrees", [10.0, 20.0, 28.0])
@pytest.mark.parametrize(
    ("kind", "pose", "side"),
    [
        ("arm_low", "star", 0),
        ("arm_low", "star", 1),
        ("elbow_bent", "side_bend_left", 0),
        ("elbow_bent", "upward_salute", 1),
        ("knee_straight", "goddess", 0),
        ("knee_straight", "goddess", 1),
        ("knee_straight", "warrior_two_left", 0),
    ],
)
def test_fault_is_as_large_as_asked_and_alone(
    poser: Poser, kind: str, pose: str, side: int, degrees: float
) -> None:
    fault = Fault(beat=0, kind=kind, side=side, degrees=degrees)
    placed, off = place_wrong(poser, ASANAS[pose], fault, None)
    assert off[fault.angle] == pytest.approx(KINDS[kind].sign * degrees, abs=0.5)
    assert np.abs(np.delete(off, fault.angle)).max() <= max(0.35 * degrees, 3.0)
    for foot in placed.planted:
        assert placed.ankles[foot, 1] == pytest.approx(poser.ankle_m, abs=2e-3)


@pytest.mark.parametrize("degrees", [10.0, 25.0])
def test_a_trunk_that_leans_too_little_takes_the_limbs_with_it(
    poser: Poser, degrees: float
) -> None:
    fault = Fault(beat=0, kind="lean_short", side=0, degrees=degrees)
    _, off = place_wrong(poser, ASANAS["side_bend_left"], fault, None)
    assert off[Angle.TRUNK_SIDE] == pytest.approx(-degrees, abs=0.5)
    assert np.abs(off[[Angle.LEFT_KNEE_FLEXION, Angle.LEFT_ELBOW_FLEXION]]).max() < 1.0


def test_a_foot_that_stays_does_not_slide_on_the_way(poser: Poser) -> None:
    side_bend, tree = ASANAS["side_bend_left"], ASANAS["tree_left"]
    start = place(poser, side_bend)
    end = place(poser, tree, start)
    for share in np.linspace(0, 1, 7):
        ankles = between(poser, start, end, float(share)).ankles
        assert ankles[1] == pytest.approx(start.ankles[1], abs=1e-3)


def test_moving_is_smooth(poser: Poser) -> None:
    performance = Performance(poser, DEMO, FAULTY_STUDENT.manner)
    times = np.arange(0.0, performance.end_s, 1 / 15)
    hands = []
    for t in times:
        placed = performance.at(float(t))
        posed = poser.pose(placed.stance, placed.pelvis)
        hands.append(posed.heads[[poser.figure.rig.index(b) for b in ("wrist.L", "foot.R")]])
    steps = np.linalg.norm(np.diff(np.array(hands), axis=0), axis=2)
    assert steps.max() < 0.20, "nothing jumps: 3 m/s at the most"


def test_same_seed_same_movement_and_another_seed_another(poser: Poser) -> None:
    first, again = (Performance(poser, DEMO, Manner(seed=5, lag_s=0.7)) for _ in range(2))
    other = Performance(poser, DEMO, Manner(seed=6, lag_s=0.7))
    at = [p.at(13.0).stance.chest for p in (first, again, other)]
    assert np.array_equal(at[0], at[1])
    assert not np.allclose(at[0], at[2], atol=1e-6)


def test_right_student_is_within_three_degrees_in_the_holds(poser: Poser) -> None:
    instructor = Performance(poser, DEMO, CASTS["instructor"].manner)
    student = Performance(poser, DEMO, CASTS["student_right"].manner)
    shown = [a for a in Angle if a not in {Angle.LEFT_SHOULDER_PLANE, Angle.RIGHT_SHOULDER_PLANE}]
    for theirs, own in zip(instructor.held, student.held, strict=True):
        lag = own.span.start_s - theirs.span.start_s
        assert 0.0 <= lag <= 1.0
        middle = (own.span.start_s + own.span.end_s) / 2
        off = angles_of(poser, student.at(middle)) - angles_of(poser, instructor.at(middle - lag))
        assert np.abs(off[shown]).max() < 3.0


def test_faults_of_the_demo_are_four_in_four_holds_and_last_three_seconds(poser: Poser) -> None:
    held = [h for h in Performance(poser, DEMO, FAULTY_STUDENT.manner).held if h.fault]
    assert len(held) == 4
    assert len({h.fault.angle for h in held if h.fault}) == 4
    for hold in held:
        until = hold.mended_at_s or hold.span.end_s
        assert until - hold.span.start_s >= 3.0
    assert sum(h.mended_at_s is not None for h in held) == 1
