"""Offline alignment: who follows late, slower, with a stop, in part or mirrored is still found."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from support.practice import POSES, Student
from support.stick_figure import ARMS_OUT, Limbs, track_of

from coach_server.coaching.comparing.path import about, cheapest, everything
from coach_server.coaching.comparing.warping import (
    Warp,
    frame_by_frame,
    is_mirrored,
    warped,
)
from coach_server.coaching.routine import Mirror
from coach_server.coaching.track import Track

pytestmark = pytest.mark.unit

FPS = 15.0
PLAIN = Student()
INSTRUCTOR = track_of(POSES, fps=FPS)
LENGTH_S = float(INSTRUCTOR.time_s[-1])
WITHIN_S = 0.12
MOVING = [(3.0, 4.5), (9.5, 11.5), (17.5, 19.5), (24.5, 26.0)]
"""Seconds in which the figure moves."""


def at(times: NDArray[np.float64], *, fps: float = FPS, seen: Student = PLAIN) -> Track:
    """A student who at each frame does what the instructor does at these (T,) times."""
    rows = np.clip(np.round(times * FPS), 0, len(INSTRUCTOR.time_s) - 1).astype(int)
    rng = np.random.default_rng(2)
    joints = np.stack([seen.seen(INSTRUCTOR.joints[row]) for row in rows])
    joints = joints + rng.normal(0, seen.jitter_m, joints.shape).astype(np.float32)
    return Track(
        fps=fps,
        time_s=np.arange(len(rows)) / fps,
        image_size=(640, 480),
        keypoints=INSTRUCTOR.keypoints[rows],
        depth=INSTRUCTOR.depth[rows],
        joints=joints.astype(np.float32),
        joints_sigma=INSTRUCTOR.joints_sigma[rows],
        present=np.ones(len(rows), bool),
    )


def off(warp: Warp, times: NDArray[np.float64]) -> float:
    """Median error in seconds where the instructor moves: in a hold no moment is told."""
    moves = np.zeros(len(times), bool)
    for start, end in MOVING:
        moves |= (times > start) & (times < end)
    assert moves.any()
    return float(np.median(np.abs(warp.routine_t - times)[moves]))


def even(start: float, end: float, pace: float = 1.0, fps: float = FPS) -> NDArray[np.float64]:
    return np.arange(start, end, pace / fps)


@pytest.mark.parametrize(
    ("times", "seen"),
    [
        (even(0, LENGTH_S), Student()),
        (np.r_[np.zeros(12), even(0, LENGTH_S)], Student(yaw_deg=40, scale=1.2, jitter_m=0.01)),
        (even(0, LENGTH_S, 0.7), Student(jitter_m=0.01)),
        (even(0, LENGTH_S, 1.4), Student(pitch_deg=8)),
        (np.r_[even(0, 10.5), np.full(90, 10.5), even(10.5, LENGTH_S)], Student()),
        (even(8, 20), Student(yaw_deg=-30)),
    ],
    ids=["alike", "late, aside, taller", "slower", "faster", "stops on the way", "a part"],
)
def test_the_same_moment_is_found(times: NDArray[np.float64], seen: Student) -> None:
    warp = warped(INSTRUCTOR, at(times, seen=seen), Mirror.SAME)
    assert off(warp, times) < WITHIN_S
    placed = warp.routine_t[np.isfinite(warp.routine_t)]
    assert len(placed) > 0.95 * len(times)
    assert (np.diff(placed) >= 0).all()


def test_frame_rates_may_differ() -> None:
    times = even(0, LENGTH_S, fps=25.0)
    assert off(warped(INSTRUCTOR, at(times, fps=25.0), Mirror.SAME), times) < WITHIN_S


def test_in_a_hold_time_goes_on_evenly() -> None:
    """Noise alone must not stop it for seconds and let it rush then."""
    times = even(0, LENGTH_S)
    warp = warped(INSTRUCTOR, at(times, seen=Student(jitter_m=0.02)), Mirror.SAME)
    held = (times > 12.5) & (times < 16.5)
    pace = np.diff(warp.routine_t[held]) * FPS
    assert pace.min() > 0.6
    assert pace.max() < 1.4


def test_what_is_no_part_of_the_routine_has_no_place() -> None:
    """Somebody on their head before they begin is not matched with anything."""
    times = even(0, LENGTH_S)
    student = at(np.r_[np.zeros(60), times])
    upside_down = student.joints.copy()
    upside_down[:60] *= (1, -1, 1)
    warp = warped(INSTRUCTOR, replace(student, joints=upside_down), Mirror.SAME)
    assert np.isnan(warp.routine_t[:55]).all()
    assert np.isfinite(warp.routine_t[65:]).all()


def test_mirroring_is_told_by_what_is_done() -> None:
    times = even(0, LENGTH_S)
    for mirrored in (False, True):
        student = at(times, seen=Student(mirrored=mirrored, jitter_m=0.01))
        warp = warped(INSTRUCTOR, student, Mirror.AUTO)
        assert warp.mirrored is mirrored
        assert off(warp, times) < WITHIN_S
        assert is_mirrored(INSTRUCTOR, student, Mirror.AUTO) is mirrored


def test_who_does_the_same_on_both_sides_is_not_taken_for_mirrored() -> None:
    both = track_of([(Limbs(), 0.0, 1.0), (ARMS_OUT, 1.0, 1.0)], fps=FPS)
    assert not warped(both, both, Mirror.AUTO).mirrored


def test_a_gap_is_passed_over() -> None:
    times = even(0, LENGTH_S)
    student = at(times)
    joints, present = student.joints.copy(), student.present.copy()
    joints[150:180], present[150:180] = np.nan, False
    warp = warped(INSTRUCTOR, replace(student, joints=joints, present=present), Mirror.SAME)
    assert off(warp, times) < WITHIN_S


def test_films_of_any_length_go_together() -> None:
    """A glimpse against a whole film, and the other way round."""
    glimpse = at(even(3.2, 4.0))
    assert np.isfinite(warped(INSTRUCTOR, glimpse, Mirror.SAME).routine_t).any()
    assert np.isfinite(warped(glimpse, INSTRUCTOR, Mirror.SAME).routine_t).any()
    single = at(np.array([5.0]))
    assert warped(INSTRUCTOR, single, Mirror.SAME).routine_t.shape == (1,)
    assert np.isfinite(warped(single, INSTRUCTOR, Mirror.SAME).routine_t).any()


def test_nobody_in_view_cannot_be_aligned() -> None:
    nobody = replace(INSTRUCTOR, present=np.zeros_like(INSTRUCTOR.present))
    with pytest.raises(ValueError, match="nobody"):
        warped(nobody, INSTRUCTOR, Mirror.SAME)


def test_frames_are_taken_as_they_are() -> None:
    student = at(even(0, LENGTH_S + 2))
    warp = frame_by_frame(INSTRUCTOR, student, mirrored=False)
    count = len(INSTRUCTOR.time_s)
    np.testing.assert_array_equal(warp.routine_t[:count], INSTRUCTOR.time_s)
    assert np.isnan(warp.routine_t[count:]).all()


def test_a_band_holds_the_way_that_all_rows_give() -> None:
    rng = np.random.default_rng(4)
    way = np.minimum(np.arange(60) + 5, 59)
    cost = rng.uniform(20, 25, size=(60, 60)).astype(np.float32)
    cost[np.arange(60), way] = 1.0
    whole, at_all = cheapest(cost, everything(60, 60))
    band = about(whole, 6, 60)
    near, in_band = cheapest(np.take_along_axis(cost, band.columns(slice(None)), 1), band)
    np.testing.assert_array_equal(whole, near)
    assert in_band == pytest.approx(at_all)
    assert (whole[:54] == way[:54]).all()
