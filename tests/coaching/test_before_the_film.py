"""Before the film begins: the coach looks on, says what it cannot see, and learns a stance."""

from dataclasses import replace

import pytest
from support.practice import FPS, ROUTINE
from support.stick_figure import Limbs, joints_of, keypoints_of, pose_of

from coach_server.body.keypoints import Keypoints
from coach_server.coaching.coach import Coach, Judgement
from coach_server.coaching.silence import Silence

pytestmark = pytest.mark.unit

STANDING = joints_of(Limbs())


def look_on(keypoints: Keypoints, seconds: float) -> Judgement:
    """The last of what a coach makes of someone who stands like this."""
    coach = Coach(ROUTINE)
    heard = [
        coach.prepare(keypoints, pose_of(STANDING), i / FPS) for i in range(round(seconds * FPS))
    ]
    return heard[-1]


def test_standing_at_ease_is_enough_to_be_known() -> None:
    seen = keypoints_of(STANDING)
    assert not look_on(seen, 0.5).calibrated
    known = look_on(seen, 4.0)
    assert known.calibrated
    assert known.silence is Silence.PAUSED
    assert known.cues == ()


def test_who_is_not_wholly_in_view_is_told_so_and_not_learnt_from() -> None:
    seen = keypoints_of(STANDING)
    points = seen.points.copy()
    points[11:, 1] += 1.0  # the legs are below the picture
    points[11:, 2] = 0.1
    found = look_on(replace(seen, points=points), 4.0)
    assert found.silence in {Silence.OUT_OF_FRAME, Silence.TOO_NEAR}
    assert not found.calibrated
