"""Which offers are let through to aiortc, and what becomes of those that mislead it."""

import asyncio
import random
from collections.abc import Callable

import pytest
from support.offers import honest_offer, spoilt

from coach_server.errors import OfferError
from coach_server.rtc.aiortc_patches import install
from coach_server.rtc.candidates import CandidatePolicy
from coach_server.rtc.offer import clean_offer
from coach_server.rtc.peer import EndReason, Peer, PeerLimits

pytestmark = pytest.mark.loopback

POLICY = CandidatePolicy(loopback=True)
SPOILT_OFFERS = 1500


def inserted(line: str, times: int) -> Callable[[str], str]:
    """A change that puts `line` into the first section, `times` over."""
    return lambda sdp: sdp.replace("a=mid:0\r\n", "a=mid:0\r\n" + (line + "\r\n") * times, 1)


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(sdp: str) -> str:
        assert old in sdp
        return sdp.replace(old, new)

    return change


REFUSED: list[tuple[str, Callable[[str], str], str]] = [
    ("empty", lambda _: "", "no SDP"),
    ("garbage", lambda _: "hello\r\nworld\r\n", "no SDP"),
    ("session only", lambda sdp: sdp[: sdp.index("m=")], "0 video sections"),
    ("too long", lambda sdp: sdp + "a=x\r\n" * 20_000, "bytes"),
    ("too many lines", lambda sdp: sdp + "a=x\r\n" * 900, "lines"),
    ("a long line", lambda sdp: sdp + "a=" + "x" * 1100 + "\r\n", "characters"),
    ("an empty line", replaced("a=mid:0\r\n", "a=mid:0\r\n\r\n"), "not SDP"),
    ("control characters", replaced("a=mid:0", "a=mid:0\x00"), "not SDP"),
    ("other scripts", replaced("a=mid:0", "a=mid:\u0660"), "not SDP"),
    ("many m-lines", lambda sdp: sdp + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" * 3, "m-lines"),
    ("many candidates", inserted("a=candidate:1 1 udp 1 127.0.0.1 5000 typ host", 33), "candidate"),
    ("many ssrcs", inserted("a=ssrc:1 cname:x", 65), "ssrc"),
    ("many codecs", inserted("a=rtpmap:99 VP8/90000", 97), "rtpmap"),
    ("feedback for all", inserted("a=rtcp-fb:* nack", 9), "rtcp-fb lines for all"),
    ("many formats", inserted("a=fmtp:97 apt=96", 97), "fmtp"),
    ("a microphone", lambda sdp: sdp + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", "neither video"),
    ("no camera", replaced("m=video", "m=audio"), "0 video sections"),
    ("two cameras", replaced("m=application", "m=video"), "2 video sections"),
    ("no channels", lambda sdp: sdp[: sdp.index("m=application")], "data channel"),
    ("a camera that takes", replaced("a=sendonly", "a=recvonly"), "does not send"),
    ("another codec", lambda sdp: sdp.replace("VP8/", "VP9/").replace("H264/", "AV1/"), "VP8"),
    ("no bundle", replaced("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"), "bundled"),
    ("a strange bundle", replaced("a=group:BUNDLE 0 1", "a=group:0 BUNDLE 1"), "bundled"),
    ("two mids in one", replaced("a=mid:1", "a=x"), "mid"),
    ("the same mid", replaced("a=mid:1", "a=mid:0"), "mid"),
    ("no fingerprint", replaced("a=fingerprint:", "a=x:"), "fingerprint"),
    ("a weak fingerprint", replaced("fingerprint:sha-256", "fingerprint:sha-1"), "fingerprint"),
    ("two fingerprints", inserted("a=fingerprint:sha-256 00" + ":00" * 31, 1), "fingerprint"),
    ("no ufrag", replaced("a=ice-ufrag:", "a=x:"), "ice-ufrag"),
    ("a bad ufrag", inserted("a=ice-ufrag:a b", 1), "ice-ufrag"),
    ("a short password", inserted("a=ice-pwd:abc", 1), "ice-pwd"),
]


@pytest.mark.parametrize(("change", "why"), [pytest.param(c, w, id=n) for n, c, w in REFUSED])
async def test_refused_as_text(change: Callable[[str], str], why: str) -> None:
    offer = await honest_offer()
    clean_offer(offer, POLICY)
    with pytest.raises(OfferError, match=why):
        clean_offer(change(offer), POLICY)


async def test_candidates_are_filtered_and_nothing_else_is_touched() -> None:
    offer = await honest_offer()
    kept = "a=candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host"
    dropped = "a=candidate:2 1 udp 2130706431 169.254.169.254 50000 typ host"
    bare = [line for line in offer.split("\r\n") if not line.startswith("a=candidate")]
    offer = "\r\n".join(bare).replace("a=mid:0", f"a=mid:0\r\n{kept}\r\n{dropped}")
    expected = offer.replace(f"{dropped}\r\n", "").replace("a=end-of-candidates\r\n", "")
    assert clean_offer(offer, POLICY) == expected


async def test_line_feeds_alone_will_do() -> None:
    offer = await honest_offer()
    assert clean_offer(offer.replace("\r\n", "\n"), POLICY) == clean_offer(offer, POLICY)


async def test_spoilt_offers_raise_one_error_and_leave_nothing() -> None:
    """Descriptors and tasks are checked by the fixtures of every test."""
    install(loopback=True)
    offer = await honest_offer()
    rng = random.Random(20_261_123)  # noqa: S311  # repeatable, not secret
    fates = {"refused as text": 0, "refused by aiortc": 0, "answered": 0}
    for _ in range(SPOILT_OFFERS):
        try:
            clean = clean_offer(spoilt(offer, rng), POLICY)
        except OfferError:
            fates["refused as text"] += 1
            continue
        try:
            peer, _ = await Peer.answer(
                clean, limits=PeerLimits(answer_s=60.0), on_message=lambda _message: None
            )
        except OfferError:
            fates["refused by aiortc"] += 1
            continue
        fates["answered"] += 1
        await peer.close(EndReason.BYE)
    assert min(fates.values()) > SPOILT_OFFERS // 20, fates


async def test_an_offer_given_up_by_the_page_leaves_nothing() -> None:
    install(loopback=True)
    clean = clean_offer(await honest_offer(), POLICY)
    answering = asyncio.create_task(
        Peer.answer(clean, limits=PeerLimits(answer_s=60.0), on_message=lambda _message: None)
    )
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering


@pytest.mark.parametrize(
    ("loopback", "host", "port", "probed"),
    [
        (False, "127.0.0.1", 50_000, False),
        (False, "::1", 50_000, False),
        (False, "169.254.169.254", 50_000, False),
        (False, "192.0.2.77", 53, False),
        (True, "192.0.2.77", 50_000, False),
        (True, "127.0.0.1", 8080, False),
        (True, "127.0.0.1", 50_000, True),  # so that this test could fail
    ],
)
async def test_where_an_offer_makes_the_server_send_to(
    monkeypatch: pytest.MonkeyPatch, *, loopback: bool, host: str, port: int, probed: bool
) -> None:
    """An offer without a page behind it: whatever is sent, is sent because it says so."""
    install(loopback=loopback)
    sent: list[tuple[str, int]] = []
    anything = asyncio.Event()

    def send(_protocol: object, _message: object, address: tuple[str, int]) -> None:
        sent.append(address)
        anything.set()

    monkeypatch.setattr("aioice.ice.StunProtocol.send_stun", send)
    named = f"a=candidate:1 1 udp 2122260223 {host} {port} typ host"
    bare = [x for x in (await honest_offer()).split("\r\n") if not x.startswith("a=candidate")]
    offer = "\r\n".join(bare).replace("a=mid:0", f"a=mid:0\r\n{named}")
    policy = CandidatePolicy(loopback, own_ports=frozenset({8080}))
    peer, _ = await Peer.answer(
        clean_offer(offer, policy), limits=PeerLimits(), on_message=lambda _message: None
    )
    try:
        async with asyncio.timeout(10 if probed else 0.3):
            await anything.wait()
    except TimeoutError:
        pass
    await peer.close(EndReason.BYE)
    assert set(sent) == ({(host, port)} if probed else set())


async def test_the_largest_offer_is_answered_and_one_line_more_is_not() -> None:
    """Each of these lines is parsed more than once: 300 more of one kind held the loop."""
    install(loopback=True)
    honest = await honest_offer()
    lines = ["a=candidate:1 1 udp 1 127.0.0.1 50000 typ host"] * 20
    lines += ["a=ssrc:1 cname:x"] * 60 + ["a=ssrc-group:FID 1 2"] * 15
    lines += [f"a=rtpmap:{100 + each} VP8/90000" for each in range(85)]
    lines += [f"a=fmtp:{100 + each} apt=96" for each in range(80)]
    lines += ["a=rtcp-fb:96 nack"] * 300 + ["a=rtcp-fb:* nack"] * 8

    def offering(lines: list[str]) -> str:
        more = "".join(f"{line}\r\n" for line in lines)
        return honest.replace("a=mid:0\r\n", f"a=mid:0\r\n{more}", 1)

    offer = clean_offer(offering(lines), POLICY)
    peer, _ = await Peer.answer(offer, limits=PeerLimits(), on_message=lambda _message: None)
    await peer.close(EndReason.BYE)
    with pytest.raises(OfferError, match="rtcp-fb"):
        clean_offer(offering([*lines, "a=rtcp-fb:* nack"]), POLICY)


def test_silent_peers_are_given_up_when_it_is_said() -> None:
    assert PeerLimits().connect_s <= 8.0
    assert PeerLimits().media_s <= 4.0
