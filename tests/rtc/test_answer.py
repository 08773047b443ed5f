"""The bitrate line of the answer."""

import pytest

from coach_server.rtc.answer import BITRATE, with_bitrate

pytestmark = pytest.mark.unit


def test_every_codec_is_given_the_bitrate_once() -> None:
    answer = "\r\n".join(
        [
            "v=0",
            "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102",
            "a=rtpmap:96 VP8/90000",
            "a=rtcp-fb:96 nack",
            "a=rtpmap:97 rtx/90000",
            "a=fmtp:97 apt=96",
            "a=rtpmap:102 H264/90000",
            "a=fmtp:102 packetization-mode=1",
            "",
        ]
    )
    assert with_bitrate(answer).split("\r\n") == [
        "v=0",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102",
        "a=rtpmap:96 VP8/90000",
        f"a=fmtp:96 {BITRATE}",
        "a=rtcp-fb:96 nack",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
        "a=rtpmap:102 H264/90000",
        f"a=fmtp:102 packetization-mode=1;{BITRATE}",
        "",
    ]
