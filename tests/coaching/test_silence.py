"""Why the coach is silent by what is in view."""

from dataclasses import replace

import numpy as np
import pytest
from support.stick_figure import Limbs, joints_of, keypoints_of

from coach_server.body.keypoints import Keypoints
from coach_server.coaching.silence import Silence, view_of

pytestmark = pytest.mark.unit


def body() -> Keypoints:
    return keypoints_of(joints_of(Limbs()))


def shifted(x: float = 0.0, y: float = 0.0, grown: float = 1.0) -> Keypoints:
    seen = body()
    points = seen.points.copy()
    points[:, :2] = 0.5 + (points[:, :2] - 0.5) * grown + (x, y)
    return replace(seen, points=points)


def test_a_whole_body_is_judged() -> None:
    assert view_of(body()) is None


def test_half_out_of_the_picture() -> None:
    assert view_of(shifted(x=0.5)) is Silence.OUT_OF_FRAME
    assert view_of(shifted(y=0.55)) is Silence.OUT_OF_FRAME


def test_too_near_for_a_body_to_fit() -> None:
    assert view_of(shifted(y=0.9, grown=3.0)) is Silence.TOO_NEAR


def test_behind_a_chair() -> None:
    seen = body()
    points = seen.points.copy()
    points[np.arange(11, 17), 2] = 0.05
    assert view_of(replace(seen, points=points)) is Silence.OCCLUDED


def test_somebody_else_in_view() -> None:
    assert view_of(replace(body(), people=2)) is Silence.SEVERAL_PEOPLE
