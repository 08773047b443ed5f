"""What is not the pose of a hold is found, and does not make it."""

from dataclasses import replace

import numpy as np
import pytest
from support.stick_figure import ARMS_OUT, ARMS_UP, WARRIOR, Limbs, joints_of, track_of

from coach_server.body.skeleton import H36m
from coach_server.coaching.anomalies import Anomaly, find_anomalies
from coach_server.coaching.holds import Hold
from coach_server.coaching.routine import Routine
from coach_server.coaching.track import Track

pytestmark = pytest.mark.unit

ROUTINE = [(Limbs(), 0.0, 4.0), (WARRIOR, 2.0, 8.0), (ARMS_UP, 1.5, 3.0)]
HOLDS = (Hold(0.0, 4.0), Hold(6.0, 14.0), Hold(15.5, 18.5))


def routine_track() -> Track:
    track = track_of(ROUTINE)
    noise = np.random.default_rng(0).normal(0, 0.004, track.joints.shape)
    return replace(track, joints=(track.joints + noise).astype(np.float32))


def between(track: Track, start_s: float, end_s: float) -> np.ndarray:
    return (track.time_s >= start_s) & (track.time_s < end_s)


def test_a_clean_film_has_none() -> None:
    assert find_anomalies(routine_track(), HOLDS) == ()


def test_a_hand_that_goes_through_the_hair_is_one() -> None:
    track = routine_track()
    joints = track.joints.copy()
    joints[between(track, 9.0, 10.5)] = joints_of(WARRIOR.but(elbow=(5.0, 140.0)))
    (found,) = find_anomalies(replace(track, joints=joints), HOLDS)
    assert (found.start_s, found.end_s) == pytest.approx((9.0, 10.5), abs=0.1)


def test_a_bone_that_grows_is_one() -> None:
    track = routine_track()
    joints = track.joints.copy()
    frames = between(track, 1.5, 2.0)
    joints[frames, H36m.LEFT_WRIST] += joints[frames, H36m.LEFT_WRIST]
    joints[frames, H36m.LEFT_WRIST] -= joints[frames, H36m.LEFT_ELBOW]
    (found,) = find_anomalies(replace(track, joints=joints), HOLDS)
    assert (found.start_s, found.end_s) == pytest.approx((1.5, 2.0), abs=0.1)


@pytest.mark.parametrize(("away_s", "count"), [(0.3, 0), (2.0, 1)])
def test_who_is_away_for_long_is_one(away_s: float, count: int) -> None:
    track = routine_track()
    gone = between(track, 9.0, 9.0 + away_s)
    joints = np.where(gone[:, None, None], np.nan, track.joints).astype(np.float32)
    lost = replace(track, joints=joints, present=track.present & ~gone)
    assert len(find_anomalies(lost, HOLDS)) == count


def test_the_way_into_a_hold_is_none() -> None:
    early = (Hold(0.0, 4.5), Hold(5.6, 14.4), Hold(15.1, 18.5))
    assert find_anomalies(routine_track(), early) == ()


def test_a_hold_of_several_poses_has_none() -> None:
    track = track_of([(Limbs(), 0.0, 3.0), (ARMS_OUT, 0.2, 3.0), (ARMS_UP, 0.2, 3.0)])
    assert find_anomalies(track, (Hold(0.0, 9.4),)) == ()


def test_what_is_no_part_of_a_hold_does_not_make_its_pose() -> None:
    track = routine_track()
    joints = track.joints.copy()
    joints[between(track, 6.0, 10.5)] = joints_of(ARMS_UP)  # longer than the pose itself
    spoilt = replace(track, joints=joints)
    told = Routine(spoilt, HOLDS, anomalies=(Anomaly(6.0, 10.5),))
    assert np.abs(told.hold_joints[1] - joints_of(WARRIOR)).max() < 0.02
    assert np.abs(Routine(spoilt, HOLDS).hold_joints[1] - joints_of(WARRIOR)).max() > 0.2
    assert np.allclose(told.importance[1], Routine(track, HOLDS).importance[1], atol=0.05)
    assert [told.is_followed(t) for t in (5.0, 8.0, 12.0)] == [True, False, True]


def test_a_hold_that_is_an_anomaly_throughout_still_has_a_pose() -> None:
    track = routine_track()
    routine = Routine(track, HOLDS, anomalies=(Anomaly(5.0, 15.0),))
    assert np.isfinite(routine.hold_joints).all()
    assert len(routine.references) == len(HOLDS)


def test_a_hold_may_lose_sight_of_the_instructor() -> None:
    track = routine_track()
    gone = between(track, 9.0, 9.3)
    joints = np.where(gone[:, None, None], np.nan, track.joints).astype(np.float32)
    sigma = np.where(gone[:, None, None], np.nan, np.full_like(joints, 0.02))
    lost = replace(track, joints=joints, joints_sigma=sigma, present=track.present & ~gone)
    assert np.isfinite(Routine(lost, HOLDS).hold_sigma).all()
