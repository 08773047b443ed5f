"""A film that makes a worse routine is told so, with its seconds; a good one hears nothing."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from coach_server.body.keypoints import Keypoints
from coach_server.body.pose import Pose
from coach_server.inference.protocols import Rgb
from coach_server.library.film_checks import MOST, FilmChecks
from coach_server.library.routine_file import FilmWarning, Span
from coach_server.pipeline.tracker import Tracked

pytestmark = pytest.mark.unit

Frames: TypeAlias = Sequence[tuple[Rgb, Tracked | None]]

RNG = np.random.default_rng(5)
ROOM = np.kron(RNG.integers(60, 200, (9, 16, 1)), np.ones((20, 20, 3))).astype(np.uint8)
GARDEN = np.kron(RNG.integers(60, 200, (9, 16, 1)), np.ones((20, 20, 3))).astype(np.uint8)
BODY = np.stack([np.linspace(0.4, 0.6, 17), np.linspace(0.2, 0.9, 17)], axis=1)


def somebody(body: NDArray[np.float64] = BODY, people: int = 1) -> Tracked:
    points = np.concatenate([body, np.ones((17, 1))], axis=1).astype(np.float32)
    depth = np.zeros(17, np.float32)
    pose = Pose(np.zeros((17, 3), np.float32), np.zeros((17, 3), np.float32))
    return Tracked(Keypoints(points, depth, None, (320, 180), people), pose, True)


def warnings(frames: Frames, fps: float = 30.0) -> dict[str, tuple[Span, ...]]:
    checks = FilmChecks()
    for index, (rgb, row) in enumerate(frames):
        checks.see(index / fps, rgb, row)
    found = checks.warnings(fps)
    assert all(isinstance(each, FilmWarning) and each.message.endswith(".") for each in found)
    return {each.code: each.spans for each in found}


def times(spans: tuple[Span, ...]) -> list[tuple[float, float]]:
    return [(span.start_s, span.end_s) for span in spans]


def test_a_good_film_hears_nothing() -> None:
    sway = 0.02 * np.sin(np.arange(300) / 9)
    # now and then nobody is found for a moment
    moving = [somebody(BODY + np.array([x, 0])) if i % 40 else None for i, x in enumerate(sway)]
    lights = np.linspace(0.8, 1.2, 300)  # the camera adapts to the light
    frames = [
        ((ROOM * light).astype(np.uint8), row) for light, row in zip(lights, moving, strict=True)
    ]
    assert warnings(frames) == {}


def test_a_cut_is_named_with_its_second() -> None:
    frames: Frames = [(ROOM if i < 60 else GARDEN, somebody()) for i in range(150)]
    assert times(warnings(frames)["cut"]) == [(2.0, 2.0)]


def test_a_lively_picture_is_no_cut() -> None:
    frames: Frames = [(np.roll(ROOM, 7 * i, axis=1), somebody()) for i in range(90)]
    assert "cut" not in warnings(frames)


def test_others_in_view_are_named() -> None:
    frames: Frames = [(ROOM, somebody(people=2 if 60 <= i < 150 else 1)) for i in range(240)]
    assert times(warnings(frames)["several_people"])[0] == pytest.approx((2.0, 4.97), abs=0.01)


@pytest.mark.parametrize("joint", [0, 9, 16])
def test_a_body_that_leaves_the_picture_is_named(joint: int) -> None:
    outside = BODY.copy()
    outside[joint, 1] = 1.2
    frames: Frames = [(ROOM, somebody(outside if 90 <= i < 180 else BODY)) for i in range(240)]
    assert times(warnings(frames)["out_of_frame"])[0] == pytest.approx((3.0, 5.97), abs=0.01)
    brief: Frames = [(ROOM, somebody(outside if 90 <= i < 110 else BODY)) for i in range(240)]
    assert warnings(brief) == {}


def test_nobody_is_named() -> None:
    frames: Frames = [(ROOM, somebody() if i >= 90 else None) for i in range(180)]
    assert times(warnings(frames)["nobody"])[0] == pytest.approx((0.0, 2.97), abs=0.01)


def test_few_pictures_a_second_are_named() -> None:
    frames: Frames = [(ROOM, somebody())] * 50
    assert warnings(frames, fps=5.0) == {"low_rate": ()}
    assert warnings(frames, fps=15.0) == {}


def test_a_small_body_is_named_and_a_lying_one_is_not() -> None:
    small: Frames = [(ROOM, somebody(0.3 + BODY * 0.2))] * 30
    assert warnings(small) == {"small": ()}
    lying = np.stack([np.linspace(0.2, 0.8, 17), np.linspace(0.8, 0.85, 17)], axis=1)
    assert warnings([(ROOM, somebody(lying))] * 30) == {}


def test_a_dark_film_is_named_and_a_dark_backdrop_is_not() -> None:
    night = (ROOM * 0.1).astype(np.uint8)
    assert warnings([(night, somebody())] * 30) == {"dark": ()}
    stage = night.copy()
    stage[30:170, 120:200] = 150
    assert warnings([(stage, somebody())] * 30) == {}


def test_stretches_are_bounded() -> None:
    frames: Frames = [(ROOM, somebody(people=1 + (i // 60) % 2)) for i in range(6000)]
    spans = times(warnings(frames)["several_people"])
    assert len(spans) == MOST
    assert spans[0][0] == pytest.approx(2.0)
    assert spans[-1][1] == pytest.approx(199.97, abs=0.01)


def test_pictures_of_any_size_are_taken() -> None:
    for size in ((18, 32), (2, 2), (97, 65), (1280, 720)):
        picture = np.full((*size, 3), 128, np.uint8)
        assert warnings([(picture, somebody())] * 40) == {}
