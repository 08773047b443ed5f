"""Drawn practices: bodies, routines, students, the film's clock and the lifter's errors."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coach_server.body.angles import Angle, joint_angles, wrap_degrees
from coach_server.body.keypoints import FloatArray
from coach_server.coaching.choices import USUAL
from scripts.cue_scores.faults import slips
from scripts.cue_scores.figure import Proportions, joints_of, points_of
from scripts.cue_scores.following import found_after, lag_errors
from scripts.cue_scores.manner import Manner
from scripts.cue_scores.noise_fit import fitted
from scripts.cue_scores.playing import PAUSE_S, play
from scripts.cue_scores.poses import LEAST, MOST, ONE_SIDED, TWO_SIDED, mirrored
from scripts.cue_scores.rivals import NAMES, rivals
from scripts.cue_scores.routines import LASTS_S, fidgeting, scores
from scripts.cue_scores.seen import Seen
from scripts.cue_scores.sessions import Session, instructor, session
from scripts.lifter_scores.sightings import Sighting
from scripts.lifter_scores.sources import Lifted

pytestmark = pytest.mark.unit

SLOW = Manner(fps=(10.0, 10.0))
LEAD = instructor(scores(1)[0], None, 0)


def drawn(manner: Manner) -> Session:
    return session(LEAD, manner, None, 7, USUAL)


@given(
    arrays(np.float64, len(Angle), elements=st.floats(0, 1)),
    st.tuples(*[st.floats(0.8, 1.2)] * 3),
    st.floats(-180, 180),
)
def test_a_figure_has_the_angles_it_was_given(
    share: np.ndarray, parts: tuple[float, float, float], yaw: float
) -> None:
    wanted = LEAST + share * (MOST - LEAST)
    found = joint_angles(joints_of(wanted, Proportions(*parts), yaw))
    assert np.abs(wrap_degrees(found - wanted.astype(np.float32))).max() < 0.05


def test_a_session_is_always_the_same() -> None:
    one, again = drawn(SLOW), drawn(SLOW)
    assert np.array_equal(one.joints, again.joints)
    assert one.faults == again.faults
    other = session(LEAD, SLOW, None, 8, USUAL)
    assert other.faults != one.faults


def test_limbs_are_as_long_as_was_asked_for() -> None:
    pose = TWO_SIDED["arms_out"]
    usual, long = joints_of(pose), joints_of(pose, Proportions(arm=1.2))
    arm = np.linalg.norm(usual[12] - usual[11]), np.linalg.norm(long[12] - long[11])
    assert arm[1] / arm[0] == pytest.approx(1.2, abs=1e-4)
    assert np.allclose(usual[:11], long[:11])


def test_the_left_is_on_the_right_of_the_picture_of_who_faces_the_camera() -> None:
    points = points_of(joints_of(np.stack(list(TWO_SIDED.values()))))
    assert (points[:, 5, 0] > points[:, 6, 0]).all()
    assert ((points[..., :2] > 0) & (points[..., :2] < 1)).all()


def test_mirroring_angles_is_mirroring_joints() -> None:
    for pose in ONE_SIDED.values():
        image = joints_of(mirrored(pose))
        joints = joints_of(pose)[[0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 11, 12, 13]]
        assert np.allclose(image * (-1, 1, 1), joints, atol=1e-5)


def test_routines_are_long_varied_and_always_the_same() -> None:
    every = scores(8)
    for one, again in zip(every, scores(8), strict=True):
        assert one.duration_s >= LASTS_S
        assert np.array_equal(one.poses, again.poses)
        held, moved = one.ends - one.starts, one.starts[1:] - one.ends[:-1]
        assert (held[1:] >= 3).all()
        assert (held <= 8).all()
        assert ((moved >= 1.5) & (moved <= 3)).all()
    poses = np.concatenate([score.poses[1:] for score in every])
    assert len(np.unique(poses, axis=0)) == len(poses)


def test_fidgets_leave_the_pose_and_come_back_to_it() -> None:
    restless = fidgeting(LEAD.score, 0)
    t = np.arange(0, restless.duration_s, 0.05)
    off = np.abs(restless.done(t) - restless.angles(t)).max(axis=1)
    assert len(restless.fidgets) > 1
    assert off.max() > 60
    in_fidget = np.zeros(len(t), np.bool_)
    for fidget in restless.fidgets:
        in_fidget |= (t >= fidget.start_s) & (t <= fidget.start_s + 1.5)
    assert off[~in_fidget].max() < 1e-9


def test_a_fault_moves_its_own_angle_alone_and_by_what_it_says() -> None:
    faulty, right = drawn(SLOW), drawn(SLOW.perfect)
    off = wrap_degrees(joint_angles(faulty.joints) - joint_angles(right.joints))
    t = faulty.played.t
    assert len(faulty.faults) == round(0.3 * len(LEAD.score.poses))
    anywhere = np.zeros(off.shape, np.bool_)
    for fault in faulty.faults:
        until = fault.end - (0.8 if fault.mended is not None else 0.2)
        there = (t >= fault.arrived + 0.2) & (t <= until)
        # at the ends of what bodies can do, sway is cut off
        assert np.median(off[there, fault.angle]) == pytest.approx(fault.degrees, abs=1.5)
        anywhere[(t >= fault.start - 0.2) & (t <= fault.end + 1.5), fault.angle] = True
    assert np.abs(off[~anywhere]).max() < 0.1


def test_faults_are_possible() -> None:
    for number, score in enumerate(scores(8)):
        for slip in slips(score, np.random.default_rng(number)):
            wrong = score.poses[slip.hold][slip.angle] + slip.degrees
            assert LEAST[slip.angle] <= wrong <= MOST[slip.angle]


@pytest.mark.parametrize(
    ("manner", "low", "high"),
    [
        (SLOW, 0.1, 2.2),
        (replace(SLOW, wide_lag=True), 0.0, 2.5),
        (replace(SLOW, tempo=0.15), -1, 4),
    ],
)
def test_the_lag_stays_within_what_is_asked(manner: Manner, low: float, high: float) -> None:
    one = drawn(manner)
    lag = one.played.player_t - one.place_s
    after = one.played.t > 5
    assert lag[after].min() >= low - 1e-6
    assert lag[after].max() <= high + 1e-6
    assert np.ptp(lag[after]) > 0.5
    assert (np.diff(one.place_s) >= 0).all()


def test_a_mirrored_student_has_mirrored_faults() -> None:
    same, image = drawn(SLOW), drawn(replace(SLOW, mirrored=True))
    paired = [(a, b) for a, b in zip(same.faults, image.faults, strict=True)]
    assert any(a.side is not b.side for a, b in paired)
    angles, turned = joint_angles(same.joints), joint_angles(image.joints)
    assert (
        np.abs(wrap_degrees(turned - mirrored(angles.astype(np.float64)).astype(np.float32))).max()
        < 0.1
    )


def test_frames_are_lost_and_come_unevenly() -> None:
    rng = np.random.default_rng(1)
    even = play(100.0, SLOW, rng)
    assert np.allclose(np.diff(even.t), 0.1)
    lossy = play(100.0, replace(SLOW, lost=0.1), rng)
    assert len(lossy.t) / len(even.t) == pytest.approx(0.9, abs=0.03)
    steps = np.diff(play(100.0, replace(SLOW, fps=(15, 30)), rng).t)
    assert steps.min() >= 1 / 30 - 1e-9
    assert steps.max() <= 1 / 15 + 1e-9


def test_a_pause_stops_the_film_and_a_skip_moves_it() -> None:
    paused = play(180.0, replace(SLOW, pauses=2), np.random.default_rng(2))
    assert (~paused.runs).sum() == pytest.approx(2 * PAUSE_S * 10, abs=2)
    assert np.allclose(np.diff(paused.player_t)[~paused.runs[1:] & ~paused.runs[:-1]], 0)
    skipped = play(180.0, replace(SLOW, skips=2), np.random.default_rng(2))
    jumps = np.diff(skipped.player_t)
    assert (jumps > 5).sum() == 2
    assert np.isclose(jumps[jumps < 5], 0.1).all()


def test_who_is_followed_exactly_has_no_lag_error_and_is_found_at_once() -> None:
    one = drawn(replace(SLOW.perfect, pauses=2, skips=2))
    errors, silent = lag_errors(one, one.place_s)
    assert (errors.max(), silent) == (0.0, int(np.isnan(errors).sum()))
    assert max(found_after(one, one.place_s)) < 0.2
    late = one.place_s - 1.0
    assert lag_errors(one, late)[0].mean() == pytest.approx(1.0)
    lost = np.full(len(one.place_s), np.nan)
    assert lag_errors(one, lost)[1] > 0
    assert found_after(one, lost) == [15.0] * 4


def test_rivals_find_a_fault_and_lag_tells_them_apart() -> None:
    one = drawn(SLOW.perfect)
    said = rivals(Seen.of(one))
    assert tuple(said) == NAMES
    errors = {name: lag_errors(one, of.routine_t)[0].mean() for name, of in said.items()}
    assert errors["zero lag"] > errors["fixed lag .8 s"]
    assert len(said["zero lag"].cues) > 20
    # exact joints and the right frame leave nothing to say
    assert len(said["nearest frame"].cues) <= 2
    assert len(said["online warping"].cues) <= 2


def _trial(name: str, kind: str, joints: FloatArray) -> Sighting:
    count = len(joints)
    return Sighting(
        name=name,
        take={"kind": kind},
        fps=15,
        image_size=(640, 480),
        focal=600.0,
        found=np.ones(count, np.bool_),
        keypoints=(None,) * count,
        joints=joints,
        places=joints,
        groups=np.full(count, ""),
    )


def test_errors_are_measured_as_they_were_put_in() -> None:
    rng = np.random.default_rng(3)
    root = rng.normal(size=(51, 51)) * 0.0006
    root[:3] = 0.0  # the pelvis never errs
    trials, said, means = [], [], {}
    for person in range(24):
        pose = joints_of(list(TWO_SIDED.values())[person % 4])
        for who, kind in (("00", "fault"), ("instructor", "instructor")):
            name = f"fault-{person:03d}-{who}"
            count = 90
            mean = rng.normal(size=(17, 3)) * 0.03
            mean[0] = 0.0
            flicker = np.zeros((count, 51))
            for i in range(1, count):
                flicker[i] = 0.8 * flicker[i - 1] + 0.6 * root @ rng.normal(size=51)
            joints = np.repeat(pose[None], count, axis=0)
            read = joints + mean + flicker.reshape(count, 17, 3)
            trials.append(_trial(name, kind, joints))
            spread = np.full((count, 17, 3), 0.05, np.float32)
            said.append(Lifted(read.astype(np.float32), spread, np.ones(count, np.bool_)))
            means[name] = mean
    noise = fitted(trials, said)
    assert len(noise.cases) == 24
    for person, case in enumerate(noise.cases):
        off = case.instructor.error - means[f"fault-{person:03d}-instructor"]
        assert np.abs(off).max() < 0.012
        assert all(
            np.abs(view.error - means[f"fault-{person:03d}-00"]).max() < 0.012
            for view in case.students
        )
    # short spans tell too little of what lasts: the mean of each is taken out
    assert np.trace(noise.fast) == pytest.approx(np.trace(root @ root.T), rel=0.5)
    t = np.arange(0, 400, 1 / 30)
    drawn_again = noise.flicker(rng, t).reshape(len(t), 51)
    assert np.abs(np.cov(drawn_again.T) - noise.fast).max() < 0.15 * np.abs(noise.fast).max()
    after = (drawn_again[1:] * drawn_again[:-1]).sum() / (drawn_again**2).sum()
    assert after == pytest.approx(noise.carried, abs=0.05)


def test_who_does_the_same_pose_shares_the_instructors_case() -> None:
    pose = joints_of(TWO_SIDED["star"])
    other = joints_of(TWO_SIDED["chair"])
    trials, said = [], []
    for person, joints in enumerate((pose, other)):
        for who, kind in (("00", "fault"), ("15", "fault"), ("instructor", "instructor")):
            still = np.repeat(joints[None], 60, axis=0)
            trials.append(_trial(f"fault-{person:03d}-{who}", kind, still))
            read = still.copy()
            read[:, 1:, 2] += 0.1 * (person + 1)
            spread = np.full(still.shape, 0.01 * (person + 1), np.float32)
            said.append(Lifted(read, spread, np.ones(60, np.bool_)))
    noise = fitted(trials, said)
    cases = noise.drawn(np.random.default_rng(0), np.stack([pose, other] * 4))
    rng = np.random.default_rng(1)
    views = noise.students(cases, rng, np.stack([pose, other] * 4), yaw_deg=0.0, mirrored=False)
    for case, view in zip(cases, views, strict=True):
        assert view.error[5, 2] == pytest.approx(case.instructor.error[5, 2], abs=1e-5)
        assert view.sigma[0, 0] == pytest.approx(case.instructor.sigma[0, 0])
