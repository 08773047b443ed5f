"""What is fuzzed: each reader of strangers' bytes, as a function that takes its `InputError`s.

Whatever else comes out of one is a find. A target that writes gets a folder of its own.
"""

import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import numpy as np

from coach_server.coaching.track import Track
from coach_server.errors import InputError
from coach_server.inference.checkpoints.torch_file import read_weights
from coach_server.library.chapters import read_chapters
from coach_server.library.lifting import load_keypoints
from coach_server.library.routine_file import FILE, read_meta
from coach_server.library.track_file import load_track, packed_track
from coach_server.resources import packaged
from coach_server.rtc.candidates import CandidatePolicy
from coach_server.rtc.channels import ControlChannel
from coach_server.rtc.messages import PageMessage, PlayerMessage
from coach_server.rtc.offer import clean_offer
from coach_server.settings import load_settings

POLICY: Final = CandidatePolicy(loopback=False)

OFFER: Final = "\r\n".join(
    (
        *("v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1"),
        *("a=extmap-allow-mixed", "a=msid-semantic: WMS"),
        *("m=video 9 UDP/TLS/RTP/SAVPF 96 97", "c=IN IP4 0.0.0.0"),
        "a=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host generation 0",
        *("a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=ice-options:trickle"),
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        *("a=setup:actpass", "a=mid:0", "a=sendonly", "a=rtcp-mux", "a=rtcp-rsize"),
        *("a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli"),
        *("a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96", "a=ssrc:1 cname:x"),
        *("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0"),
        *("a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx"),
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        *("a=setup:actpass", "a=mid:1", "a=sctp-port:5000", "a=max-message-size:262144", ""),
    )
)
"""What a browser sends, of documentation's addresses."""


class FindError(AssertionError):
    """A reader that let through what it must not."""


@dataclass(frozen=True, slots=True)
class Target:
    """One reader.

    Attributes:
        run: reads bytes; raises only what it may.
        seeds: honest inputs to begin with.
    """

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def offer(data: bytes) -> None:
    """An offer's text: what is let through names nobody who may not be probed."""
    try:
        clean = clean_offer(data.decode("utf-8", "replace"), POLICY)
    except InputError:
        return
    lines = [line for line in clean.split("\r\n") if line.startswith("a=candidate:")]
    if any(not POLICY.allows_line(line) for line in lines):
        raise FindError("a candidate came through that may not be probed")


def candidate(data: bytes) -> None:
    """One candidate line."""
    line = data.decode("utf-8", "replace")
    if not POLICY.allows_line(line):
        return
    fields = line.removeprefix("a=candidate:").split()
    address = ip_address(fields[4])
    if address.is_loopback or address.is_link_local or int(fields[5]) < 1024:
        raise FindError(f"let through: {address} {fields[5]}")


def message(data: bytes) -> None:
    """A message on the control channel, as text and as bytes: it never raises."""
    heard: list[PageMessage] = []
    channel = ControlChannel(on_message=heard.append, on_abuse=lambda: None, now=lambda: 0.0)
    channel.receive(data.decode("utf-8", "replace"))
    channel.receive(data)
    for each in heard:
        if isinstance(each, PlayerMessage) and not all(
            map(np.isfinite, (each.t, each.rate, each.at_ms))
        ):
            raise FindError(f"not finite: {each}")


def _reading(name: str, read: Callable[[Path], object]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            try:
                read(path)
            except InputError as error:
                if not error.message:
                    raise FindError("a refusal that says nothing") from error

    return run


def _track_seeds() -> list[bytes]:
    rows = 3
    track = Track(
        fps=30.0,
        time_s=np.arange(rows) / 30,
        image_size=(640, 480),
        keypoints=np.ones((rows, 17, 3), np.float32),
        depth=np.zeros((rows, 17), np.float32),
        joints=np.zeros((rows, 17, 3), np.float32),
        joints_sigma=np.ones((rows, 17, 3), np.float32),
        present=np.ones(rows, bool),
    )
    pickled = io.BytesIO()
    np.savez(pickled, time_s=np.array([{}], object), allow_pickle=True)
    return [packed_track(track), pickled.getvalue()]


def _demo(name: str) -> bytes:
    return (packaged("static") / "demo" / "routine" / name).read_bytes()


def _message_seeds() -> list[bytes]:
    fields: list[dict[str, object]] = [
        {"type": "player", "t": 1.5, "playing": True, "rate": 1, "at_ms": 1.7e12},
        {"type": "settings", "strictness": "strict", "mirror": "auto", "language": "de-AT"},
        {"type": "bye"},
    ]
    return [json.dumps({"v": 1, **each}).encode() for each in fields]


TARGETS: Final[dict[str, Target]] = {
    "offer": Target(offer, lambda: [OFFER.encode()]),
    "candidate": Target(
        candidate,
        lambda: [
            b"a=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host",
            b"a=candidate:1 1 udp 1 64:ff9b::7f00:1 50000 typ srflx raddr ::1 rport 9",
        ],
    ),
    "message": Target(message, _message_seeds),
    "config": Target(
        _reading("coach.toml", lambda path: load_settings(path)),
        lambda: [
            b'port = 8080\nkeypoints = "blazepose-lite"\nmax_load = 0.5\nnames = "a.example"\n'
        ],
    ),
    "track": Target(_reading("track.npz", load_track), _track_seeds),
    "keypoints": Target(_reading("keypoints.npz", load_keypoints), _track_seeds),
    "routine": Target(
        _reading(FILE, lambda path: read_meta(path.parent)), lambda: [_demo("routine.json")]
    ),
    "chapters": Target(_reading("chapters.vtt", read_chapters), lambda: [_demo("chapters.vtt")]),
    "weights": Target(
        _reading("weights.pth", lambda path: read_weights(path, "model_pos")),
        lambda: [b"\x80\x02}q\x00X\x09\x00\x00\x00model_posq\x01}q\x02s."],
    ),
}
