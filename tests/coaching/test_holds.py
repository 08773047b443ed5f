"""Holds are found where the instructor keeps still, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest
from support.stick_figure import ARMS_OUT, ARMS_UP, WARRIOR, Limbs, track_of

from coach_server.coaching.holds import find_holds
from coach_server.coaching.stillness import movement

pytestmark = pytest.mark.unit

ROUTINE = [(Limbs(), 0.0, 3.0), (ARMS_OUT, 1.5, 4.0), (WARRIOR, 2.0, 5.0), (ARMS_UP, 1.5, 3.0)]
TRUTH = [(0.0, 3.0), (4.5, 8.5), (10.5, 15.5), (17.0, 20.0)]


@pytest.mark.parametrize("jitter_m", [0.0, 0.004])
def test_the_holds_of_a_routine_are_found(jitter_m: float) -> None:
    track = track_of(ROUTINE)
    noise = np.random.default_rng(0).normal(0, jitter_m, track.joints.shape)
    track = replace(track, joints=(track.joints + noise).astype(np.float32))
    holds = find_holds(track)
    assert len(holds) == len(TRUTH)
    for hold, (start, end) in zip(holds, TRUTH, strict=True):
        assert hold.start_s == pytest.approx(start, abs=0.4)
        assert hold.end_s == pytest.approx(end, abs=0.4)


def test_a_pause_shorter_than_a_second_is_no_hold() -> None:
    track = track_of([(Limbs(), 0.0, 2.0), (ARMS_OUT, 1.5, 0.5), (ARMS_UP, 1.5, 2.0)])
    assert len(find_holds(track)) == 2


def test_nobody_in_the_film_means_no_holds() -> None:
    track = track_of(ROUTINE)
    nobody = replace(
        track, joints=np.full_like(track.joints, np.nan), present=np.zeros(len(track.present), bool)
    )
    assert find_holds(nobody) == ()


def test_rows_without_a_person_end_a_hold() -> None:
    track = track_of([(Limbs(), 0.0, 9.0)])
    present = track.present.copy()
    joints = track.joints.copy()
    present[120:150] = False
    joints[120:150] = np.nan
    lost = replace(track, joints=joints, present=present)
    holds = find_holds(lost)
    assert [round(hold.end_s, 1) for hold in holds] == [4.0, 9.0]
    assert np.isinf(movement(lost, smoothing_s=0.3)[120:150]).all()


def test_a_jump_of_the_detector_does_not_end_a_hold() -> None:
    track = track_of([(ARMS_OUT, 0.0, 8.0)])
    jump = track_of([(WARRIOR, 0.0, 8.0)])
    joints, keypoints = track.joints.copy(), track.keypoints.copy()
    joints[100:104], keypoints[100:104] = jump.joints[100:104], jump.keypoints[100:104]
    holds = find_holds(replace(track, joints=joints, keypoints=keypoints))
    assert [(round(hold.start_s), round(hold.end_s)) for hold in holds] == [(0, 8)]


def test_a_limb_that_only_depth_moves_keeps_still() -> None:
    track = track_of([(ARMS_OUT, 0.0, 8.0)])
    joints = track.joints.copy()
    joints[..., 2] *= (1.0 + np.sin(track.time_s)[:, None]).astype(np.float32)
    assert len(find_holds(replace(track, joints=joints))) == 1
