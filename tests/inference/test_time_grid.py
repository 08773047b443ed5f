"""Frames at any times on a grid of thirty a second."""

import numpy as np
import pytest

from coach_server.inference.videopose.time_grid import BRIDGE_S, FPS, Placement, TimeGrid

pytestmark = pytest.mark.unit


def placed(*times: float) -> list[Placement]:
    grid = TimeGrid()
    return [grid.place(t) for t in times]


def columns(placements: list[Placement]) -> int:
    """How many columns are made after the first."""
    return sum(len(p.between) + (not p.again) for p in placements[1:])


def test_the_first_frame_begins() -> None:
    assert placed(12.3) == [Placement(begins=True)]


def test_thirty_a_second_is_a_column_each() -> None:
    assert placed(*(5 + np.arange(900) / 30))[1:] == [Placement()] * 899


def test_jitter_is_forgiven() -> None:
    late = np.random.default_rng(4).uniform(-0.006, 0.006, 900)
    late[0] = 0
    assert placed(*(np.arange(900) / 30 + late))[1:] == [Placement()] * 899


@pytest.mark.parametrize("fps", [7, 12, 15, 20, 24, 25, 29.97, 30, 50, 60])
def test_ten_seconds_are_three_hundred_columns(fps: float) -> None:
    placements = placed(*(np.arange(round(10 * fps) + 1) / fps))
    assert not any(p.begins for p in placements[1:])
    assert columns(placements) == pytest.approx(round(10 * fps) / fps * FPS, abs=0.51)


def test_fifteen_a_second_are_half_guessed() -> None:
    for placement in placed(*(np.arange(100) / 15))[1:]:
        assert placement.between == pytest.approx((0.5,))


def test_dropped_frames_are_guessed_at_their_times() -> None:
    _, _, after = placed(0, 1 / 30, 5 / 30)
    assert after.between == pytest.approx((0.25, 0.5, 0.75))


def test_what_is_guessed_lies_where_the_slots_are_not_halfway() -> None:
    _, _, after = placed(0, 0.04, 0.101)  # slots 0, 1 and 3; the middle of slot 2 is at 1/15
    assert after.between == pytest.approx(((1 / 15 - 0.04) / 0.061,))


def test_sixty_a_second_take_turns() -> None:
    placements = placed(*(np.arange(1, 121) / 60 - 0.004))
    assert sum(p.again for p in placements) == pytest.approx(60, abs=1)


def test_a_gap_begins_anew() -> None:
    bridged, anew = placed(0, BRIDGE_S - 0.001), placed(0, BRIDGE_S + 0.001)
    assert len(bridged[1].between) == 6
    assert anew[1] == Placement(begins=True)


def test_after_a_gap_slots_count_from_its_end() -> None:
    assert placed(0, 10.017, 10.017 + 1 / 30, 10.017 + 2 / 30)[2:] == [Placement()] * 2


def test_a_clock_that_goes_backwards_begins_anew() -> None:
    assert placed(5, 4.99)[1] == Placement(begins=True)


def test_the_same_time_twice_is_the_same_column() -> None:
    assert placed(5, 5)[1] == Placement(again=True)


def test_a_reset_begins_anew() -> None:
    grid = TimeGrid()
    grid.place(0)
    grid.reset()
    assert grid.place(1 / 30) == Placement(begins=True)
