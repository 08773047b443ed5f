"""How far the student is from the instructor, and how much doubt widens what is tolerated."""

import numpy as np
import pytest
from support.stick_figure import ARMS_OUT, joints_of

from coach_server.body.angles import Angle
from coach_server.coaching.deviation import Deviation, Reference, Strictness, deviation

pytestmark = pytest.mark.unit

SEEN = np.tile(np.array([0.5, 0.5, 1.0], np.float32), (17, 1))
JOINTS = joints_of(ARMS_OUT.but(knee=(40.0, 40.0)))


def compared(student_m: float, instructor_m: float) -> Deviation:
    """The same pose twice, with these spreads of all joints."""
    reference = Reference.of(JOINTS, np.full((17, 3), instructor_m, np.float32))
    sigma = np.full((17, 3), student_m, np.float32)
    return deviation(JOINTS, sigma, SEEN, reference, Strictness.DEFAULT)


def test_where_nothing_is_in_doubt_the_band_is_the_strictness() -> None:
    band = compared(0.001, 0.001).band
    assert band[Angle.LEFT_KNEE_FLEXION] == Strictness.DEFAULT.band_deg


def test_doubt_that_both_share_counts_for_less() -> None:
    alike, one = compared(0.15, 0.15), compared(0.15, 0.001)
    knee = Angle.LEFT_KNEE_FLEXION
    assert Strictness.DEFAULT.band_deg < alike.band[knee] < one.band[knee]


def test_a_tilt_of_the_camera_is_shared_by_nobody() -> None:
    band = compared(0.001, 0.001).band
    assert band[Angle.TRUNK_FORWARD] > 1.2 * band[Angle.TRUNK_SIDE]


def test_a_lifter_without_spread_is_taken_to_be_unsure() -> None:
    nothing = np.full((17, 3), np.nan, np.float32)
    reference = Reference.of(JOINTS, nothing)
    band = deviation(JOINTS, nothing, SEEN, reference, Strictness.DEFAULT).band
    assert np.isfinite(band).all()
    assert band[Angle.LEFT_SHOULDER_PLANE] > Strictness.DEFAULT.band_deg
