"""Where in the routine the student is: lag is learnt in motion, and holds are left by moving."""

import numpy as np
import pytest
from support.practice import FPS
from support.stick_figure import ARMS_OUT, ARMS_UP, WARRIOR, Limbs, joints_of, track_of

from coach_server.body.registration import limb_directions
from coach_server.coaching.alignment import Match
from coach_server.coaching.holds import find_holds
from coach_server.coaching.lag import AHEAD_S, BEHIND_S, LagFilter
from coach_server.coaching.routine import Routine

pytestmark = pytest.mark.unit

TRACK = track_of(
    [(Limbs(), 0.0, 3.0), (ARMS_OUT, 1.5, 4.0), (WARRIOR, 2.0, 5.0), (ARMS_UP, 2.0, 4.0)], fps=FPS
)
ROUTINE = Routine(TRACK, find_holds(TRACK))
GRID = ROUTINE.resampled


def step(lag: LagFilter, row: int, t: float, player_t: float) -> Match:
    """A student who is where the instructor is in a row of the track."""
    speed = float(GRID.speed[row])
    still = bool(GRID.hold[row] >= 0)
    match = lag.step(limb_directions(TRACK.joints[row]), speed, t, player_t, still=still)
    assert match is not None
    return match


def follow(lag_s: float, until_s: float, fps: float = FPS) -> list[Match]:
    """A student who does as the instructor did `lag_s` ago, from second 3 on."""
    lag = LagFilter(GRID)
    found = []
    for player_t in np.arange(3.0, until_s, 1 / fps):
        row = int(np.clip((player_t - lag_s) * FPS, 0, len(TRACK.joints) - 1))
        found.append(step(lag, row, float(player_t), float(player_t)))
    return found


@pytest.mark.parametrize("fps", [15.0, 30.0])
@pytest.mark.parametrize("lag_s", [-0.5, 0.0, 0.8, 2.0, 3.0])
def test_the_lag_is_right_in_transitions(lag_s: float, fps: float) -> None:
    moving = [match for match in follow(lag_s, 17.0, fps) if match.hold < 0]
    later = moving[len(moving) // 3 :]  # the first transition is what it is learnt in
    assert len(later) > 1.4 * fps
    assert np.median([match.lag_s for match in later]) == pytest.approx(lag_s, abs=0.12)


@pytest.mark.parametrize("rate", [0.5, 1.5])
def test_a_film_that_runs_slower_or_faster_is_followed(rate: float) -> None:
    lag, lag_s = LagFilter(GRID), 0.9
    moving = []
    for i in range(round(14.0 / rate * FPS)):
        player_t = 3.0 + rate * i / FPS
        row = round((player_t - lag_s) * FPS)
        match = step(lag, row, i / FPS, player_t)
        if GRID.hold[row] < 0 and player_t > 9.0:
            moving.append(match.lag_s)
    assert len(moving) > FPS
    assert np.median(moving) == pytest.approx(lag_s, abs=0.12)


def test_a_player_that_stalls_and_says_so_late_is_borne() -> None:
    """It plays on by its clock for a second, then says that it has not moved: by 1.2 s."""
    lag, lag_s = LagFilter(GRID), 0.8
    off = []
    for i in range(round(15.0 * FPS)):
        t = i / FPS
        told = 3.0 + t - 1.2 * (t >= 6.0)  # what the clock says of the film
        done = 3.0 + t - 1.2 * (t >= 5.0)  # what the student sees of it
        match = step(lag, round((done - lag_s) * FPS), t, told)
        if t > 9.0 and match.hold < 0:
            off.append(match.lag_s - lag_s)
    assert np.abs(np.median(off)) < 0.15


def test_the_lag_learnt_in_motion_is_kept_in_a_hold() -> None:
    held = [match for match in follow(1.6, 15.0) if match.hold == 2][10:60]
    assert np.abs(np.array([match.lag_s for match in held]) - 1.6).max() < 0.6


def test_a_hold_widens_what_is_believed_and_a_transition_narrows_it() -> None:
    found = follow(0.8, 15.5)
    width = [match.late_s - match.early_s for match in found]
    late_in_hold = max(i for i, match in enumerate(found) if match.hold == 2)
    moving = [w for w, match in zip(width, found, strict=True) if match.hold < 0]
    assert width[late_in_hold] > 2 * float(np.median(moving))


def test_who_keeps_still_stays_in_the_hold_though_the_pose_falls_short() -> None:
    lag = LagFilter(GRID)
    short = limb_directions(joints_of(ARMS_OUT.but(shoulder=(60.0, 60.0))))
    arms_out = ROUTINE.holds[1]
    holds = [
        match.hold
        for player_t in np.arange(arms_out.start_s + 0.8, arms_out.end_s + 0.8, 1 / FPS)
        if (match := lag.step(short, 0.0, float(player_t), float(player_t), still=True))
    ]
    assert set(holds[15:]) == {1}


def test_after_a_seek_the_new_place_is_found_at_once() -> None:
    lag = LagFilter(GRID)
    for i in range(60):
        step(lag, round(5.5 * FPS), i / FPS, 6.0)
    lag.reset()
    found = [step(lag, round(18.5 * FPS), 2.0 + i / FPS, 19.0 + i / FPS) for i in range(8)]
    assert found[-1].hold == 3


def test_while_the_film_stands_still_the_student_comes_up_to_it() -> None:
    lag = LagFilter(GRID)
    stop_s, lag_s = 13.9, 1.5  # the film is stopped on the way, which the student finishes
    for player_t in np.arange(3.0, stop_s, 1 / FPS):
        row = round((player_t - lag_s) * FPS)
        match = step(lag, row, float(player_t), float(player_t))
    assert match.lag_s == pytest.approx(lag_s, abs=0.25)
    for i in range(round(3.0 * FPS)):
        row = min(round((stop_s - lag_s) * FPS) + i, round(stop_s * FPS))
        match = step(lag, row, stop_s + i / FPS, stop_s)
    assert match.lag_s == pytest.approx(0.0, abs=0.3)


def test_who_was_lost_is_found_again_by_the_restart() -> None:
    """Five seconds of something else, then the routine goes on with another lag."""
    lag = LagFilter(GRID)
    away = limb_directions(joints_of(Limbs(trunk_forward=80.0, shoulder=(150.0, 20.0))))
    for player_t in np.arange(3.0, 8.0, 1 / FPS):
        lag.step(away, 60.0, float(player_t), float(player_t), still=False)
    found = [
        step(lag, round((player_t - 2.5) * FPS), float(player_t), float(player_t))
        for player_t in np.arange(8.0, 16.5, 1 / FPS)
    ]
    assert found[-1].lag_s == pytest.approx(2.5, abs=0.25)


def test_the_match_lies_within_the_window() -> None:
    directions = limb_directions(joints_of(WARRIOR))
    for player_t in np.arange(0.0, 20.0, 0.37):
        match = LagFilter(GRID).step(directions, 0.0, 0.0, float(player_t), still=False)
        assert match is not None
        assert -AHEAD_S <= match.lag_s <= BEHIND_S
        assert match.early_s <= match.late_s


def test_an_instructor_out_of_sight_gives_no_match() -> None:
    track = track_of([(Limbs(), 0.0, 10.0)])
    track.present[:] = False
    lag = LagFilter(Routine(track, ()).resampled)
    assert lag.step(limb_directions(joints_of(Limbs())), 0.0, 0.0, 5.0, still=True) is None
