"""The student's clock across jitter, gaps and connections."""

import pytest

from coach_server.sessions.frame_clock import FRAME_S, FrameClock

pytestmark = pytest.mark.unit


def test_rtp_time_counts_and_jitter_does_not() -> None:
    clock = FrameClock()
    assert clock.tick(1_000_000, 50.0) == 0.0
    assert clock.tick(1_003_000, 50.2) == pytest.approx(1 / 30)
    assert clock.tick(1_090_000, 51.1) == pytest.approx(1.0)


def test_a_frame_that_is_not_later_has_no_time() -> None:
    clock = FrameClock()
    clock.tick(9000, 50.0)
    clock.tick(18_000, 50.1)
    assert clock.tick(18_000, 50.2) is None
    assert clock.tick(15_000, 50.2) is None
    assert clock.tick(27_000, 50.3) == pytest.approx(0.2)


def test_another_connection_goes_on_by_arrival() -> None:
    clock = FrameClock()
    clock.tick(9000, 50.0)
    clock.tick(99_000, 51.0)
    clock.restart()
    assert clock.tick(5, 54.0) == pytest.approx(4.0)
    assert clock.tick(9005, 54.1) == pytest.approx(4.1)


@pytest.mark.parametrize("jump", [-(10**9), 10**9])
def test_a_jump_of_rtp_time_is_bridged_by_arrival(jump: int) -> None:
    clock = FrameClock()
    clock.tick(0, 50.0)
    assert clock.tick(jump, 50.5) == pytest.approx(0.5)
    assert clock.tick(jump + 9000, 50.6) == pytest.approx(0.6)


def test_frames_that_arrive_together_after_a_jump_are_still_apart() -> None:
    clock = FrameClock()
    clock.tick(0, 50.0)
    assert clock.tick(10**9, 50.0) == pytest.approx(FRAME_S)
