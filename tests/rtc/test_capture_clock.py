"""Frames on the page's clock."""

import pytest

from coach_server.rtc.capture_clock import NTP_TO_UNIX_S, CaptureClock

pytestmark = pytest.mark.unit

PAGE_MS = 1_795_000_000_000.0
"""What the page's clock shows at our second 100."""


def ntp(epoch_ms: float) -> int:
    return int((epoch_ms / 1000 + NTP_TO_UNIX_S) * 2**32)


def test_nothing_is_known_at_first() -> None:
    assert CaptureClock().capture_ms(0, 100.0) is None


def test_sender_reports_are_exact() -> None:
    clock = CaptureClock()
    clock.sender_report(ntp(PAGE_MS), 90_000)
    assert clock.capture_ms(90_000 + 9_000, 100.0) == pytest.approx(PAGE_MS + 100, abs=0.01)
    assert clock.capture_ms(90_000 - 9_000, 100.0) == pytest.approx(PAGE_MS - 100, abs=0.01)


def test_rtp_time_wraps() -> None:
    clock = CaptureClock()
    clock.sender_report(ntp(PAGE_MS), 2**32 - 900)
    unwrapped = 2**32 + 900
    assert clock.capture_ms(unwrapped, 100.0) == pytest.approx(PAGE_MS + 20, abs=0.01)
    assert clock.capture_ms(900, 100.0) == pytest.approx(PAGE_MS + 20, abs=0.01)


def test_before_the_first_report_arrival_is_mapped_by_the_quickest_message() -> None:
    clock = CaptureClock()
    clock.page_said(PAGE_MS, 100.200)  # 200 ms on the way
    clock.page_said(PAGE_MS + 1000, 101.010)  # 10 ms on the way
    assert clock.capture_ms(0, 102.010) == pytest.approx(PAGE_MS + 2000, abs=0.01)


def test_a_report_on_another_clock_is_not_believed() -> None:
    clock = CaptureClock()
    clock.page_said(PAGE_MS, 100.0)
    clock.sender_report(ntp(PAGE_MS - 86_400_000), 0)
    assert clock.capture_ms(0, 100.0) == pytest.approx(PAGE_MS, abs=0.01)
    assert clock.distrusted == 1


def test_only_recent_messages_count() -> None:
    clock = CaptureClock()
    clock.page_said(PAGE_MS, 100.0)
    for second in range(1, 31):  # the page's clock was set back by a second
        clock.page_said(PAGE_MS - 1000 + second * 1000, 100.0 + second)
    assert clock.capture_ms(0, 140.0) == pytest.approx(PAGE_MS + 39_000, abs=0.01)
