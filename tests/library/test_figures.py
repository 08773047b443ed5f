"""An instructor's poses as a page draws them."""

from dataclasses import replace

import numpy as np
import pytest
from support.stick_figure import ARMS_OUT, Limbs, track_of

from coach_server.coaching.track import Track
from coach_server.library.figures import NOBODY, ROWS_PER_S, figure_rows

pytestmark = pytest.mark.unit

TRACK = track_of([(Limbs(), 0.0, 1.0), (ARMS_OUT, 1.0, 1.0)])


def rows_of(track: Track) -> np.ndarray:
    return np.frombuffer(figure_rows(track), "<i2").reshape(-1, 17, 3)


def test_every_second_picture_of_a_usual_film_is_a_row() -> None:
    rows = rows_of(TRACK)
    assert len(rows) == 3 * ROWS_PER_S
    assert np.abs(rows / 1000 - TRACK.joints[::2]).max() <= 0.00051


@pytest.mark.parametrize("fps", [12.5, 24.0, 59.94])
def test_rows_are_even_in_time_whatever_the_film_is(fps: float) -> None:
    track = track_of([(Limbs(), 0.0, 1.0), (ARMS_OUT, 1.0, 1.0)], fps=fps)
    rows = rows_of(track)
    assert len(rows) == pytest.approx(len(track.time_s) / fps * ROWS_PER_S, abs=1)
    for row in (0, 20, 25, len(rows) - 1):
        nearest = int(np.abs(track.time_s - row / ROWS_PER_S).argmin())
        assert np.abs(rows[row] / 1000 - track.joints[nearest]).max() <= 0.00051


def test_where_nobody_is_seen_there_is_nobody() -> None:
    present = TRACK.present.copy()
    present[20:40] = False
    joints = TRACK.joints.copy()
    joints[20:40] = np.nan
    joints[50] = 40.0  # metres, which no row holds
    rows = rows_of(replace(TRACK, present=present, joints=joints))
    assert (rows[10:20] == NOBODY).all()
    assert (rows[[9, 20]] != NOBODY).all()
    assert (rows[25] == 32767).all()


def test_a_track_without_a_row() -> None:
    empty = {
        name: getattr(TRACK, name)[:0]
        for name in ("time_s", "keypoints", "depth", "joints", "joints_sigma", "present")
    }
    assert figure_rows(replace(TRACK, **empty)) == b""
