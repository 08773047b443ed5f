"""When a peer that says nothing is given up, and its place is free for another."""

import pytest

from coach_server.rtc import consent
from coach_server.rtc.peer import PeerLimits
from coach_server.sessions.registry import KEEP_S

pytestmark = pytest.mark.unit


def test_a_silent_peer_is_found_within_five_seconds() -> None:
    limits = PeerLimits()
    assert limits.media_s + limits.poll_s + limits.farewell_s <= 5.0
    assert 1.2 * consent.EVERY_S * (consent.UNANSWERED + 1) <= 5.0


def test_what_never_connects_is_given_up_within_eight_and_a_session_kept_for_a_minute() -> None:
    limits = PeerLimits()
    assert (limits.connect_s, limits.media_s) == (8.0, 4.0)
    assert KEEP_S == 60
