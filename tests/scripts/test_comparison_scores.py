"""The figures of comparisons: right where a figure's faults and times are known."""

from dataclasses import replace

import numpy as np
import pytest
from support.practice import POSES, SIGMA_M, Poses, with_fault
from support.stick_figure import ARMS_OUT, track_of

from coach_server.body.angles import Angle
from coach_server.coaching.cue import Joint, Side
from coach_server.coaching.track import Track
from scripts.comparison_scores.people import Person, PutIn
from scripts.comparison_scores.report import report
from scripts.comparison_scores.scores import score

pytestmark = pytest.mark.unit

FPS = 15.0


def of(poses: Poses) -> tuple[Track, np.ndarray]:
    """A track and when its holds begin and end."""
    track = track_of(list(poses), fps=FPS)
    spans = np.cumsum([seconds for _, *way in poses for seconds in way])
    return replace(track, joints_sigma=np.full_like(track.joints, SIGMA_M)), spans


def test_a_fault_that_stands_out_counts_and_one_that_is_not_there_does_not() -> None:
    theirs, knots = of(POSES)
    low = ARMS_OUT.but(shoulder=(90.0, 60.0))
    ours, own = of([(POSES[0][0], 0.0, 4.0), *with_fault(1, low)[1:]])
    start, end = own[2], own[3]
    faults = (
        PutIn(Angle.RIGHT_SHOULDER_ELEVATION, Joint.SHOULDER, Side.RIGHT, -30.0, start, end),
        PutIn(Angle.LEFT_KNEE_FLEXION, Joint.KNEE, Side.LEFT, 30.0, start, end),
    )
    instructor = Person("instructor", knots, (), {"as filmed": theirs}.get)
    student = Person("student", own, faults, {"as filmed": ours}.get)
    scored = score(instructor, student, theirs, ours)
    there, missing = scored.faults
    assert (there.rank, there.found) == (1, True)
    assert there.read == pytest.approx(-30, abs=2)
    assert not missing.found
    assert missing.rank != 1
    assert np.median(scored.moving) < 0.1
    assert scored.findings == 0
    assert scored.clean_s == pytest.approx(sum(own[1::2] - own[::2]) - (end - start))
    told = report("as filmed", [scored])
    assert "first 1/2 (50%)" in told
    assert "faults of 30°" in told


def test_wrong_times_are_told() -> None:
    theirs, knots = of(POSES)
    instructor = Person("instructor", knots, (), {"as filmed": theirs}.get)
    student = Person("student", knots + 0.5, (), {"as filmed": theirs}.get)
    scored = score(instructor, student, theirs, theirs)
    assert 0.3 < np.median(scored.moving) < 0.7
