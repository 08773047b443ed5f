"""A peer that has gone is freed at once: the collector need not find it among all who are there."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from support.offers import honest_offer
from support.student_peer import StudentPeer

from coach_server.rtc import consent
from coach_server.rtc.aiortc_patches import install
from coach_server.rtc.candidates import CandidatePolicy, own_addresses
from coach_server.rtc.offer import clean_offer
from coach_server.rtc.peer import EndReason, Peer, PeerLimits

pytestmark = pytest.mark.loopback

QUICK = PeerLimits(poll_s=0.05, farewell_s=0.01)
SOON = replace(QUICK, connect_s=0.2)


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    install(loopback=True)
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def answered(offer: str, limits: PeerLimits) -> tuple[Peer, str]:
    policy = CandidatePolicy(loopback=True, own_addresses=own_addresses())
    return await Peer.answer(clean_offer(offer, policy), limits=limits, on_message=lambda _: None)


def held(peer: Peer) -> list[weakref.ref[object]]:
    """What must be gone with it."""
    connection: Any = peer._connection
    receivers = [each.receiver for each in connection.getTransceivers()]
    checks = [each._connection for each in connection._RTCPeerConnection__iceTransports]
    transports = [*connection._RTCPeerConnection__dtlsTransports, connection.sctp]
    return [weakref.ref(each) for each in (peer, connection, *receivers, *checks, *transports)]


async def gone(parts: list[weakref.ref[object]]) -> None:
    """Wait for it, until the tasks of a peer that has ended have ended too."""
    async with asyncio.timeout(60.0):
        while any(part() for part in parts):  # noqa: ASYNC110  # what is freed tells nobody
            await asyncio.sleep(0.02)


async def test_one_that_never_connected() -> None:
    peer, _ = await answered(await honest_offer(), SOON)
    parts = held(peer)
    assert await peer.ended() is EndReason.NEVER_CONNECTED
    del peer
    await gone(parts)


@pytest.mark.parametrize("vanishes", [False, True])
async def test_one_that_practised(vanishes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "EVERY_S", 0.2)
    student, peers = StudentPeer(), list[Peer]()

    async def post(fields: dict[str, Any]) -> dict[str, Any]:
        peer, sdp = await answered(fields["sdp"], QUICK)
        peers.append(peer)
        return {"sdp": sdp}

    await student.connect(post)
    peer = peers.pop()
    assert await peer.frames.take() is not None
    parts = held(peer)
    if vanishes:
        await student.vanish()
        assert await peer.ended() in {EndReason.LOST, EndReason.NO_MEDIA}
    else:
        await peer.close(EndReason.SHUTDOWN)
    del peer
    await student.close()
    await gone(parts)
