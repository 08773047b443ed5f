"""A camera's line that breaks what it sends: payloads cut, spoilt, emptied, or of another type."""

import random
from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

from aiortc import RTCRtpSender
from aiortc.codecs.vpx import VpxPayloadDescriptor

from support.student_peer import NumberedFrames, StudentPeer

Codec: TypeAlias = Literal["VP8", "H264"]
Breaking: TypeAlias = Callable[[list[bytes]], list[bytes]]
"""From the payloads of a frame to those that are sent in their place."""

_chance: Final = random.Random(9)  # noqa: S311  # no secret: failures are repeated


def cut_short(payloads: list[bytes]) -> list[bytes]:
    return [payload[: max(1, len(payload) // 3)] for payload in payloads]


def garbage(payloads: list[bytes]) -> list[bytes]:
    return [_chance.randbytes(len(payload)) for payload in payloads]


def spoilt_inside(payloads: list[bytes]) -> list[bytes]:
    """The headers are right: it is the picture that is none."""
    return [payload[:8] + _chance.randbytes(max(0, len(payload) - 8)) for payload in payloads]


def empty(payloads: list[bytes]) -> list[bytes]:
    return [b"" for _ in payloads]


def headers_alone(payloads: list[bytes]) -> list[bytes]:
    return [payload[:1] for payload in payloads]


def twice_as_long(payloads: list[bytes]) -> list[bytes]:
    return [payload + _chance.randbytes(len(payload)) for payload in payloads]


def vp8_key_frame(width: int, height: int) -> Breaking:
    """A frame that says how large it is, and has next to nothing to show."""

    def breaking(_payloads: list[bytes]) -> list[bytes]:
        first_part = 40
        tag = (first_part << 5) | (1 << 4)  # a key frame, shown
        size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
        start = tag.to_bytes(3, "little") + b"\x9d\x01\x2a" + size
        return [bytes(VpxPayloadDescriptor(1, 0)) + start + bytes(first_part + 20)]

    return breaking


class BrokenLine:
    """The way from a student's encoder to its socket.

    Attributes:
        breaking: what is done to every frame's payloads; None: nothing.
        payload_type: in place of the right one; None: the right one.
        broken: how many frames were.
    """

    def __init__(self, student: StudentPeer) -> None:
        self.breaking: Breaking | None = None
        self.payload_type: int | None = None
        self.broken = 0
        sender: Any = student.pc.getSenders()[0]
        self._next = sender._next_encoded_frame
        sender._next_encoded_frame = self._frame
        self._send = sender.transport._send_rtp
        sender.transport._send_rtp = self._packet

    async def _frame(self, codec: Any) -> Any:
        frame = await self._next(codec)
        if frame is not None and (self.breaking is not None or self.payload_type is not None):
            self.broken += 1
            if self.breaking is not None:
                frame.payloads = self.breaking(frame.payloads)
        return frame

    async def _packet(self, data: bytes) -> None:
        is_rtcp = 192 <= data[1] <= 223
        if self.payload_type is not None and not is_rtcp:
            data = data[:1] + bytes([data[1] & 0x80 | self.payload_type]) + data[2:]
        await self._send(data)


def student_with(codec: Codec, camera: NumberedFrames | None = None) -> StudentPeer:
    """A student who sends no other codec."""
    student = StudentPeer(camera)
    capabilities = RTCRtpSender.getCapabilities("video").codecs
    student.pc.getTransceivers()[0].setCodecPreferences(
        [one for one in capabilities if one.mimeType in (f"video/{codec}", "video/rtx")]
    )
    return student
