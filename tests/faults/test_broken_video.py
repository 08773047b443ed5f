"""Video that is none: the session lives on, or ends with a reason; the others do not notice."""

from pathlib import Path

import pytest
from support.broken_video import (
    Breaking,
    BrokenLine,
    Codec,
    cut_short,
    empty,
    garbage,
    headers_alone,
    spoilt_inside,
    student_with,
    twice_as_long,
    vp8_key_frame,
)
from support.live_server import QUICK, assert_accounted_for, live_server, until_free
from support.student_peer import NumberedFrames, StudentPeer

from coach_server.rtc.peer import PeerLimits

pytestmark = pytest.mark.loopback

BROKEN_FRAMES = 12
ANY: list[tuple[Codec, Breaking]] = [
    *(("VP8", one) for one in (cut_short, garbage, spoilt_inside, empty)),
    ("VP8", vp8_key_frame(0, 0)),
    ("VP8", vp8_key_frame(16383, 16383)),
    ("H264", empty),
]
"""Frames of which the receiver still knows that they came."""

UNREADABLE: list[tuple[Codec, Breaking]] = [
    ("VP8", headers_alone),
    *(("H264", one) for one in (cut_short, garbage, twice_as_long)),
]
"""Packets of which it does not even know that: what follows waits for them."""


@pytest.mark.parametrize(("codec", "breaking"), ANY)
async def test_what_comes_after_broken_frames_is_seen(
    tmp_path: Path, codec: Codec, breaking: Breaking
) -> None:
    async with live_server(tmp_path) as server:
        student = student_with(codec)
        line = BrokenLine(student)
        await student.connect(server.post_offer)
        await student.begun()
        line.breaking = breaking
        await student.until(lambda: line.broken >= BROKEN_FRAMES)
        line.breaking = None
        seen = len(student.poses)
        await student.until(lambda: len(student.poses) > seen + 5)
        await student.close()
        report = await until_free(server, student.answer["session"])
    assert report["connections"] == 1
    assert student.kinds("bye") == student.kinds("error") == []
    assert_accounted_for(report["frames"])


@pytest.mark.parametrize(("codec", "breaking"), UNREADABLE)
async def test_a_picture_that_cannot_be_read_ends_with_a_reason_and_no_other_student(
    tmp_path: Path, codec: Codec, breaking: Breaking
) -> None:
    async with live_server(tmp_path, limits=QUICK) as server:
        other, student = StudentPeer(), student_with(codec)
        line = BrokenLine(student)
        for one in (other, student):
            await one.connect(server.post_offer)
            await one.begun()
        line.breaking = breaking
        seen, sent = len(other.poses), other.camera.sent
        await student.until(lambda: bool(student.kinds("bye")))
        report = await until_free(server, student.answer["session"])
        await student.close()
        assert len(other.poses) - seen > 0.3 * (other.camera.sent - sent)
        back = student_with(codec)
        await back.connect(server.post_offer, resume=student.answer["resume"])
        await back.begun()
        for one in (other, back):
            await one.close()
        others = await until_free(server, other.answer["session"])
    assert report["ended"] == "no_media"
    assert back.answer["session"] == student.answer["session"]
    assert others["connections"] == 1
    for each in (report, others):
        assert_accounted_for(each["frames"])


async def test_packets_of_another_type_are_no_video(tmp_path: Path) -> None:
    async with live_server(tmp_path) as server:
        student = StudentPeer()
        line = BrokenLine(student)
        await student.connect(server.post_offer)
        await student.begun()
        line.payload_type = 126
        await student.until(lambda: line.broken >= BROKEN_FRAMES)
        line.payload_type = None
        seen = len(student.poses)
        await student.until(lambda: len(student.poses) > seen + 5)
        await student.close()
        report = await until_free(server, student.answer["session"])
    assert report["connections"] == 1
    assert_accounted_for(report["frames"])


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_a_picture_may_become_tiny_turned_and_huge(tmp_path: Path, codec: Codec) -> None:
    """A turned phone sends its picture turned: the other way up is another size."""
    limits = PeerLimits(media_s=30.0)  # on a busy machine a huge picture takes its time
    async with live_server(tmp_path, limits=limits) as server:
        student = student_with(codec, NumberedFrames(64, 48))
        await student.connect(server.post_offer)
        await student.begun()
        coach = server.lessons.coaches[0]
        for size in ((48, 64), (16, 16), (640, 360), (4096, 2160), (64, 48)):
            student.camera.size = size
            await student.until(lambda size=size: coach.sizes[-1] == size[::-1])  # type: ignore[misc]  # bound
        seen = len(student.poses)
        await student.until(lambda: len(student.poses) > seen)
        await student.close()
        report = await until_free(server, student.answer["session"])
    assert report["connections"] == 1
    assert student.kinds("error") == []
    assert_accounted_for(report["frames"])
