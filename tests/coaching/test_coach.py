"""The coach on exact joints: faults are named, a right student is left in peace."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.practice import FPS, POSES, ROUTINE, Student, events, practise, with_fault
from support.stick_figure import ARMS_OUT, ARMS_UP, WARRIOR, Limbs, joints_of, keypoints_of, pose_of

from coach_server.body.angles import Angle
from coach_server.body.pose import Pose
from coach_server.coaching.anomalies import Anomaly
from coach_server.coaching.choices import Choices, Tempo
from coach_server.coaching.coach import Coach
from coach_server.coaching.cue import CueEvent, CueState
from coach_server.coaching.cues import CueEngine, HeldPose
from coach_server.coaching.deviation import Deviation, Strictness
from coach_server.coaching.routine import Mirror
from coach_server.coaching.silence import Silence

pytestmark = pytest.mark.unit

ANY_POSE = HeldPose(0, 0, np.zeros(17, np.float32), np.ones(17, np.float32))


@given(
    st.builds(
        Student,
        lag_s=st.floats(0.0, 2.5),
        yaw_deg=st.floats(-30, 30),
        scale=st.floats(0.8, 1.2),
        jitter_m=st.sampled_from([0.0, 0.004]),
    )
)
@settings(max_examples=6, deadline=None)
def test_a_right_student_hears_nothing(student: Student) -> None:
    heard = practise(POSES, student)
    assert events(heard) == []
    judged = sum(judgement.silence is None for judgement in heard)
    assert judged > 0.4 * len(heard)  # silent because right, not because blind


@pytest.mark.parametrize("lag_s", [0.0, 0.7, 1.8])
@pytest.mark.parametrize(
    ("index", "fault", "expected"),
    [
        (1, ARMS_OUT.but(shoulder=(60.0, 90.0)), ("shoulder", "left", "raise")),
        (1, ARMS_OUT.but(shoulder=(90.0, 122.0)), ("shoulder", "right", "lower")),
        (1, ARMS_OUT.but(elbow=(5.0, 50.0)), ("elbow", "right", "straighten")),
        (1, ARMS_OUT.but(trunk_side=-22.0), ("trunk", "center", "lean_left")),
        (2, WARRIOR.but(knee=(40.0, 5.0)), ("knee", "left", "bend")),
        (2, WARRIOR.but(knee=(70.0, 40.0)), ("knee", "right", "straighten")),
        (3, ARMS_UP.but(shoulder=(130.0, 130.0)), ("shoulder", "both", "raise")),
    ],
)
def test_a_fault_is_named_with_its_side_and_direction(
    index: int, fault: Limbs, expected: tuple[str, str, str], lag_s: float
) -> None:
    raised = events(practise(with_fault(index, fault), Student(lag_s=lag_s)))
    assert [(e.joint, e.side, e.direction) for e in raised] == [expected]
    hold = ROUTINE.holds[index]
    assert hold.start_s + lag_s < raised[0].t < hold.start_s + lag_s + 2.2
    assert hold.start_s <= raised[0].routine_t <= hold.end_s


def test_a_mended_fault_is_acknowledged_once() -> None:
    bad, good = ARMS_OUT.but(shoulder=(55.0, 90.0)), ARMS_OUT
    poses = [POSES[0], (bad, 1.5, 2.0), (good, 0.5, 2.5), *POSES[2:]]
    raised, fixed = events(practise(poses))
    assert (raised.state, fixed.state) == (CueState.RAISED, CueState.FIXED)
    assert raised.id == fixed.id
    assert abs(fixed.deviation_deg) < abs(raised.deviation_deg)
    assert fixed.t > raised.t


def test_a_fault_shorter_than_the_persistence_is_let_pass() -> None:
    bad = ARMS_OUT.but(shoulder=(55.0, 90.0))
    poses = [POSES[0], (bad, 1.5, 0.3), (ARMS_OUT, 0.3, 4.4), *POSES[2:]]
    assert events(practise(poses)) == []


def test_one_moment_over_the_band_is_no_deviation_that_lasts() -> None:
    engine = CueEngine()
    limit = np.full(17, 15.0, np.float32)
    judged = np.ones(17, bool)
    raised: list[CueEvent] = []
    for i in range(60):
        degrees = np.zeros(17, np.float32)
        degrees[Angle.LEFT_ELBOW_FLEXION] = 16.0 if i == 0 else 12.0
        found = Deviation(degrees, limit, judged, ~judged)
        raised += engine.update(i / FPS, 1.0, ANY_POSE, found, may_raise=True)
    assert raised == []


def test_two_good_frames_far_apart_do_not_mend_a_fault() -> None:
    engine = CueEngine()
    limit = np.full(17, 15.0, np.float32)
    judged = np.ones(17, bool)

    def at(t: float, degrees: float) -> tuple[CueEvent, ...]:
        off = np.zeros(17, np.float32)
        off[Angle.LEFT_ELBOW_FLEXION] = degrees
        return engine.update(t, t, ANY_POSE, Deviation(off, limit, judged, ~judged), may_raise=True)

    assert [event for i in range(30) for event in at(i / FPS, 30.0)]
    assert at(1.1, 0.0) == ()
    engine.interrupt(1.2)
    assert at(3.0, 0.0) == ()
    assert [event.state for event in at(3.4, 0.0)] == [CueState.FIXED]


def test_strictness_decides_what_is_said() -> None:
    poses = with_fault(1, ARMS_OUT.but(shoulder=(70.0, 90.0)))
    heard = {level: len(events(practise(poses, choices=Choices(level)))) for level in Strictness}
    assert heard == {Strictness.GENTLE: 0, Strictness.DEFAULT: 1, Strictness.STRICT: 1}


def test_a_student_in_the_mirror_is_judged_by_the_mirrored_reference() -> None:
    image, mirrored = Student(mirrored=True), Choices(mirror=Mirror.MIRRORED)
    assert events(practise(POSES, image, choices=mirrored)) == []
    poses = with_fault(2, WARRIOR.but(knee=(40.0, 5.0)))  # the image bends its right knee
    (cue,) = events(practise(poses, image, choices=mirrored))
    assert (cue.joint, cue.side, cue.direction) == ("knee", "right", "bend")


def test_who_does_something_else_is_not_corrected() -> None:
    idle = [(Limbs(), 0.0, sum(move + hold for _, move, hold in POSES))]
    heard = practise(idle)
    in_warrior = heard[round(14.5 * FPS) : round(16 * FPS)]
    silences = {judgement.silence for judgement in in_warrior}
    assert silences <= {Silence.NOT_FOLLOWING, Silence.MOVING}
    assert not [e for e in events(heard) if 12 < e.t < 17]


def test_nothing_is_raised_while_the_player_stands_still() -> None:
    coach = Coach(ROUTINE)
    bad = joints_of(ARMS_OUT.but(shoulder=(50.0, 90.0)))
    heard = [
        coach.judge(keypoints_of(bad), pose_of(bad), i / FPS, 6.0, runs=False) for i in range(90)
    ]
    assert events(heard) == []
    assert heard[-1].silence is Silence.PAUSED
    assert heard[-1].deviations["left_shoulder"] == pytest.approx(-40, abs=1)


def test_nothing_is_raised_while_the_instructor_is_not_to_be_followed() -> None:
    hold = ROUTINE.holds[1]
    until_s = hold.start_s + 2.5
    stumbling = replace(ROUTINE, anomalies=(Anomaly(hold.start_s, until_s),))
    poses = with_fault(1, ARMS_OUT.but(shoulder=(60.0, 90.0)))
    usual = events(practise(poses))
    later = events(practise(poses, routine=stumbling))
    assert usual[0].routine_t < until_s
    assert [(e.joint, e.side) for e in later] == [("shoulder", "left")]
    assert later[0].routine_t > until_s


def test_who_the_film_waits_for_is_corrected_meanwhile() -> None:
    coach = Coach(ROUTINE, Choices(tempo=Tempo.FREE))
    bad = joints_of(ARMS_OUT.but(shoulder=(50.0, 90.0)))
    pose = Pose(bad, np.full((17, 3), 0.004, np.float32))
    heard = []
    for i in range(240):
        player_t = min(6.0 + i / FPS, 10.5)  # the film has gone on into the next pose, and waits
        runs = player_t < 10.5
        heard.append(coach.judge(keypoints_of(bad), pose, i / FPS, player_t, runs=runs))
    assert heard[-1].wait
    assert heard[-1].silence is None
    assert [(e.joint, e.side) for e in events(heard)] == [("shoulder", "left")]


def test_a_hidden_joint_is_never_cued() -> None:
    coach = Coach(ROUTINE)
    bad = joints_of(ARMS_OUT.but(elbow=(5.0, 60.0)))
    keypoints = keypoints_of(bad)
    keypoints.points[10, 2] = 0.1  # the right wrist
    heard = [coach.judge(keypoints, pose_of(bad), i / FPS, 6.0, runs=True) for i in range(90)]
    assert events(heard) == []
    assert heard[-1].deviations == {}
    keypoints.points[10, 2] = 0.9
    seen = coach.judge(keypoints, pose_of(bad), 3.0, 6.0, runs=True)
    assert set(seen.deviations) == {"right_elbow"}


def test_half_a_body_is_out_of_frame() -> None:
    coach = Coach(ROUTINE)
    joints = joints_of(Limbs())
    keypoints = keypoints_of(joints)
    keypoints.points[11:, 1] += 1.0  # from the hips down
    judgement = coach.judge(keypoints, pose_of(joints), 0.0, 0.0, runs=True)
    assert judgement.silence is Silence.OUT_OF_FRAME


def test_the_same_frames_give_the_same_cues() -> None:
    poses = with_fault(2, WARRIOR.but(knee=(40.0, 5.0)))
    student = Student(jitter_m=0.004)
    assert events(practise(poses, student)) == events(practise(poses, student))


def test_spoken_cues_keep_their_distance() -> None:
    poses = [
        POSES[0],
        (ARMS_OUT.but(shoulder=(55.0, 90.0)), 1.5, 1.6),
        (ARMS_OUT.but(elbow=(50.0, 5.0)), 0.4, 3.0),
        *POSES[2:],
    ]
    raised = [e for e in events(practise(poses)) if e.state is CueState.RAISED]
    assert len(raised) == 2
    assert raised[1].t - raised[0].t < 6
    assert [e.spoken for e in raised] == [True, False]
