"""When a peer that says nothing is given up, and its place is free for another."""

import pytest
from aioice import ice

from coach_server.rtc.aiortc_patches import install
from coach_server.rtc.peer import PeerLimits
from coach_server.sessions.registry import KEEP_S

pytestmark = pytest.mark.unit


def test_a_silent_peer_is_found_within_five_seconds() -> None:
    limits = PeerLimits()
    assert limits.media_s + limits.poll_s + limits.farewell_s <= 5.0
    install(loopback=True)
    assert ice.CONSENT_INTERVAL * (ice.CONSENT_FAILURES + 1) <= 5.0


def test_what_never_connects_is_given_up_within_eight_and_a_session_kept_for_a_minute() -> None:
    assert PeerLimits().connect_s <= 8.0
    assert KEEP_S == 60
