"""When each frame passes each station of a server, noted from outside: nothing of it is served.

Only processes of `coach bench latency` do this. Methods are wrapped by their names: one that is
renamed fails here with an AttributeError, not in silence.
"""

import json
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeAlias

from aiortc import RTCRtpReceiver, RTCSctpTransport, rtcrtpreceiver
from aiortc.codecs.base import Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket
from av import VideoFrame

from scripts.bench.numbered_camera import number_on

Sample: TypeAlias = dict[str, Any]
"""One frame: `seq`, `number`, the stations' times, and the parts' durations, in milliseconds.

Stations, on `time.monotonic`: first, last (packet), decoding, decoded, arrived, taken, begun,
done, said, sent, out.
"""

Stock: TypeAlias = Callable[..., Any]
"""What is wrapped."""

_RTP: Final = 2**32


def now_ms() -> float:
    """Milliseconds on `time.monotonic`."""
    return time.monotonic() * 1000


def wrap(owner: object, name: str, around: Callable[[Stock], Stock]) -> None:
    """Put `around(what it is)` in a method's place."""
    setattr(owner, name, wraps(getattr(owner, name))(around(getattr(owner, name))))


class Trace:
    """The samples of a process that serves one student.

    Args:
        raw: whether frames bear the RTP time as it was sent; the stock receiver begins at 0.
    """

    def __init__(self, *, raw: bool) -> None:
        self.samples: list[Sample] = []
        self.now: Sample = {}
        self._raw = raw
        self._origin: int | None = None
        self._packets: dict[int, list[float]] = {}
        self._decoded: dict[int, tuple[float, float]] = {}
        self._leaving: tuple[Sample, VideoFrame] | None = None
        self._depth = 0

    def install(self) -> None:
        """Note packets, decoding, and what leaves, from now on."""
        wrap(RTCRtpReceiver, "_handle_rtp_packet", self._noting_packets)
        wrap(rtcrtpreceiver, "get_decoder", self._noting_decoders)
        wrap(RTCSctpTransport, "_data_channel_flush", self._noting_flushes)

    def arrived(self, frame: VideoFrame, arrived_ms: float) -> Sample:
        """A frame is about to be judged: what is noted from now on is noted of it."""
        pts = frame.pts or 0
        sample: Sample = {"arrived": arrived_ms, "width": frame.width, "height": frame.height}
        rtp = (pts if self._raw else pts + (self._origin or 0)) % _RTP
        if packets := self._packets.pop(rtp, None):
            sample["first"], sample["last"] = packets
        if decoded := self._decoded.pop(pts, None):
            sample["decoding"], sample["decoded"] = decoded
        self.now = sample
        return sample

    def sent(self, sample: Sample, frame: VideoFrame, seq: int) -> None:
        """Its message has been handed to the channel."""
        sample["seq"], sample["sent"] = seq, now_ms()
        self._leaving = sample, frame

    def timed(self, part: str) -> Callable[[Stock], Stock]:
        """For `wrap`: adds what a call takes to `part` of the frame at hand, the outermost only."""

        def around(stock: Stock) -> Stock:
            def call(*given: object, **named: object) -> object:
                if self._depth:
                    return stock(*given, **named)
                self._depth += 1
                began = now_ms()
                try:
                    return stock(*given, **named)
                finally:
                    self._depth -= 1
                    self.now[part] = self.now.get(part, 0.0) + now_ms() - began

            return call

        return around

    def write(self, path: Path) -> None:
        """Write the samples as JSON."""
        path.write_text(json.dumps(self.samples), "utf-8")

    def _noting_packets(self, stock: Stock) -> Stock:
        async def handle(receiver: RTCRtpReceiver, packet: RtpPacket, arrival_time_ms: int) -> None:
            if packet.payload:
                at = now_ms()
                if self._origin is None:
                    self._origin = packet.timestamp
                self._packets.setdefault(packet.timestamp, [at, at])[1] = at
            await stock(receiver, packet, arrival_time_ms)

        return handle

    def _noting_decoders(self, stock: Stock) -> Stock:
        def get(codec: RTCRtpCodecParameters) -> Decoder:
            decoder: Decoder = stock(codec)
            wrap(decoder, "decode", self._noting_decoding)
            return decoder

        return get

    def _noting_decoding(self, stock: Stock) -> Stock:
        def decode(encoded: JitterFrame) -> list[VideoFrame]:
            began = now_ms()
            frames: list[VideoFrame] = stock(encoded)
            for frame in frames:
                self._decoded[frame.pts or 0] = began, now_ms()
            return frames

        return decode

    def _noting_flushes(self, stock: Stock) -> Stock:
        async def flush(transport: RTCSctpTransport) -> None:
            leaving, self._leaving = self._leaving, None
            await stock(transport)
            if leaving is not None:
                sample, frame = leaving
                sample["out"] = now_ms()
                sample["number"] = number_on(frame)
                self.samples.append(sample)

        return flush
