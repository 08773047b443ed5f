"""What cheaper keypoints are measured by: which films, which frames count as still."""

from pathlib import Path

import numpy as np
import pytest
from support.films import write_film

from coach_server.body.keypoints import Keypoints
from coach_server.inference.protocols import Rgb
from scripts.cheaper_keypoints.films import Film, films
from scripts.cheaper_keypoints.practised import read_of
from scripts.cheaper_keypoints.seen import watch
from scripts.cheaper_keypoints.variants import FULL, OFTEN, SMALLER, STILL, camera, of_instructor
from scripts.lifter_scores.sightings import Sighting

pytestmark = pytest.mark.unit

FRAMES = 12
FOCAL, AWAY_M = 600.0, 3.0


def still_film() -> Sighting:
    """Somebody who keeps still, as a detector sees them whose answers tell the frame."""
    told = [
        Keypoints(np.full((17, 3), i, np.float32), np.zeros(17, np.float32), None, (640, 480))
        for i in range(FRAMES)
    ]
    joints = np.zeros((FRAMES, 17, 3), np.float32)
    return Sighting(
        name="still",
        take={},
        fps=15,
        image_size=(640, 480),
        focal=FOCAL,
        found=np.ones(FRAMES, bool),
        keypoints=tuple(told),
        joints=joints,
        places=joints + np.array([0, 0, AWAY_M], np.float32),
        groups=np.full(FRAMES, ""),
    )


def read_at(film: Sighting, still_px: float) -> list[int]:
    """The frame whose keypoints are taken for each."""
    return [int(one.points[0, 0]) for one in read_of(film, still_px) if one is not None]


def test_no_more_frames_in_a_row_are_left_out_than_may_be() -> None:
    film = still_film()
    assert read_at(film, 1.0) == [0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9]
    assert [one.repeated for one in read_of(film, 1.0)[:4] if one] == [False, True, True, False]
    assert read_at(film, 0.0) == list(range(FRAMES))


def test_movements_are_counted_from_the_frame_that_was_read() -> None:
    film = still_film()
    film.places[:, 9, 0] = np.arange(FRAMES) * 0.6 * AWAY_M / FOCAL  # .6 px a frame
    assert read_at(film, 1.0) == [0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10]


class Looking:
    """A detector that keeps what it is shown, and finds nobody."""

    name = fingerprint = "looking"

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def detect(self, rgb: Rgb) -> Keypoints | None:
        """Nobody."""
        self.shapes.append(rgb.shape[:2])
        return None

    def reset(self) -> None:
        """Nothing is kept of a person."""

    def close(self) -> None:
        """There is nothing to give back."""


@pytest.mark.parametrize(
    ("variant", "frames", "shape"),
    [(FULL, 10, (64, 96)), (FULL + SMALLER, 10, (43, 64)), (FULL + OFTEN, 20, (64, 96))],
)
def test_a_film_is_sent_as_a_page_is_asked_to_send_it(
    tmp_path: Path, variant: str, frames: int, shape: tuple[int, int]
) -> None:
    film = Film("film", write_film(tmp_path / "film.mp4", 20, fps=30))
    looking = Looking()
    seen = watch(film, looking, camera(variant))
    assert looking.shapes == [shape] * frames
    assert seen.time_s == pytest.approx(np.arange(frames) * 20 / 30 / frames)


def test_no_page_sends_the_instructor() -> None:
    for sent in ("", STILL, SMALLER, OFTEN):
        assert of_instructor(FULL + sent) == FULL


def test_the_demo_is_there_with_its_faults(tmp_path: Path) -> None:
    known = {film.name: film for film in films(tmp_path)}
    assert set(known) == {"demo", "demo.right", "demo.faults"}
    assert len(known["demo.faults"].faults) == 4
    assert known["demo.faults"].lead == "demo"
