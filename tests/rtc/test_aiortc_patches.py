"""What our changes to aiortc and aioice rest on: these fail when upstream changes it."""

import asyncio
import queue
import struct
import threading
import time
from datetime import UTC, datetime
from typing import Any

import aioice.ice
import aiortc.clock
import aiortc.rtcdtlstransport
import pytest
from aiortc import RTCPeerConnection, RTCRtpReceiver
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtcrtpreceiver import RemoteStreamTrack, StreamStatistics
from aiortc.rtp import RtcpReceiverInfo, RtcpSenderInfo, RtcpSrPacket, RtpPacket

from coach_server.rtc import aiortc_patches
from coach_server.rtc.aiortc_patches import (
    MAX_UNDECODED,
    DecoderQueue,
    RawTimestamps,
    SteadyStatistics,
    close_connection,
    host_addresses,
    install,
    tap,
)
from coach_server.rtc.bitrate import SparseRateCounter
from coach_server.rtc.reassembly import MarkerJitterBuffer

pytestmark = pytest.mark.unit


def packet(
    sequence: int, timestamp: int, *, marker: bool = False, padding: bool = False
) -> RtpPacket:
    made: Any = RtpPacket(sequence_number=sequence, timestamp=timestamp, marker=marker)
    made._data = b"" if padding else bytes([sequence & 0xFF])
    return made  # type: ignore[no-any-return]  # annotated Any to set what the receiver sets


def frames(buffer: JitterBuffer, packets: list[RtpPacket]) -> list[tuple[bytes, int] | None]:
    """What each packet brings out."""
    out = []
    for one in packets:
        _, frame = buffer.add(one)
        out.append((frame.data, frame.timestamp) if frame else None)
    return out


def test_a_frame_comes_out_with_its_marker() -> None:
    packets = [packet(1, 100), packet(2, 100, marker=True), packet(3, 200, marker=True)]
    assert frames(MarkerJitterBuffer(), packets) == [None, (b"\1\2", 100), (b"\3", 200)]
    stock = frames(JitterBuffer(capacity=512, is_video=True), packets)
    assert stock == [None, None, (b"\1\2", 100)], "stock aiortc no longer waits: drop the change"


def test_without_a_marker_the_next_frame_brings_it_out() -> None:
    packets = [packet(1, 100), packet(2, 100), packet(3, 200), packet(4, 200, marker=True)]
    assert frames(MarkerJitterBuffer(), packets) == [None, None, (b"\1\2", 100), (b"\3\4", 200)]


def test_disorder_is_put_right_and_a_gap_waited_for() -> None:
    packets = [
        packet(1, 100, marker=True),
        packet(3, 200, marker=True),
        packet(2, 200),
        packet(4, 300, marker=True),
    ]
    expected = [(b"\1", 100), None, (b"\2\3", 200), (b"\4", 300)]
    assert frames(MarkerJitterBuffer(), packets) == expected


def test_sequence_numbers_wrap() -> None:
    packets = [packet(65_535, 100), packet(0, 100, marker=True), packet(1, 200, marker=True)]
    assert frames(MarkerJitterBuffer(), packets) == [None, (b"\xff\0", 100), (b"\1", 200)]


def test_padding_is_never_handed_out_as_a_frame() -> None:
    """To libav empty data is the end of the stream: no later frame would be decoded."""
    packets = [
        packet(1, 100, marker=True),
        packet(2, 100, padding=True),
        packet(3, 100, padding=True),
        packet(4, 200),
        packet(5, 200, marker=True),
        packet(6, 200, marker=True, padding=True),
        packet(7, 300, marker=True),
    ]
    out = [(b"\1", 100), None, None, None, (b"\4\5", 200), None, (b"\7", 300)]
    assert frames(MarkerJitterBuffer(), packets) == out


def test_padding_that_comes_late_holds_no_frame_back() -> None:
    packets = [
        packet(1, 100, marker=True),
        packet(3, 200, marker=True),
        packet(2, 100, padding=True),
    ]
    assert frames(MarkerJitterBuffer(), packets) == [(b"\1", 100), None, (b"\3", 200)]


def test_raw_timestamps_go_on_past_a_wrap() -> None:
    raw = RawTimestamps()
    assert [raw.map(t) for t in (2**32 - 10, 2**32 - 5, 5, 3)] == [
        2**32 - 10,
        2**32 - 5,
        2**32 + 5,
        2**32 + 3,
    ]


def test_what_a_moved_clock_does_to_jitter_can_be_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def report(statistics: StreamStatistics) -> bytes:
        for number, now_s in enumerate((0.0, 56 * 365 * 86_400.0)):
            monkeypatch.setattr(time, "time", lambda now_s=now_s: now_s)
            statistics.add(RtpPacket(sequence_number=number, timestamp=3000 * number))
        return bytes(RtcpReceiverInfo(1, 0, 0, 1, statistics.jitter, 0, 0))

    with pytest.raises(struct.error):
        report(StreamStatistics(90_000))  # else drop the change
    assert report(SteadyStatistics(90_000))
    install(loopback=True)
    assert aiortc_patches._receiving.StreamStatistics is SteadyStatistics


def test_a_decoder_that_falls_behind_starts_afresh() -> None:
    error = threading.Event()
    waiting = DecoderQueue(error)
    for frame in range(MAX_UNDECODED):
        waiting.put(frame)
    assert not error.is_set()
    waiting.put("late")
    assert error.is_set()
    assert (waiting.get(), waiting.dropped, waiting.qsize()) == ("late", MAX_UNDECODED, 0)
    waiting.put("waits")
    waiting.put(None)
    assert (waiting.get(), waiting.dropped) == (None, MAX_UNDECODED + 1)


async def receiver_of(connection: RTCPeerConnection) -> RTCRtpReceiver:
    receiver: Any = connection.addTransceiver("video", direction="recvonly").receiver
    receiver._track = RemoteStreamTrack("video")  # as an offer brings it
    return receiver  # type: ignore[no-any-return]  # annotated Any to set what an offer sets


async def test_a_receiver_has_the_parts_that_are_changed() -> None:
    connection = RTCPeerConnection()
    parts: Any = await receiver_of(connection)
    assert type(parts._RTCRtpReceiver__jitter_buffer) is JitterBuffer
    assert parts._RTCRtpReceiver__jitter_buffer.capacity == 512
    assert hasattr(parts._RTCRtpReceiver__timestamp_mapper, "map")
    assert type(parts._RTCRtpReceiver__decoder_queue) is queue.Queue
    assert isinstance(parts._RTCRtpReceiver__decoder_error, threading.Event)
    assert parts._RTCRtpReceiver__decoder_thread is None
    assert type(parts.track._queue) is asyncio.Queue
    assert isinstance(connection._RTCPeerConnection__iceTransports, set)  # type: ignore[attr-defined]  # private
    assert isinstance(connection._RTCPeerConnection__dtlsTransports, set)  # type: ignore[attr-defined]  # private
    await connection.close()


async def test_sender_reports_are_told() -> None:
    connection = RTCPeerConnection()
    receiver = await receiver_of(connection)
    told: list[tuple[int, int]] = []
    tap(receiver, lambda ntp, rtp: told.append((ntp, rtp)))
    sender_info = RtcpSenderInfo(
        ntp_timestamp=2**63 + 1, rtp_timestamp=77, packet_count=0, octet_count=0
    )
    await receiver._handle_rtcp_packet(RtcpSrPacket(ssrc=1, sender_info=sender_info))
    assert told == [(2**63 + 1, 77)]
    stats = await receiver.getStats()
    assert any(key.startswith("remote-outbound-rtp") for key in stats), "stock handling is lost"
    await connection.close()


def test_loopback_addresses() -> None:
    assert "127.0.0.1" not in host_addresses(), "aioice offers loopback by itself now"
    try:
        install(loopback=True)
        found = aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True)
        assert found == ["127.0.0.1", *host_addresses()]
        install(loopback=False)
        assert aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True) == host_addresses()
    finally:
        install(loopback=True)


def test_arrival_is_timed_by_a_clock_that_never_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    install(loopback=True)
    transports: Any = aiortc.rtcdtlstransport  # its import, which it does not export
    before_ms = transports.clock.current_ms()
    past = datetime(1970, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(aiortc.clock, "current_datetime", lambda: past)
    assert 0 <= transports.clock.current_ms() - before_ms < 60_000


def test_what_arrives_is_counted_sparsely() -> None:
    install(loopback=True)
    estimator: Any = RemoteBitrateEstimator()
    assert type(estimator.incoming_bitrate) is SparseRateCounter


async def test_a_connection_whose_close_raises_is_abandoned_whole() -> None:
    connection = RTCPeerConnection()
    await receiver_of(connection)
    connection.createDataChannel("x")
    await connection.setLocalDescription(await connection.createOffer())

    async def broken() -> None:
        raise AttributeError("half an offer")

    connection.close = broken  # type: ignore[method-assign]  # as it does for spoilt offers
    await close_connection(connection)  # descriptors are checked by the fixture


async def test_a_connection_whose_close_hangs_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiortc_patches, "CLOSE_TIMEOUT_S", 0.01)
    connection = RTCPeerConnection()
    await receiver_of(connection)
    await connection.setLocalDescription(await connection.createOffer())

    async def hanging() -> None:
        await asyncio.Event().wait()

    connection.close = hanging  # type: ignore[method-assign]  # as after an error in aiortc's own
    await close_connection(connection)
