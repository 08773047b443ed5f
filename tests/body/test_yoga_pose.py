"""The tutorial's own error: as it was, to be compared with."""

import numpy as np
import pytest
from support.stick_figure import ARMS_OUT, ARMS_UP, joints_of

from coach_server.body.yoga_pose import WINDOW, yoga_pose_error

pytestmark = pytest.mark.unit


def test_it_is_what_the_tutorial_said() -> None:
    rng = np.random.default_rng(0)
    reference = rng.normal(size=(40, 17, 3)).astype(np.float32)
    student = (reference + 0.1 * rng.normal(size=reference.shape)).astype(np.float32)
    error = yoga_pose_error(reference, student)
    assert len(error) == 40 + WINDOW - 1
    golden = [2.99990082, 4.53185666, 9.67688128]
    np.testing.assert_allclose(error[:3], golden, atol=1e-5)
    assert error[20] == pytest.approx(37.90744514, abs=1e-5)


def test_who_does_the_same_has_no_error_however_they_stand() -> None:
    reference = np.stack([joints_of(ARMS_OUT)] * 20)
    turned = np.stack([joints_of(ARMS_OUT, yaw_deg=70)] * 20)
    np.testing.assert_allclose(yoga_pose_error(reference, turned * 1.2), 0, atol=1e-3)


def test_another_pose_has() -> None:
    reference, student = (np.stack([joints_of(pose)] * 20) for pose in (ARMS_OUT, ARMS_UP))
    assert yoga_pose_error(reference, student)[WINDOW] > 20
