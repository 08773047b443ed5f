"""What is fuzzed: each reader of strangers' bytes, as a function that takes its `InputError`s.

Whatever else comes out of one is a find. A target that writes gets a folder of its own.
"""

import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
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
from coach_server.web.bodies import optional_text_field

OWN: Final = ("192.168.1.5", "fd00::5")
POLICY: Final = CandidatePolicy(loopback=False, own_addresses=frozenset(map(ip_address, OWN)))

_NEVER: Final = tuple(
    ip_network(text)
    for text in (
        *("0.0.0.0/32", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"),
        *("100.100.100.200", "168.63.129.16", "192.0.0.192"),
        *("::/128", "::1/128", "fe80::/10", "ff00::/8", "fd00:ec2::254", "fd00:ec2::23"),
        *("fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42", *OWN),
    )
)
"""Where a server that others reach sends nothing. Written down apart from the product's own list,
which is judged by it: unspecified, loopback, link-local, multicast, reserved, clouds, this machine.
"""
_CARRIERS: Final = tuple(
    map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0/96", "::ffff:0:0:0/96", "::/96"))
)
"""IPv6 networks whose addresses end in an IPv4 one: NAT64, mapped, translated, compatible."""
_SIX_TO_FOUR, _TEREDO = ip_network("2002::/16"), ip_network("2001::/32")
_IPV4: Final = 0xFFFFFFFF

_MOST: Final = {"m=": 3, "a=candidate:": 32, "a=ssrc:": 64, "a=rtcp-fb:*": 8}
"""Lines of an offer that aiortc's parser is given: by more of them it was once held up."""

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
    """An offer's text: what is let through names nobody who may not be probed.

    Bytes that are no UTF-8 become half pairs of UTF-16, as an escape in JSON may bring them.
    """
    try:
        clean = clean_offer(data.decode("utf-8", "surrogateescape"), POLICY)
    except InputError:
        return
    clean.encode()
    lines = clean.splitlines()
    for start, most in _MOST.items():
        if sum(line.startswith(start) for line in lines) > most:
            raise FindError(f"let through: more than {most} lines {start}")
    for line in lines:
        if line.startswith("a=candidate:"):
            _judge(line)


def candidate(data: bytes) -> None:
    """One candidate line."""
    line = data.decode("utf-8", "replace")
    if POLICY.allows_line(line):
        _judge(line)


def _judge(line: str) -> None:
    """Whether a candidate that came through leads to nobody who may not be probed."""
    host, port = line.removeprefix("a=candidate:").split()[4:6]
    if not 1024 <= int(port) <= 65535:
        raise FindError(f"let through: port {port}")
    try:
        places = _led_to(host)
    except ValueError as error:
        raise FindError(f"let through: the name {host}") from error
    if any(place in network for place in places for network in _NEVER):
        raise FindError(f"let through: {host}")


def _led_to(host: str) -> list[IPv4Address | IPv6Address]:
    """The address without its zone, and those of IPv4 in it: Teredo's are server and client."""
    address = ip_address(host.partition("%")[0])
    carried: list[int] = []
    if any(address in network for network in _CARRIERS):
        carried = [int(address) & _IPV4]
    elif address in _SIX_TO_FOUR:
        carried = [int(address) >> 80 & _IPV4]
    elif address in _TEREDO:
        carried = [int(address) >> 64 & _IPV4, ~int(address) & _IPV4]
    return [address, *map(IPv4Address, carried)]


def body(data: bytes) -> None:
    """The fields of an offer's JSON: text that is let through is whole."""
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        return
    for name in ("type", "sdp", "routine", "resume") if isinstance(fields, dict) else ():
        try:
            text = optional_text_field(fields, name, max_length=128)
        except InputError:
            continue
        if text is not None:
            text.encode()


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
            b"a=candidate:1 1 udp 1 2001:db9::7 50000 typ host",
            b"a=candidate:1 1 udp 1 fd00:ec2::254 50000 typ host",
            b"a=candidate:1 1 udp 1 2002:a9fe:a9fe::1 50000 typ host",
        ],
    ),
    "body": Target(body, lambda: [b'{"sdp": "v=0", "type": "offer", "routine": "demo"}']),
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
