"""Everything that touches private parts of aiortc 1.16 and aioice 0.13; pinned in pyproject.

Each change has a test in tests/rtc that fails when upstream changes what it rests on. Receivers and
associations are changed one by one (`tap`, `bound_messages`, `outlast_the_way`), never the classes,
so that other peers in the process stay stock; consent, host addresses, what is counted of arrivals
and the choice of a decoder are names in their modules (`install`).
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import aioice.ice
import aiortc.clock
import aiortc.rate
import aiortc.rtcicetransport
import aiortc.rtcrtpreceiver
import structlog
from aiortc import RTCPeerConnection, RTCRtpReceiver
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import AnyRtcpPacket, RtcpByePacket, RtcpSrPacket, RtpPacket

from coach_server.rtc import datagrams
from coach_server.rtc.bitrate import SparseRateCounter
from coach_server.rtc.consent import PatientConnection
from coach_server.rtc.decoded import DecodedFrames
from coach_server.rtc.decoders import GetDecoder, bounded
from coach_server.rtc.reassembly import MarkerJitterBuffer, PersistentNacks

log = structlog.get_logger(__name__)

MAX_UNDECODED: Final = 30
"""Encoded frames that may wait for the decoder: a second of video, twice what a gap holds up."""

MAX_UNFINISHED: Final = 64 * 1024
"""Bytes of messages of which parts are lacking: a page sends some hundred a second, in one part."""
MAX_PARTS: Final = 256
"""Parts of them, streams they come by, and packets behind one that is lacking."""
MAX_SOURCES: Final = 16
"""Numbers of RTP sources (SSRC): a page's video has one, and one for what it sends again."""

CLOSE_TIMEOUT_S: Final = 3.0

_stock_host_addresses = aioice.ice.get_host_addresses
_receiving: Any = aiortc.rtcrtpreceiver  # its imports, which it does not export
_ice_transport: Any = aiortc.rtcicetransport
_rate: Any = aiortc.rate
_stock_get_decoder: GetDecoder = _receiving.get_decoder


def host_addresses() -> list[str]:
    """Addresses of this machine's interfaces, without loopback."""
    return _stock_host_addresses(use_ipv4=True, use_ipv6=True)


def install(*, loopback: bool) -> None:
    """Check consent patiently, bound what is decoded and told, offer 127.0.0.1 to own pages.

    aioice leaves 127.0.0.1 out; without it a page on a machine with no network has no way in. The
    machine's other addresses are offered too: not every browser sends from them to loopback.
    """
    datagrams.install()
    _ice_transport.Connection = PatientConnection
    _receiving.get_decoder = bounded(_stock_get_decoder)
    _receiving.StreamStatistics = SteadyStatistics
    _rate.RateCounter = SparseRateCounter
    aiortc.clock.current_ms = _arrival_ms

    if loopback:
        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [
            "127.0.0.1",
            *_stock_host_addresses(use_ipv4=use_ipv4, use_ipv6=use_ipv6),
        ]
    else:
        aioice.ice.get_host_addresses = _stock_host_addresses


def _arrival_ms() -> int:
    """When a packet came, in ms of a clock that never jumps; aiortc asks for nothing else by it.

    By the wall clock, the loop was held until every millisecond of a jump was counted: for seconds
    after a night's sleep, for good where a machine without a battery learns that it is not 1970.
    """
    return time.monotonic_ns() // 1_000_000


class SteadyStatistics(StreamStatistics):
    """Statistics whose jitter fits into a receiver report, whatever the wall clock does.

    Stock aiortc takes the wall clock for arrival: moved by ten days it gives a number of more than
    32 bits, the task that reports ends by it, and a connection without that task never closes.
    """

    @property
    def jitter(self) -> int:
        """In units of the RTP clock."""
        return min(super().jitter, 2**32 - 1)


class RawTimestamps:
    """Keeps the RTP timestamp as sent, unwrapped, where the stock mapper starts at 0.

    Only the raw value can be compared with RTCP sender reports.
    """

    def __init__(self) -> None:
        self._last: int | None = None

    def map(self, timestamp: int) -> int:
        """`timestamp` (32 bits) continued past its wraps."""
        if self._last is None:
            self._last = timestamp
        else:
            self._last += (timestamp - self._last + 2**31) % 2**32 - 2**31
        return self._last


class DecoderQueue(queue.Queue[Any]):
    """The decoder's input with a bound: where decoding falls behind, it starts afresh.

    Args:
        decode_error: is set where a key frame is needed.
        further: gives the frames that are whole behind the one that is put.

    Attributes:
        dropped: encoded frames that were never decoded.
    """

    def __init__(
        self,
        decode_error: threading.Event,
        further: Callable[[], Iterable[JitterFrame]] = tuple,
    ) -> None:
        super().__init__()
        self.dropped = 0
        self._decode_error = decode_error
        self._further = further

    def _put(self, item: object) -> None:
        """Queue a frame and those behind it, the mutex held."""
        self._put_one(item)
        if isinstance(item, tuple):
            codec, _ = item
            for frame in self._further():
                self._put_one((codec, frame))

    def _put_one(self, item: object) -> None:
        """Queue a frame; the end (None) and a full queue drop what waits.

        A frame after a gap needs a key frame; the receiver asks the page for one when it sees
        `decode_error`.
        """
        if item is None or self._qsize() >= MAX_UNDECODED:
            self.dropped += len(self.queue)
            self.queue.clear()
            self._decode_error.set()
        super()._put(item)


class ReceiverTap:
    """What a tapped receiver tells that aiortc keeps to itself."""

    def __init__(
        self, waiting: DecoderQueue, buffer: MarkerJitterBuffer, decoded: DecodedFrames
    ) -> None:
        self._waiting = waiting
        self._buffer = buffer
        self._decoded = decoded

    @property
    def undecoded(self) -> int:
        """Encoded frames that waiting, or one that was lost before them, cost their decoding."""
        return self._waiting.dropped + self._buffer.skipped

    @property
    def overtaken(self) -> int:
        """Decoded frames that a newer one replaced before the loop came to them."""
        return self._decoded.overtaken


def tap(
    receiver: RTCRtpReceiver,
    on_sender_report: Callable[[int, int], None],
    on_abuse: Callable[[], None] = lambda: None,
) -> ReceiverTap:
    """Change one video receiver before it starts: marker bit, raw times, bounds, lost packets.

    Args:
        receiver: of a track that was just announced; not yet receiving.
        on_sender_report: called on the loop with NTP time (64 bits) and RTP time (32 bits).
        on_abuse: called on the loop at each packet of too many sources, of which aiortc and the
            decryption keep every one; the connection is to end.
    """
    parts: Any = receiver  # private names, which no type describes
    buffer, times = MarkerJitterBuffer(), RawTimestamps()
    parts._RTCRtpReceiver__jitter_buffer = buffer
    parts._RTCRtpReceiver__timestamp_mapper = times
    parts._RTCRtpReceiver__nack_generator = PersistentNacks()
    parts._track._queue = decoded = DecodedFrames()

    def further() -> Iterable[JitterFrame]:
        for frame in buffer.further():
            frame.timestamp = times.map(frame.timestamp)
            yield frame

    waiting = DecoderQueue(parts._RTCRtpReceiver__decoder_error, further)
    parts._RTCRtpReceiver__decoder_queue = waiting
    stock: Callable[[AnyRtcpPacket], Awaitable[None]] = receiver._handle_rtcp_packet

    async def handle_rtcp_packet(packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpByePacket):  # the stock way joins the decoder on the loop
            await _stop_decoder(receiver)
            return
        if isinstance(packet, RtcpSrPacket):
            on_sender_report(packet.sender_info.ntp_timestamp, packet.sender_info.rtp_timestamp)
        await stock(packet)

    stock_rtp: Callable[..., Awaitable[None]] = receiver._handle_rtp_packet
    sources = set[int]()

    async def handle_rtp_packet(packet: RtpPacket, arrival_time_ms: int) -> None:
        sources.add(packet.ssrc)
        if len(sources) > MAX_SOURCES:
            sources.discard(packet.ssrc)
            on_abuse()
            return
        await stock_rtp(packet, arrival_time_ms=arrival_time_ms)

    parts._handle_rtcp_packet = handle_rtcp_packet
    parts._handle_rtp_packet = handle_rtp_packet
    # The stock way joins the decoder on the loop; who closes the connection stops it.
    parts._handle_disconnect = lambda: None
    return ReceiverTap(waiting, buffer, decoded)


def bound_messages(connection: RTCPeerConnection, on_overfull: Callable[[], None]) -> None:
    """Bound what is kept of a page's unfinished messages, before its association starts.

    aiortc tells the page how much room there is, keeps what comes all the same, and looks through
    all of it with each part.

    Args:
        connection: that has its remote description.
        on_overfull: called on the loop once it is too much; the connection is to end.
    """
    association: Any = connection.sctp
    if association is None:  # nothing but video was offered
        return
    room: int = association._advertised_rwnd
    stock: Callable[[Any], Awaitable[None]] = association._receive_data_chunk

    def is_overfull() -> bool:
        streams = association._inbound_streams
        return (
            room - association._advertised_rwnd > MAX_UNFINISHED
            or len(association._sack_misordered) > MAX_PARTS
            or len(streams) > MAX_PARTS
            or sum(len(stream.reassembly) for stream in streams.values()) > MAX_PARTS
        )

    async def receive_data_chunk(chunk: Any) -> None:  # noqa: ANN401  # aiortc exports no type of it
        if is_overfull():
            on_overfull()
            return
        await stock(chunk)

    association._receive_data_chunk = receive_data_chunk


def outlast_the_way(connection: RTCPeerConnection) -> None:
    """Let an association's timers run out in vain where the way to the page has gone before it.

    What aiortc sends then raises in tasks of which nobody asks what came of them.
    """
    association: Any = connection.sctp
    if association is None:
        return
    stock: Callable[[], Awaitable[None]] = association._transmit

    async def transmit() -> None:
        with contextlib.suppress(ConnectionError):
            await stock()

    association._transmit = transmit


async def close_connection(connection: RTCPeerConnection) -> None:
    """Close `connection` whatever state it is in; never raises, never holds the loop.

    `RTCPeerConnection.close` joins the decoder's thread on the loop, raises on connections whose
    offer was accepted by halves, and then leaves their sockets open.
    """
    for transceiver in connection.getTransceivers():
        await _stop_decoder(transceiver.receiver)
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await connection.close()
    except Exception as error:  # noqa: BLE001  # aiortc's half-made parts raise anything: sockets must go
        log.info("a connection did not close by itself", error=type(error).__name__)
        await _abandon(connection)
    _untie(connection)


def _untie(connection: RTCPeerConnection) -> None:
    """Cut the circles of a closed connection: its listeners, its checks, its receivers' taps.

    Its thousands of objects, codecs and sockets among them, then go with the last who holds it.
    Left to the collector, which must walk all who are still there, they held the loop for 40 ms.
    """
    for transport in _dtls_transports(connection):
        transport.remove_all_listeners()
    for transport in _ice_transports(connection):
        checks = transport._connection._check_list
        for pair in checks:
            pair.task = None
        checks.clear()
    for transceiver in connection.getTransceivers():
        for name in ("_handle_rtcp_packet", "_handle_rtp_packet", "_handle_disconnect"):
            vars(transceiver.receiver).pop(name, None)
    if connection.sctp is not None:
        for name in ("_receive_data_chunk", "_transmit"):
            vars(connection.sctp).pop(name, None)


async def _stop_decoder(receiver: RTCRtpReceiver) -> None:
    parts: Any = receiver
    thread: threading.Thread | None = parts._RTCRtpReceiver__decoder_thread
    if thread is not None:
        parts._RTCRtpReceiver__decoder_thread = None
        parts._RTCRtpReceiver__decoder_queue.put(None)
        await asyncio.to_thread(thread.join)


async def _abandon(connection: RTCPeerConnection) -> None:
    """Stop the transports one by one: sockets and tasks go, whatever the rest does."""
    for transport in [*_dtls_transports(connection), *_ice_transports(connection)]:
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await transport.stop()
        except Exception as error:  # noqa: BLE001  # the others must be stopped all the same
            log.warning("a transport did not stop", error=type(error).__name__)
    connection.remove_all_listeners()


def _dtls_transports(connection: RTCPeerConnection) -> list[Any]:
    parts: Any = connection
    return list(parts._RTCPeerConnection__dtlsTransports)


def _ice_transports(connection: RTCPeerConnection) -> list[Any]:
    parts: Any = connection
    return list(parts._RTCPeerConnection__iceTransports)
