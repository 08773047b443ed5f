"""A student practises: two real peers in one process, the whole server between them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from support.live_server import (
    ENGINE,
    QUICK,
    LiveServer,
    assert_accounted_for,
    live_server,
    until_free,
)
from support.student_peer import FPS, NumberedFrames, StudentPeer

from coach_server.coaching.choices import Choices, Language, Tempo
from coach_server.coaching.cue import CueEvent, CueState, Direction, Joint, Side
from coach_server.coaching.deviation import Strictness
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.routine import Mirror
from coach_server.coaching.silence import Silence
from coach_server.coaching.wording import Phrase, phrase, silence

pytestmark = pytest.mark.loopback


MARK = CueEvent(
    id=10**6,
    t=1.0,
    routine_t=1.0,
    joint=Joint.NECK,
    side=Side.CENTER,
    direction=Direction.BACK,
    deviation_deg=20.0,
    text="",
    state=CueState.RAISED,
    spoken=False,
)
"""A cue that nothing else raises."""


def now_ms() -> float:
    return time.time() * 1000


async def test_ten_seconds_of_practice(tmp_path: Path) -> None:
    async with live_server(tmp_path) as server:
        student = StudentPeer(NumberedFrames(640, 480))
        await student.connect(server.post_offer)
        await student.begun()
        for second in range(10):
            student.say("player", t=second, playing=True, rate=1, at_ms=now_ms())
            await student.until(lambda enough=(second + 1) * FPS: student.camera.sent >= enough)  # type: ignore[misc]  # default binds the loop's value
        await student.until(lambda: len(student.kinds("state")) >= 3)
        report = await server.report(student.answer["session"])
        async with server.client.get("/metrics") as answer:
            while_live = await answer.text()
        await student.until(lambda: len(student.kinds("cue")) >= len(report["cues"]))
        await student.close()
        ended = await until_free(server, student.answer["session"])
        async with server.client.get("/metrics") as answer:
            at_the_end = await answer.text()

    frames = report["frames"]
    assert frames["received"] >= 9 * FPS
    assert_accounted_for(ended["frames"])
    assert len(student.poses) >= 0.95 * frames["poses_sent"]
    assert max(pose["_bytes"] for pose in student.poses) <= 1000
    assert all(pose["capture_ms"] for pose in student.poses[FPS * 3 :])
    seqs = [pose["seq"] for pose in student.poses]
    assert len(set(seqs)) == len(seqs)
    cues = student.kinds("cue")
    assert frames["judged"] >= 0.5 * frames["received"]
    assert abs(len(report["cues"]) - frames["judged"] // 10) <= 1
    reported = [cue["id"] for cue in report["cues"]]
    assert [cue["id"] for cue in cues][: len(reported)] == reported
    assert {"id", "joint", "side", "direction", "text", "state", "spoken"} <= set(cues[0])
    state = student.kinds("state")[-1]
    assert state["engine"] == ENGINE
    assert state["silence"] is None
    assert set(state["load"]) == {"fps", "dropped", "latency_ms"}
    assert (ended["ended"], ended["connections"]) == ("lost", 1)
    assert ended["practised_s"] > 9
    assert "coach_sessions 1.0" in while_live
    assert "coach_sessions 0.0" in at_the_end
    assert 'coach_connections_total{reason="lost"} 1.0' in at_the_end
    for name, count in (
        ('frames_total{fate="judged"}', ended["frames"]["judged"]),
        ('frames_total{fate="replaced"}', ended["frames"]["replaced"]),
        ("frames_still_total", ended["frames"]["still"]),
        ('poses_total{fate="sent"}', ended["frames"]["poses_sent"]),
        ('cues_total{state="raised"}', len(ended["cues"])),
    ):
        assert f"coach_{name} {float(count)}" in at_the_end
        assert f"coach_{name}" in while_live


async def test_the_player_is_placed_on_the_students_clock(tmp_path: Path) -> None:
    """Both are placed by the page's clock: what the way to us takes is in neither."""
    async with live_server(tmp_path) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.poses) > 5)
        student.say("player", t=20.0, playing=True, rate=1, at_ms=now_ms())
        await student.until(lambda: len(student.poses) > 3 * FPS)  # past the first sender report
        clocks = server.lessons.coaches[0].clocks
        positions = [(t, clock.position(t)) for t, clock in clocks if clock is not None]
        await student.close()
    # From before, too, until a sender report tells of it.
    late_s = student.camera.stalled_s + student.camera.late_s
    assert clocks[0][1] is None
    began = positions[0]
    for t, position in positions:
        # a tenth: by the first sender report, arrival times stand in for capture times
        assert position - began[1] == pytest.approx(t - began[0], abs=0.1 + late_s)
        assert position == pytest.approx(20.0 + t - began[0], abs=0.3 + late_s)


async def test_settings_reach_the_coach(tmp_path: Path) -> None:
    async with live_server(tmp_path) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.begun()
        student.say("settings", strictness="strict", voice=True, language="en")
        student.say("settings", mirror="mirrored")
        student.say("settings", tempo="free", language="de-AT")
        coach = server.lessons.coaches[0]
        wanted = Choices(Strictness.STRICT, Mirror.MIRRORED, Tempo.FREE, Language.GERMAN)
        await student.until(lambda: wanted in coach.configured)
        await student.close()


async def test_a_film_that_has_not_begun_is_no_film_to_the_coach(tmp_path: Path) -> None:
    """Its student stands as they like: at ease, for the coach to get to know them."""
    async with live_server(tmp_path) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        coach = server.lessons.coaches[0]
        await student.until(lambda: student.control.readyState == "open")
        student.say("player", t=0.0, playing=False, rate=1, at_ms=now_ms())
        student.say("settings", strictness="gentle")  # what follows comes after it
        await student.until(lambda: len(coach.configured) > 0)
        seen = len(coach.clocks)
        await student.until(lambda: len(coach.clocks) > seen + FPS)
        assert [clock for _, clock in coach.clocks if clock is not None] == []
        student.say("player", t=0.0, playing=True, rate=1, at_ms=now_ms())
        await student.until(lambda: coach.clocks[-1][1] is not None)
        student.say("player", t=0.0, playing=False, rate=1, at_ms=now_ms())
        await student.until(lambda: _is_paused(coach.clocks[-1][1]))
        await student.close()


def _is_paused(clock: PlayerClock | None) -> bool:
    return clock is not None and not clock.playing


@pytest.mark.parametrize(
    "news",
    [{"wait": True}, {"mirrored": True}, {"calibrated": True}, {"silence": Silence.TOO_NEAR}],
    ids=lambda news: next(iter(news)),
)
async def test_what_the_coach_finds_out_is_told_at_once(
    tmp_path: Path, news: dict[str, Any]
) -> None:
    async with live_server(tmp_path) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.kinds("state")) > 0)
        first = student.kinds("state")[0]
        assert first["silence"] == "paused"
        assert [first[what] for what in ("wait", "mirrored", "calibrated")] == [False] * 3
        await student.until(lambda: len(student.poses) > FPS)
        server.lessons.coaches[0].shows = news | {"cues": (MARK,)}  # in every frame from now on
        ((name, value),) = news.items()
        await student.until(lambda: student.kinds("state")[-1][name] == value)
        await student.close()
    # with the frame's own result, not with the next state that is due anyway
    marked = [kind["type"] == "cue" and kind["id"] == MARK.id for kind in student.controls]
    after = student.controls[marked.index(True) + 1]
    assert (after["type"], after[name]) == ("state", value)


async def test_the_page_is_given_words_in_the_language_it_asks_for(tmp_path: Path) -> None:
    async with live_server(tmp_path) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.kinds("state")) > 0)
        assert student.kinds("words") == []
        for language in ("de", "hi"):
            student.say("settings", language=language)
        student.say("settings", strictness="strict")
        await student.until(lambda: _language(student) == "hi")
        words = student.kinds("words")[-1]
        count = len(student.kinds("words"))
        await student.until(lambda: len(student.kinds("state")) > 3)
        assert len(student.kinds("words")) == count, "once is enough"
        await student.vanish()
        back = StudentPeer()
        await back.connect(server.post_offer, resume=student.answer["resume"])
        await back.until(lambda: _language(back) == "hi")
        await student.close()
        await back.close()
    assert words["silences"] == {str(reason): silence(reason, Language.HINDI) for reason in Silence}
    assert words["phrases"] == {str(what): phrase(what, Language.HINDI) for what in Phrase}


def _language(student: StudentPeer) -> str | None:
    words = student.kinds("words")
    return str(words[-1]["language"]) if words else None


@pytest.mark.parametrize("size", [(160, 120), (240, 320)])
async def test_the_size_may_change_in_mid_stream(tmp_path: Path, size: tuple[int, int]) -> None:
    async with live_server(tmp_path) as server:
        student = StudentPeer(NumberedFrames(320, 240))
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.poses) > 5)
        coach = server.lessons.coaches[0]
        assert set(coach.sizes) == {(240, 320)}
        student.camera.size = size
        await student.until(lambda: coach.sizes[-1] == (size[1], size[0]))
        before = len(student.poses)  # a message may be left out while another is still under way
        await student.until(lambda: len(student.poses) > before + 3)
        await student.close()


async def test_a_peer_that_vanishes_is_found_and_its_slot_freed(tmp_path: Path) -> None:
    async with live_server(tmp_path, limits=QUICK, max_sessions=1) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.poses) > 0)
        await student.vanish()
        report = await until_free(server, student.answer["session"])
        await student.close()
        other = StudentPeer()
        await other.connect(server.post_offer)
        await other.until(lambda: len(other.poses) > 0)
        await other.close()
    assert report["ended"] in {"no_media", "lost"}


async def test_a_camera_that_stops_frees_the_slot(tmp_path: Path) -> None:
    async with live_server(tmp_path, limits=QUICK) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.poses) > 0)
        student.camera.stop()
        await student.until(lambda: bool(student.kinds("bye")))
        report = await until_free(server, student.answer["session"])
        await student.close()
    assert student.kinds("bye")[0]["reason"] == report["ended"] == "no_media"


async def test_a_camera_that_says_goodbye_by_rtcp_holds_nothing_up(tmp_path: Path) -> None:
    async with live_server(tmp_path, limits=QUICK) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.poses) > 0)
        await student.pc.getSenders()[0].stop()
        await student.until(lambda: bool(student.kinds("bye")))
        report = await until_free(server, student.answer["session"])
        await student.close()
    assert report["ended"] == "no_media", "the connection broke instead"


async def test_an_offer_that_never_connects_frees_its_slot(tmp_path: Path) -> None:
    limits = replace(QUICK, connect_s=1.0)
    async with live_server(tmp_path, limits=limits, max_sessions=1) as server:
        student = StudentPeer()
        offer = {"sdp": await student.offer(), "type": "offer", "routine": "demo"}
        await student.close()
        answer = await server.post_offer(offer)
        async with server.client.post("/api/offer", json=offer) as refused:
            assert refused.status == 503
            assert int(refused.headers["Retry-After"]) > 0
            assert (await refused.json())["error"]["code"] == "full"
        report = await until_free(server, answer["session"])
        assert report["ended"] == "never_connected"
        again = await server.post_offer(offer)
        await until_free(server, again["session"])


async def test_goodbye_frees_the_slot_at_once(tmp_path: Path) -> None:
    async with live_server(tmp_path) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.begun()
        student.say("bye")
        report = await until_free(server, student.answer["session"])
        await student.close()
    assert report["ended"] == "bye"


@pytest.mark.parametrize(
    "abuse", ["flood", "oversize", "binary", "no_json", "pose", "channel", "unfinished"]
)
async def test_abuse_of_the_channels_ends_it(tmp_path: Path, abuse: str) -> None:
    async with live_server(tmp_path, limits=QUICK) as server:
        student = StudentPeer()
        await student.connect(server.post_offer)
        await student.begun()
        while not student.kinds("bye"):
            match abuse:
                case "flood":
                    for _ in range(30):
                        student.say("dance")
                case "oversize":
                    student.control.send("x" * 5000)
                case "binary":
                    student.control.send(b"\0\1")
                case "pose":
                    student.pose.send("{}")
                case "channel":
                    student.pc.createDataChannel("files")
                case "unfinished":  # its last part is sent long after it has become too much
                    student.control.send("x" * 200_000)
                case _:
                    student.control.send('{"v":1,"type":"player","t":NaN}')
            await asyncio.sleep(0.05)
        report = await until_free(server, student.answer["session"])
        await student.close()
    assert student.kinds("bye")[0]["reason"] == report["ended"] == "abuse"
    assert report["frames"]["ignored"][abuse] >= (1 if abuse == "unfinished" else 3)


async def test_other_channels_are_closed_and_counted(tmp_path: Path) -> None:
    async with live_server(tmp_path) as server:
        student = StudentPeer()
        others = [student.pc.createDataChannel(name) for name in ("files", "pose")]
        await student.connect(server.post_offer)
        await student.until(lambda: all(other.readyState == "closed" for other in others))
        await student.until(lambda: len(student.poses) > 0)
        report = await server.report(student.answer["session"])
        await student.close()
    assert report["frames"]["ignored"] == {"channel": 2}


async def test_stopping_says_goodbye(tmp_path: Path) -> None:
    student = StudentPeer()
    async with live_server(tmp_path) as server:
        await student.connect(server.post_offer)
        await student.until(lambda: len(student.poses) > 0)
    await student.until(lambda: bool(student.kinds("bye")))
    await student.close()
    assert student.kinds("bye")[0]["reason"] == "shutdown"


@pytest.mark.parametrize("candidates", ["none", "mdns"])
async def test_a_page_that_hides_its_addresses_is_reached_by_its_own_checks(
    tmp_path: Path, candidates: str
) -> None:
    async with live_server(tmp_path) as server:

        async def post_hidden(fields: dict[str, Any]) -> dict[str, Any]:
            lines = fields["sdp"].split("\r\n")
            bare = [line for line in lines if not line.startswith("a=candidate")]
            if candidates == "mdns":
                name = "6d8b1c9e-5c2e-4d1b-9c55-3c1e2b6a7a11.local"
                hidden = f"a=candidate:1 1 udp 2122260223 {name} 50000 typ host"
                bare.insert(bare.index("a=mid:0"), hidden)
            return await server.post_offer(fields | {"sdp": "\r\n".join(bare)})

        student = StudentPeer()
        await student.connect(post_hidden)
        await student.until(lambda: len(student.poses) > 0)
        await student.close()


class Victim(asyncio.DatagramProtocol):
    """A socket that an offer names."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def datagram_received(self, data: bytes, _addr: object) -> None:
        self.heard.append(data)


Heard: TypeAlias = tuple[asyncio.DatagramTransport, Victim]


@asynccontextmanager
async def server_and_victim(
    tmp_path: Path, **options: Any
) -> AsyncIterator[tuple[LiveServer, Heard]]:
    """A server, and a socket that has its port's number: with luck, for anybody may have that."""
    loop = asyncio.get_running_loop()
    for _ in range(20):
        async with live_server(tmp_path, **options) as server:
            own = ("127.0.0.1", server.client.port or 0)
            try:
                way, victim = await loop.create_datagram_endpoint(Victim, local_addr=own)
            except OSError:
                continue
            yield server, (way, victim)
            return
    pytest.fail("somebody has each number")


@pytest.mark.parametrize("names", ["", "coach.example"], ids=["no_proxy", "proxy"])
async def test_an_offer_cannot_make_the_server_probe_itself(tmp_path: Path, names: str) -> None:
    """A socket on our own port hears nothing; on one that pages may have, the same offer is heard.

    Both are named in one offer, ours first. Where a proxy brings others here, pages have neither.
    """
    limits = replace(QUICK, connect_s=1.0)
    async with server_and_victim(tmp_path, limits=limits, names=names) as (server, own):
        loop = asyncio.get_running_loop()
        other = await loop.create_datagram_endpoint(Victim, local_addr=("127.0.0.1", 0))
        sockets = [own, other]
        ports = [way.get_extra_info("sockname")[1] for way, _ in sockets]
        assert ports[0] == server.client.port
        named = "".join(
            f"\r\na=candidate:{each} 1 udp {2122260223 - each} 127.0.0.1 {port} typ host"
            for each, port in enumerate(ports, 1)
        )
        student = StudentPeer()
        sdp = (await student.offer()).replace("a=mid:0", f"a=mid:0{named}")
        await student.close()
        answer = await server.post_offer({"sdp": sdp, "type": "offer", "routine": "demo"})
        await until_free(server, answer["session"])
        for way, _ in sockets:
            way.close()
        await asyncio.sleep(0)
    (_, at_ours), (_, at_other) = sockets
    assert bool(at_other.heard) == (not names), "who may be probed is not who is"
    assert at_ours.heard == []
