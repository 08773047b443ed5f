"""Repetitions are counted where poses come back again and again, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest
from support.stick_figure import ARMS_OUT, ARMS_UP, WARRIOR, Limbs, track_of

from coach_server.coaching.holds import find_holds
from coach_server.coaching.repetitions import find_repetitions
from coach_server.coaching.track import Track

pytestmark = pytest.mark.unit

SQUAT = Limbs(knee=(100.0, 100.0), hip_flexion=(90.0, 90.0), shoulder=(80.0, 80.0))


def squats(count: int, *, down_s: float = 1.2, pause_s: float = 0.3, fps: float = 30.0) -> Track:
    once = [(SQUAT, down_s, pause_s), (Limbs(), down_s, pause_s)]
    return track_of([(Limbs(), 0.0, 3.0), *once * count, (WARRIOR, 2.0, 3.0)], fps=fps)


@pytest.mark.parametrize("count", [3, 5, 12])
def test_squats_are_counted(count: int) -> None:
    track = squats(count)
    noise = np.random.default_rng(0).normal(0, 0.004, track.joints.shape)
    track = replace(track, joints=(track.joints + noise).astype(np.float32))
    (found,) = find_repetitions(track, find_holds(track))
    assert found.count == count
    assert found.start_s == pytest.approx(3.0, abs=0.8)
    assert found.end_s == pytest.approx(3.0 + 3.0 * count, abs=0.8)


def test_few_frames_a_second_are_enough() -> None:
    track = squats(4, fps=5.0)
    assert [one.count for one in find_repetitions(track, find_holds(track))] == [4]


def test_one_arm_alone_repeats() -> None:
    curl = Limbs(elbow=(5.0, 130.0))
    track = track_of([(Limbs(), 0.0, 2.5), *[(curl, 0.8, 0.1), (Limbs(), 0.8, 0.1)] * 6])
    assert [one.count for one in find_repetitions(track, find_holds(track))] == [6]


def test_two_stretches_are_told_apart() -> None:
    up = [(ARMS_UP, 1.0, 0.1), (Limbs(), 1.0, 0.1)] * 3
    down = [(SQUAT, 1.2, 0.1), (Limbs(), 1.2, 0.1)] * 4
    track = track_of([(Limbs(), 0.0, 3.0), *up, (Limbs(), 0.0, 4.0), *down, (Limbs(), 0.0, 3.0)])
    assert [one.count for one in find_repetitions(track, find_holds(track))] == [3, 4]


@pytest.mark.parametrize(
    "poses",
    [
        [(Limbs(), 0.0, 3.0), (ARMS_OUT, 1.5, 4.0), (WARRIOR, 2.0, 5.0), (ARMS_UP, 1.5, 3.0)],
        [(Limbs(), 0.0, 3.0), *[(SQUAT, 1.2, 0.3), (Limbs(), 1.2, 0.3)] * 2, (WARRIOR, 2.0, 3.0)],
        [(Limbs(), 0.0, 3.0), *[(SQUAT, 2.0, 3.0), (Limbs(), 2.0, 3.0)] * 4],
        [(Limbs(), 0.0, 3.0), *[(p, 1.5, 0.2) for p in (ARMS_OUT, WARRIOR, SQUAT, ARMS_UP)]],
    ],
    ids=["a flow", "twice", "held each time", "never the same"],
)
def test_there_are_none_in(poses: list[tuple[Limbs, float, float]]) -> None:
    track = track_of(poses)
    assert find_repetitions(track, find_holds(track)) == ()


def test_nobody_repeats_nothing() -> None:
    track = squats(3)
    nobody = replace(
        track, joints=np.full_like(track.joints, np.nan), present=np.zeros(len(track.present), bool)
    )
    assert find_repetitions(nobody, ()) == ()
