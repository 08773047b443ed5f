"""What cheaper keypoints are measured by: which frames are left out, and what is told of it."""

from pathlib import Path

import numpy as np
import pytest

from scripts.cheaper_keypoints.films import films
from scripts.cheaper_keypoints.seen import THUMBNAIL, Seen
from scripts.cheaper_keypoints.still import reused

pytestmark = pytest.mark.unit

FRAMES = 12


def still_film() -> Seen:
    """Somebody who keeps still in the middle of a still picture."""
    points = np.zeros((FRAMES, 17, 3), np.float32)
    points[..., :2] = np.linspace((0.4, 0.3), (0.6, 0.8), 17)
    return Seen(
        time_s=np.arange(FRAMES) / 15,
        size=np.array([640, 480]),
        found=np.ones(FRAMES, bool),
        points=points,
        world=np.zeros((FRAMES, 17, 3), np.float32),
        cost_ms=np.ones(FRAMES),
        thumbnails=np.full((FRAMES, *THUMBNAIL[::-1]), 90, np.uint8),
    )


def test_no_more_frames_in_a_row_are_left_out_than_may_be() -> None:
    assert reused(still_film(), 3, 0.5).tolist() == [0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8]


def test_a_frame_in_which_the_person_moves_is_looked_at() -> None:
    film = still_film()
    film.thumbnails[6, 20:40, 26:38] += 40
    assert reused(film, 99, 0.5).tolist() == [0] * 6 + [6] + [7] * 5


def test_what_moves_elsewhere_is_nobody() -> None:
    film = still_film()
    film.thumbnails[6, :, :4] += 40
    assert reused(film, 99, 0.5).tolist() == [0] * 12


def test_who_is_not_found_is_looked_for() -> None:
    film = still_film()
    film.found[:] = False
    assert reused(film, 99, 0.5).tolist() == list(range(FRAMES))


def test_the_demo_is_there_with_its_faults(tmp_path: Path) -> None:
    known = {film.name: film for film in films(tmp_path)}
    assert set(known) == {"demo", "demo.right", "demo.faults"}
    assert len(known["demo.faults"].faults) == 4
    assert known["demo.faults"].lead == "demo"
