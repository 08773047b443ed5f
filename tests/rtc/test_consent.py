"""A peer whose answers are late is kept, one that gives none is given up."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aioice import Connection
from aiortc import RTCPeerConnection

from coach_server.rtc import aiortc_patches, consent
from coach_server.rtc.consent import PatientConnection

pytestmark = pytest.mark.loopback


@pytest_asyncio.fixture
async def pair(
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[tuple[PatientConnection, Connection]]:
    """We and a stock peer, connected; checked twice a second and more."""
    aiortc_patches.install(loopback=True)
    monkeypatch.setattr(consent, "EVERY_S", 0.4)
    ours, theirs = PatientConnection(ice_controlling=False), Connection(ice_controlling=True)
    for one, other in ((ours, theirs), (theirs, ours)):
        await one.gather_candidates()
        for candidate in one.local_candidates:
            await other.add_remote_candidate(candidate)
        await other.add_remote_candidate(None)
        other.remote_username, other.remote_password = one.local_username, one.local_password
    await asyncio.gather(ours.connect(), theirs.connect())
    yield ours, theirs
    await asyncio.gather(ours.close(), theirs.close())


def answers(theirs: Any, late_s: float | None) -> set[bytes]:
    """From now on `theirs` answers so late, or not at all; gives the checks that came."""
    stock = type(theirs).request_received
    came = set[bytes]()

    def received(*request: Any) -> None:
        came.add(request[0].transaction_id)
        if late_s is not None:
            asyncio.get_running_loop().call_later(late_s, stock, theirs, *request)

    theirs.request_received = received
    return came


def is_connected(ours: PatientConnection) -> bool:
    return bool(ours._nominated)


async def test_answers_that_come_late_are_answers(
    pair: tuple[PatientConnection, Connection],
) -> None:
    ours, theirs = pair
    answers(theirs, late_s=0.6)  # stock aioice waits for half a second
    await asyncio.sleep(4.0)
    assert is_connected(ours)


async def test_who_never_answers_is_given_up(pair: tuple[PatientConnection, Connection]) -> None:
    ours, theirs = pair
    checks = answers(theirs, late_s=None)
    async with asyncio.timeout(60.0):
        while is_connected(ours):  # noqa: ASYNC110  # what ends a connection tells nobody
            await asyncio.sleep(0.02)
    assert consent.UNANSWERED - 1 <= len(checks) <= consent.UNANSWERED + 1


async def test_our_connections_are_patient() -> None:
    aiortc_patches.install(loopback=True)
    connection: Any = RTCPeerConnection()
    connection.addTransceiver("video", direction="recvonly")
    transports = connection._RTCPeerConnection__iceTransports
    assert [type(each._connection) for each in transports] == [PatientConnection]
    await connection.close()
