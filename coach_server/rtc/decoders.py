"""Decoders that refuse a picture larger than cameras make before they make room for it.

Sixty bytes can say that they are a picture of 16383 x 16383, for which libvpx takes 1.6 GB.
"""

import errno
from collections.abc import Callable
from typing import Final, TypeAlias

from aiortc.codecs.base import Decoder
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.error import InvalidDataError
from av.frame import Frame

MAX_PIXELS: Final = 4096 * 2304
"""Of a picture; as much as a film's may have."""

_VP8_START: Final = b"\x9d\x01\x2a"
_VP8_SIDE: Final = 0x3FFF

GetDecoder: TypeAlias = Callable[[RTCRtpCodecParameters], Decoder]
"""As aiortc's."""


class BoundedDecoder(Decoder):
    """One of aiortc's video decoders with a bound.

    Args:
        stock: which has decoded nothing yet.
    """

    def __init__(self, stock: Vp8Decoder | H264Decoder) -> None:
        self._stock = stock
        stock.codec.options = {"max_pixels": str(MAX_PIXELS)}

    def decode(self, encoded_frame: JitterFrame) -> list[Frame]:
        """The pictures of a frame.

        Raises:
            FFmpegError: there are none, or they are too large.
        """
        # FFmpeg looks at a size before it makes room for it; libvpx does not.
        if isinstance(self._stock, Vp8Decoder):
            width, height = vp8_size(encoded_frame.data)
            if width * height > MAX_PIXELS:
                raise InvalidDataError(errno.EFBIG, "the picture is too large")
        return self._stock.decode(encoded_frame)


def vp8_size(data: bytes) -> tuple[int, int]:
    """Width and height that a VP8 key frame names (RFC 6386, section 9.1); (0, 0) of others."""
    if len(data) < 10 or data[0] & 1 or data[3:6] != _VP8_START:
        return 0, 0
    return (
        int.from_bytes(data[6:8], "little") & _VP8_SIDE,
        int.from_bytes(data[8:10], "little") & _VP8_SIDE,
    )


def bounded(get_decoder: GetDecoder) -> GetDecoder:
    """`get_decoder`, with a bound on what decoders of video may be given."""

    def get_bounded(codec: RTCRtpCodecParameters) -> Decoder:
        decoder = get_decoder(codec)
        if isinstance(decoder, Vp8Decoder | H264Decoder):
            return BoundedDecoder(decoder)
        return decoder

    return get_bounded
