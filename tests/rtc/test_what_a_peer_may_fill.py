"""What aiortc would keep of a peer that is no page: it is bounded, and ends the connection."""

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiortc import RTCPeerConnection
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from aiortc.rtcsctptransport import (
    SCTP_DATA_FIRST_FRAG,
    SCTP_DATA_LAST_FRAG,
    SCTP_DATA_UNORDERED,
    DataChunk,
    RTCSctpTransport,
)
from aiortc.rtp import RtpPacket

from coach_server.rtc.aiortc_patches import MAX_PARTS, MAX_SOURCES, bound_messages, tap

pytestmark = pytest.mark.unit

WHOLE = SCTP_DATA_FIRST_FRAG | SCTP_DATA_LAST_FRAG | SCTP_DATA_UNORDERED


def association() -> Any:
    """One that is up, as far as it receives; its first number is 1."""
    transport: Any = SimpleNamespace(
        state="connected", transport=SimpleNamespace(role="controlled")
    )
    made: Any = RTCSctpTransport(transport)
    made._inbound_streams_count = 65_535
    made._last_received_tsn = 0
    return made


def part(number: int, flags: int = 0, data: bytes = b"x", stream: int = 0) -> DataChunk:
    chunk = DataChunk(flags=flags)
    chunk.tsn, chunk.stream_id, chunk.user_data = number, stream, data
    chunk.stream_seq, chunk.protocol = 0, 51
    return chunk


def without_end(data: bytes) -> Iterator[DataChunk]:
    yield part(1, SCTP_DATA_FIRST_FRAG, data)
    yield from (part(number, 0, data) for number in range(2, 10_000))


def with_gaps() -> Iterator[DataChunk]:
    return (part(2 * number, WHOLE) for number in range(1, 10_000))


def by_all_streams() -> Iterator[DataChunk]:
    return (part(number, SCTP_DATA_FIRST_FRAG, stream=number) for number in range(1, 10_000))


@pytest.mark.parametrize(
    "sent",
    [lambda: without_end(b"x" * 1100), lambda: without_end(b"x"), lambda: without_end(b""),
     with_gaps, by_all_streams],
    ids=["much", "bytes", "nothing", "gaps", "streams"],
)  # fmt: skip
async def test_messages_of_which_parts_are_lacking(sent: Callable[[], Iterator[DataChunk]]) -> None:
    held = association()
    ended: list[int] = []
    connection: Any = SimpleNamespace(sctp=held)
    bound_messages(connection, lambda: ended.append(1))
    for chunk in sent():
        await held._receive_data_chunk(chunk)
    kept = sum(len(stream.reassembly) for stream in held._inbound_streams.values())
    assert ended
    assert max(kept, len(held._inbound_streams), len(held._sack_misordered)) <= MAX_PARTS + 1


async def test_an_honest_page_is_not_ended() -> None:
    held = association()
    ended: list[int] = []
    connection: Any = SimpleNamespace(sctp=held)
    bound_messages(connection, lambda: ended.append(1))
    for number in range(1, 5000):
        await held._receive_data_chunk(part(number, WHOLE, b"x" * 1000, stream=number % 2))
    assert not ended
    assert held._last_received_tsn == 4999, "stock handling is lost"


async def test_sources_of_video() -> None:
    connection = RTCPeerConnection()
    receiver: Any = connection.addTransceiver("video", direction="recvonly").receiver
    receiver._track = RemoteStreamTrack("video")
    ended: list[int] = []
    tap(receiver, lambda _ntp, _rtp: None, lambda: ended.append(1))
    for number in range(1000):
        packet = RtpPacket(payload_type=97, ssrc=number, payload=b"x")
        await receiver._handle_rtp_packet(packet, arrival_time_ms=number)
        assert bool(ended) == (number >= MAX_SOURCES)
    assert len(receiver._RTCRtpReceiver__active_ssrc) == MAX_SOURCES, "stock handling is lost"
    await connection.close()


async def test_one_that_leaves_does_not_have_the_loop_wait_for_its_decoder() -> None:
    connection = RTCPeerConnection()
    receiver: Any = connection.addTransceiver("video", direction="recvonly").receiver
    receiver._track = RemoteStreamTrack("video")
    tap(receiver, lambda _ntp, _rtp: None)
    decoded = threading.Event()
    thread = receiver._RTCRtpReceiver__decoder_thread = threading.Thread(target=decoded.wait)
    thread.start()
    receiver._handle_disconnect()  # the stock one would never come back
    decoded.set()
    thread.join()
    await connection.close()
