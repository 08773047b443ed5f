"""What an offer becomes where it cannot be answered."""

import asyncio
import errno
from typing import Any

import pytest
from aiortc import RTCPeerConnection
from structlog.testing import capture_logs
from support.offers import honest_offer

from coach_server.errors import CoachError, FullError, InternalError, OfferError
from coach_server.rtc.candidates import CandidatePolicy
from coach_server.rtc.offer import CleanOffer, clean_offer
from coach_server.rtc.peer import Peer, PeerLimits

pytestmark = pytest.mark.loopback


async def answer(offer: CleanOffer) -> None:
    await Peer.answer(offer, limits=PeerLimits(answer_s=0.05), on_message=lambda _: None)


@pytest.mark.parametrize(
    ("raised", "told", "logged"),
    [
        (OSError(errno.EMFILE, "too many open files"), FullError, "OSError"),
        (OSError(errno.EIO, "the device is broken"), InternalError, "OSError"),
        (PermissionError(errno.EPERM, "no sockets here"), InternalError, "PermissionError"),
        (ValueError("nonsense"), OfferError, "ValueError"),
        (AttributeError("half an offer"), OfferError, "AttributeError"),
    ],
)
async def test_whose_fault_it_is(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, told: type[CoachError], logged: str
) -> None:
    offer = clean_offer(await honest_offer(), CandidatePolicy(loopback=True))

    async def broken(*_: Any) -> None:
        raise raised

    monkeypatch.setattr(RTCPeerConnection, "setRemoteDescription", broken)
    with capture_logs() as logs, pytest.raises(CoachError) as refused:
        await answer(offer)
    assert type(refused.value) is told
    assert str(raised) not in refused.value.message
    assert logged in [entry.get("error") for entry in logs]


async def test_an_answer_that_takes_too_long_is_no_fault_of_the_offer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer = clean_offer(await honest_offer(), CandidatePolicy(loopback=True))

    async def endless(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(RTCPeerConnection, "setRemoteDescription", endless)
    with capture_logs() as logs, pytest.raises(FullError) as refused:
        await answer(offer)
    assert refused.value.retry_after_s > 0
    assert len(logs) == 1
