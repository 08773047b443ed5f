"""Where in the routine the student is: lag is learnt in motion, and holds are left by moving."""

import numpy as np
import pytest
from support.stick_figure import ARMS_OUT, ARMS_UP, WARRIOR, Limbs, joints_of, track_of

from coach_server.body.registration import limb_directions
from coach_server.coaching.holds import find_holds
from coach_server.coaching.matching import AHEAD_S, BEHIND_S, Match, Matcher
from coach_server.coaching.routine import Routine

pytestmark = pytest.mark.unit

FPS = 30.0
TRACK = track_of(
    [(Limbs(), 0.0, 3.0), (ARMS_OUT, 1.5, 4.0), (WARRIOR, 2.0, 5.0), (ARMS_UP, 2.0, 4.0)], fps=FPS
)
ROUTINE = Routine(TRACK, find_holds(TRACK))


def follow(lag_s: float, until_s: float) -> list[Match]:
    """A student who does as the instructor did `lag_s` ago, from second 3 on."""
    matcher = Matcher(ROUTINE)
    found = []
    for player_t in np.arange(3.0, until_s, 1 / FPS):
        row = int(np.clip((player_t - lag_s) * FPS, 0, len(TRACK.joints) - 1))
        still = ROUTINE.hold_of_frame[row] >= 0
        match = matcher.match(limb_directions(TRACK.joints[row]), player_t, still=bool(still))
        assert match is not None
        found.append(match)
    return found


@pytest.mark.parametrize("lag_s", [-0.5, 0.0, 0.8, 2.0, 3.0])
def test_the_lag_is_right_in_transitions(lag_s: float) -> None:
    moving = [match for match in follow(lag_s, 19.0) if match.hold < 0]
    assert len(moving) > 60
    assert np.median([match.lag_s for match in moving]) == pytest.approx(lag_s, abs=0.07)


def test_the_lag_learnt_in_motion_is_kept_in_a_hold() -> None:
    held = [match for match in follow(1.6, 15.0) if match.hold == 2][30:]
    assert np.abs(np.array([match.lag_s for match in held]) - 1.6).max() < 0.6


def test_who_keeps_still_stays_in_the_hold_while_the_window_has_it() -> None:
    matcher = Matcher(ROUTINE)
    between = joints_of(ARMS_OUT.but(shoulder=(130.0, 130.0)))  # as near to ARMS_UP as to ARMS_OUT
    directions = limb_directions(between)
    arms_out = ROUTINE.holds[1]
    holds = [
        match.hold
        for player_t in np.arange(arms_out.start_s + 0.5, arms_out.end_s + BEHIND_S - 0.1, 1 / FPS)
        if (match := matcher.match(directions, float(player_t), still=True))
    ]
    assert set(holds) == {1}


def test_after_a_seek_the_old_hold_binds_no_more() -> None:
    matcher = Matcher(ROUTINE)
    directions = limb_directions(joints_of(ARMS_UP))
    assert (first := matcher.match(directions, 6.0, still=True))
    assert first.hold == 1
    matcher.reset()
    assert (second := matcher.match(directions, 19.0, still=True))
    assert second.hold == 3


def test_the_match_lies_within_the_window() -> None:
    directions = limb_directions(joints_of(WARRIOR))
    for player_t in np.arange(0.0, 20.0, 0.37):
        match = Matcher(ROUTINE).match(directions, float(player_t), still=False)
        assert match is not None
        assert -AHEAD_S - 0.01 <= match.lag_s <= BEHIND_S + 0.01


def test_an_instructor_out_of_sight_gives_no_match() -> None:
    track = track_of([(Limbs(), 0.0, 10.0)])
    track.present[:] = False
    matcher = Matcher(Routine(track, ()))
    assert matcher.match(limb_directions(joints_of(Limbs())), 5.0, still=True) is None
