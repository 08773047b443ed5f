"""Pictures that are too large are refused before room is made for them."""

import fractions
import resource

import av
import numpy as np
import pytest
from aiortc.codecs import get_decoder
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.error import FFmpegError
from support.broken_video import vp8_key_frame

from coach_server.rtc import aiortc_patches
from coach_server.rtc.decoders import BoundedDecoder, bounded, vp8_size

pytestmark = pytest.mark.unit


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def frame_of(codec: str, width: int, height: int) -> JitterFrame:
    """A whole key frame."""
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = fractions.Fraction(1, 30)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    if codec == "libx264":
        encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    grey = np.full((height * 3 // 2, width), 99, np.uint8)
    (key,) = encoder.encode(av.VideoFrame.from_ndarray(grey, format="yuv420p"))
    return JitterFrame(bytes(key), 0)


def empty_frame(width: int, height: int) -> JitterFrame:
    (payload,) = vp8_key_frame(width, height)([])
    return JitterFrame(payload[1:], 0)


@pytest.mark.parametrize("size", [(16383, 16383), (4097, 2304), (16383, 1000)])
def test_a_vp8_frame_that_is_too_large_takes_no_memory(size: tuple[int, int]) -> None:
    before = peak_mb()
    with pytest.raises(FFmpegError, match="too large"):
        BoundedDecoder(Vp8Decoder()).decode(empty_frame(*size))
    assert peak_mb() - before < 20


def test_an_h264_frame_that_is_too_large_is_refused() -> None:
    frame = frame_of("libx264", 4096, 2320)
    assert H264Decoder().decode(frame), "the stock decoder refuses it: drop the change"
    with pytest.raises(FFmpegError):
        BoundedDecoder(H264Decoder()).decode(frame)


@pytest.mark.parametrize(("width", "height"), [(16, 16), (320, 176), (4096, 2160)])
def test_smaller_ones_are_decoded(width: int, height: int) -> None:
    for codec, stock in (("libvpx", Vp8Decoder()), ("libx264", H264Decoder())):
        (picture,) = BoundedDecoder(stock).decode(frame_of(codec, width, height))
        assert isinstance(picture, av.VideoFrame)
        assert (picture.width, picture.height) == (width, height)


def test_a_key_frame_says_its_size() -> None:
    key = frame_of("libvpx", 320, 176).data
    assert vp8_size(key) == (320, 176)
    assert vp8_size(b"\1" + key[1:]) == (0, 0), "no key frame, which has no size"
    assert vp8_size(key[:9]) == vp8_size(b"") == (0, 0)


def test_every_decoder_of_video_is_bounded() -> None:
    get_bounded = bounded(get_decoder)
    for name, bound in (("video/VP8", True), ("video/H264", True), ("audio/PCMU", False)):
        codec = RTCRtpCodecParameters(mimeType=name, clockRate=90_000)
        assert isinstance(get_bounded(codec), BoundedDecoder) == bound
    aiortc_patches.install(loopback=True)
    vp8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90_000)
    assert isinstance(aiortc_patches._receiving.get_decoder(vp8), BoundedDecoder)
