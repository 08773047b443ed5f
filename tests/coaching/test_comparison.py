"""Two films compared: what is off is named with joint, side, way and size; what is not, is not."""

from dataclasses import replace

import numpy as np
import pytest
from support.practice import POSES, ROUTINE, SIGMA_M, Poses, Student, with_fault
from support.stick_figure import ARMS_OUT, ARMS_UP, WARRIOR, Limbs, track_of

from coach_server.body.angles import Angle
from coach_server.body.yoga_pose import yoga_pose_error
from coach_server.coaching.comparing.comparison import Comparison, compare
from coach_server.coaching.comparing.findings import findings
from coach_server.coaching.comparing.standing_out import standing_out
from coach_server.coaching.comparing.summary import (
    angle_summaries,
    mean_error_deg,
    pose_summaries,
)
from coach_server.coaching.comparing.warping import frame_by_frame, warped
from coach_server.coaching.cue import Direction, Joint, Side
from coach_server.coaching.holds import Hold
from coach_server.coaching.routine import Mirror, Routine
from coach_server.coaching.track import Track

pytestmark = pytest.mark.unit

FPS = 15.0
PLAIN = Student()
LATE_S = 0.6


def film(poses: Poses, seen: Student = PLAIN) -> Track:
    """A student who does these poses a little late, with joints that are said to be sure."""
    track = track_of([(poses[0][0], 0.0, LATE_S), *poses], fps=FPS)
    rng = np.random.default_rng(3)
    joints = np.stack([seen.seen(row) for row in track.joints])
    joints = (joints + rng.normal(0, seen.jitter_m, joints.shape)).astype(np.float32)
    return replace(track, joints=joints, joints_sigma=np.full_like(joints, SIGMA_M))


def against(student: Track, mirror: Mirror = Mirror.SAME, routine: Routine = ROUTINE) -> Comparison:
    return compare(routine, student, warped(routine.track, student, mirror))


@pytest.mark.parametrize(
    ("pose", "fault", "angle", "degrees", "said"),
    [
        (2, WARRIOR.but(knee=(50.0, 5.0)), Angle.LEFT_KNEE_FLEXION, -20.0,
         (Joint.KNEE, Side.LEFT, Direction.BEND)),
        (1, ARMS_OUT.but(shoulder=(90.0, 65.0)), Angle.RIGHT_SHOULDER_ELEVATION, -25.0,
         (Joint.SHOULDER, Side.RIGHT, Direction.RAISE)),
        (1, ARMS_OUT.but(elbow=(35.0, 5.0)), Angle.LEFT_ELBOW_FLEXION, 30.0,
         (Joint.ELBOW, Side.LEFT, Direction.STRAIGHTEN)),
        (3, ARMS_UP.but(trunk_side=30.0), Angle.TRUNK_SIDE, 30.0,
         (Joint.TRUNK, Side.CENTER, Direction.LEAN_RIGHT)),
    ],
)  # fmt: skip
def test_a_fault_comes_first(
    pose: int,
    fault: Limbs,
    angle: Angle,
    degrees: float,
    said: tuple[Joint, Side, Direction],
) -> None:
    found = findings(against(film(with_fault(pose, fault), Student(yaw_deg=20))), ROUTINE)
    first = found[0]
    assert (first.joint, first.side, first.direction) == said
    assert first.angle is angle
    assert first.deviation_deg == pytest.approx(degrees, abs=4)
    hold = ROUTINE.holds[pose]
    assert hold.start_s - 0.5 < first.routine_t < hold.end_s + 0.5
    assert first.start_s <= first.t <= first.end_s
    assert first.hold == pose
    assert first.text


def test_who_does_all_right_is_told_nothing() -> None:
    comparison = against(film(POSES, Student(yaw_deg=30, scale=0.9, jitter_m=0.004)))
    assert findings(comparison, ROUTINE) == ()
    assert comparison.judged.mean() > 0.7
    error = mean_error_deg(comparison)
    assert error is not None
    assert error < 4


def test_a_single_frame_is_no_finding() -> None:
    student = film(POSES)
    joints = student.joints.copy()
    joints[120] = film(with_fault(1, WARRIOR)).joints[120]
    assert findings(against(replace(student, joints=joints)), ROUTINE) == ()


def test_both_sides_are_named_once() -> None:
    found = findings(against(film(with_fault(1, ARMS_OUT.but(shoulder=(62.0, 60.0))))), ROUTINE)
    assert [(one.joint, one.side) for one in found] == [(Joint.SHOULDER, Side.BOTH)]
    assert found[0].text.startswith("Raise both arms")
    assert "left" in found[0].off
    assert "right" in found[0].off


def test_what_follows_from_the_core_is_left_out() -> None:
    """Who leans forward has bent hips: the trunk is named."""
    found = findings(against(film(with_fault(3, ARMS_UP.but(trunk_forward=50.0)))), ROUTINE)
    assert found[0].joint is Joint.TRUNK
    assert found[0].direction is Direction.BACK
    assert Joint.HIP not in {one.joint for one in found}


def test_the_mirror_image_is_judged_on_the_students_side() -> None:
    fault = WARRIOR.but(knee=(50.0, 5.0))
    student = film(with_fault(2, fault), Student(mirrored=True))
    comparison = against(student, Mirror.AUTO)
    assert comparison.mirrored
    first = findings(comparison, ROUTINE)[0]
    assert (first.joint, first.side) == (Joint.KNEE, Side.RIGHT)


def test_between_holds_a_lasting_fault_is_found_too() -> None:
    """A film without holds, such as of squats, is judged all the same."""
    squats: Poses = [(Limbs(), 0.0, 0.3)] + [
        (Limbs(knee=(bend, bend), hip_flexion=(bend, bend)), 1.0, 0.1) for bend in (100.0, 5.0) * 4
    ]
    routine = Routine(
        replace(
            track_of(list(squats), fps=FPS),
            joints_sigma=np.full((len(track_of(list(squats), fps=FPS).time_s), 17, 3), SIGMA_M),
        ),
        (),
    )
    arms_wrong: Poses = [(limbs.but(shoulder=(12.0, 60.0)), *times) for limbs, *times in squats]  # type: ignore[misc]  # times are two
    found = findings(against(film(arms_wrong), routine=routine), routine)
    assert (found[0].joint, found[0].side) == (Joint.SHOULDER, Side.RIGHT)
    assert found[0].deviation_deg == pytest.approx(48, abs=6)
    assert found[0].hold == -1


def test_hidden_limbs_are_not_judged_in_either_film() -> None:
    student = film(with_fault(1, ARMS_OUT.but(elbow=(60.0, 5.0))))
    for side in ("student", "instructor"):
        track = student if side == "student" else ROUTINE.track
        points = track.keypoints.copy()
        points[:, 9, 2] = 0.1  # the left wrist
        hidden = replace(track, keypoints=points)
        if side == "student":
            comparison = against(hidden)
        else:
            comparison = against(student, routine=replace(ROUTINE, track=hidden))
        assert not comparison.judged[:, Angle.LEFT_ELBOW_FLEXION].any()
        assert not any(one.joint is Joint.ELBOW for one in findings(comparison, ROUTINE))


def test_frames_without_a_person_are_empty() -> None:
    student = film(POSES)
    joints, present = student.joints.copy(), student.present.copy()
    joints[60:80], present[60:80] = np.nan, False
    comparison = against(replace(student, joints=joints, present=present))
    assert np.isnan(comparison.degrees[60:80]).all()
    assert not comparison.judged[60:80].any()
    assert np.isnan(comparison.yoga_pose[60:80]).all()
    assert np.isfinite(comparison.yoga_pose[80:]).all()
    assert np.isfinite(comparison.degrees[100, Angle.LEFT_KNEE_FLEXION])


def test_frame_by_frame_has_the_errors_of_yoga_pose() -> None:
    student = film(with_fault(1, ARMS_UP))
    warp = frame_by_frame(ROUTINE.track, student, mirrored=False)
    comparison = compare(ROUTINE, student, warp)
    both = min(len(ROUTINE.track.time_s), len(student.time_s))
    golden = yoga_pose_error(ROUTINE.track.joints[:both], student.joints[:both])[:both]
    np.testing.assert_allclose(comparison.yoga_pose[:both], golden, atol=1e-5)
    assert np.isnan(comparison.yoga_pose[both:]).all()


def test_what_stands_out_is_told_of_each_pose() -> None:
    comparison = against(film(with_fault(2, WARRIOR.but(knee=(40.0, 5.0)))))
    poses = pose_summaries(comparison, ROUTINE)
    assert len(poses) == len(ROUTINE.holds)
    worst = poses[2].worst
    assert worst is not None
    assert worst.angle is Angle.LEFT_KNEE_FLEXION
    assert worst.degrees == pytest.approx(-30, abs=4)
    knee = next(one for one in angle_summaries(comparison) if one.angle is Angle.LEFT_KNEE_FLEXION)
    assert knee.within < 0.95
    assert knee.worst_deg == pytest.approx(30, abs=4)
    assert standing_out(comparison, np.array([], np.intp)) == ()


def test_a_pose_never_done_is_told_as_such() -> None:
    part = film(POSES[:2])
    poses = pose_summaries(against(part), ROUTINE)
    assert poses[1].t is not None
    assert poses[-1].t is None
    assert poses[-1].worst is None


def test_a_hold_of_one_frame_does_no_harm() -> None:
    routine = replace(ROUTINE, holds=(Hold(4.0, 4.01), *ROUTINE.holds[1:]))
    assert against(film(POSES), routine=routine).judged.any()


def test_no_deviation_leads_to_an_angle_that_there_is_not() -> None:
    """What a blunt lifter reads is made up for: by no more than there is room for."""
    student = film(with_fault(1, ARMS_UP))
    unsure = replace(student, joints_sigma=np.full_like(student.joints, 0.15))
    comparison = against(unsure)
    elevation = Angle.LEFT_SHOULDER_ELEVATION
    reached = comparison.reference[:, elevation] + comparison.degrees[:, elevation]
    assert np.nanmax(reached) == pytest.approx(180, abs=0.1)
    assert np.nanmin(reached) >= -0.1


def test_a_stretch_across_holds_is_told_of_each() -> None:
    """A fault that is kept all along belongs to the poses, not to some pose between them."""
    bent: Poses = [(limbs.but(elbow=(45.0, 5.0)), move, hold) for limbs, move, hold in POSES]
    found = findings(against(film(bent)), ROUTINE)
    elbows = [one for one in found if one.joint is Joint.ELBOW]
    assert sorted(one.hold for one in elbows) == list(range(len(ROUTINE.holds)))
    for one in elbows:
        hold = ROUTINE.holds[one.hold]
        assert hold.start_s - 0.5 <= one.routine_t <= hold.end_s + 0.5
