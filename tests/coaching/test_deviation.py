"""How far the student is from the instructor, and how much doubt widens what is tolerated."""

import numpy as np
import pytest
from support.stick_figure import ARMS_OUT, joints_of

from coach_server.body.angles import Angle
from coach_server.coaching.deviation import ENTER, Deviation, Strictness, deviation
from coach_server.coaching.measured import Measured

pytestmark = pytest.mark.unit

SEEN = np.tile(np.array([0.5, 0.5, 1.0], np.float32), (17, 1))
POSE = ARMS_OUT.but(knee=(40.0, 40.0))
JOINTS = joints_of(POSE)
ENTERED = ENTER * Strictness.DEFAULT.band_deg
LIMBS = [a for a in Angle if a < Angle.LEFT_SHOULDER_PLANE]


def measured(spread_m: float, *, levelled: bool = True, pose: np.ndarray = JOINTS) -> Measured:
    return Measured.of(pose, np.full((17, 3), spread_m, np.float32), levelled=levelled)


def compared(student_m: float, instructor_m: float) -> Deviation:
    """The same pose twice, with these spreads of all joints."""
    return deviation(measured(student_m), SEEN, measured(instructor_m), Strictness.DEFAULT)


def test_where_nothing_is_in_doubt_the_band_is_entered_a_little_inside_the_strictness() -> None:
    np.testing.assert_allclose(compared(1e-4, 1e-4).band[LIMBS], ENTERED)


def test_doubt_that_both_share_counts_for_less() -> None:
    alike, one = compared(0.10, 0.10), compared(0.10, 0.001)
    knee = Angle.LEFT_KNEE_FLEXION
    assert ENTERED < alike.band[knee] < one.band[knee]


def test_a_camera_of_unknown_tilt_makes_leans_doubtful() -> None:
    sure, unsure = (
        deviation(
            measured(1e-4, levelled=levelled),
            SEEN,
            measured(1e-4, levelled=levelled),
            Strictness.DEFAULT,
        )
        for levelled in (True, False)
    )
    assert sure.band[Angle.TRUNK_FORWARD] < unsure.band[Angle.TRUNK_FORWARD]
    assert unsure.band[Angle.TRUNK_SIDE] < unsure.band[Angle.TRUNK_FORWARD]


def test_a_lifter_without_spread_is_taken_to_be_unsure() -> None:
    nothing = Measured.of(JOINTS, np.full((17, 3), np.nan, np.float32))
    found = deviation(nothing, SEEN, nothing, Strictness.DEFAULT)
    assert np.isfinite(found.band).all()
    assert found.band[Angle.LEFT_SHOULDER_PLANE] > Strictness.DEFAULT.band_deg
    assert (nothing.felt == 1).all()  # how it falls short is not known either


def test_what_is_read_of_an_unsure_angle_is_taken_for_a_part_of_it() -> None:
    bent = joints_of(POSE.but(knee=(60.0, 40.0)))
    sure, unsure = (
        deviation(measured(m, pose=bent), SEEN, measured(m), Strictness.DEFAULT).degrees
        for m in (1e-4, 0.05)
    )
    knee = Angle.LEFT_KNEE_FLEXION
    assert sure[knee] == pytest.approx(20, abs=0.2)
    assert 20.5 < unsure[knee] <= 40.5


def test_a_pose_that_is_misread_as_a_whole_is_doubted_as_a_whole() -> None:
    """One knee off in a pose that is else as it should be; and in one of which most is off."""
    one = joints_of(POSE.but(knee=(65.0, 40.0)))
    most = joints_of(
        POSE.but(
            knee=(65.0, 60.0), elbow=(30.0, 30.0), shoulder=(70.0, 70.0), hip_flexion=(20.0, 20.0)
        )
    )
    found = [
        deviation(measured(0.04, pose=pose), SEEN, measured(0.04), Strictness.DEFAULT)
        for pose in (one, most)
    ]
    knee = Angle.LEFT_KNEE_FLEXION
    assert found[0].excess[knee] > 1.2
    assert found[1].excess[knee] < 0.8 * found[0].excess[knee]
    assert found[1].far_off.any()  # which does not hide that it is another pose
