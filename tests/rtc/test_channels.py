"""What the page may do on the control channel, and when a pose is not sent."""

import json
from typing import Any, cast

import pytest
from aiortc import RTCDataChannel
from pyee.asyncio import AsyncIOEventEmitter

from coach_server.rtc.channels import BURST, MAX_BUFFERED, ControlChannel, PoseChannel
from coach_server.rtc.messages import ByeMessage, PageMessage

pytestmark = pytest.mark.unit

BYE = '{"v":1,"type":"bye"}'


class FakeChannel(AsyncIOEventEmitter):
    """A data channel as far as ours look at it."""

    def __init__(self) -> None:
        super().__init__()
        self.readyState = "open"
        self.bufferedAmount = 0
        self.sent: list[dict[str, Any]] = []

    def send(self, text: str) -> None:
        self.sent.append(json.loads(text))


class Page:
    """A control channel with a clock in hand."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.heard: list[PageMessage] = []
        self.abused = 0
        self.channel = FakeChannel()
        self.control = ControlChannel(
            on_message=self.heard.append, on_abuse=self._abuse, now=lambda: self.now_s
        )
        self.control.bind(cast("RTCDataChannel", self.channel))

    def _abuse(self) -> None:
        self.abused += 1

    def says(self, message: str | bytes) -> None:
        self.channel.emit("message", message)


@pytest.fixture
def page() -> Page:
    return Page()


def test_a_message_is_heard(page: Page) -> None:
    page.says(BYE)
    assert page.heard == [ByeMessage()]


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ('{"v":1,"type":"bye","x":"' + "x" * 5000 + '"}', "oversize"),
        (b"x" * 5000, "oversize"),
        (BYE.encode(), "binary"),
        ('{"v":1,"type":"player","t":NaN}', "no_json"),
        ("{", "no_json"),
    ],
)
def test_abuse_is_counted_and_the_third_ends_it(page: Page, message: str | bytes, why: str) -> None:
    for _ in range(2):
        page.says(message)
    assert page.abused == 0
    page.says(message)
    assert (page.abused, page.control.ignored[why]) == (1, 3)
    for _ in range(3):
        page.says(message)
    assert (page.abused, page.control.ignored[why]) == (1, 6)
    assert page.heard == []


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ('{"v":1,"type":"player","t":null}', "malformed"),
        ("[]", "malformed"),
        ('{"v":1,"type":"later"}', "unknown_type"),
    ],
)
def test_what_a_page_may_get_wrong_is_counted_only(page: Page, message: str, why: str) -> None:
    for _ in range(10):
        page.says(message)
    assert page.abused == 0
    assert page.control.ignored[why] == 10


def test_a_flood_is_ignored_and_ends_it_in_its_third_second(page: Page) -> None:
    for step in range(3000):
        page.now_s = step / 1000
        page.says(BYE)
        if page.abused:
            break
    assert page.now_s == pytest.approx(2.0, abs=0.1)
    assert len(page.heard) < BURST + 3 * 20
    assert page.control.ignored["flood"] > 1500


def test_a_lively_page_is_no_flood(page: Page) -> None:
    for step in range(600):
        page.now_s = step / 15
        page.says(BYE)
    assert len(page.heard) == 600


def test_control_is_lost_and_counted_while_the_page_does_not_take_it(page: Page) -> None:
    page.control.send("state", silence=None)
    page.channel.bufferedAmount = MAX_BUFFERED + 1
    page.control.send("state", silence=None)
    page.channel.bufferedAmount = 0
    page.channel.readyState = "closing"
    page.control.send("state", silence=None)
    assert page.channel.sent == [{"v": 1, "type": "state", "silence": None}]
    assert page.control.lost == 2


def test_control_before_the_channel_is_there() -> None:
    control = ControlChannel(on_message=lambda _: None, on_abuse=lambda: None, now=lambda: 0.0)
    control.send("state")
    assert (control.lost, control.is_open) == (1, False)


def test_a_second_channel_is_not_bound(page: Page) -> None:
    second = FakeChannel()
    assert not page.control.bind(cast("RTCDataChannel", second))
    second.emit("message", BYE)
    page.control.send("state")
    assert (page.heard, second.sent, len(page.channel.sent)) == ([], [], 1)
    pose = PoseChannel(lambda: None)
    assert pose.bind(cast("RTCDataChannel", page.channel))
    assert not pose.bind(cast("RTCDataChannel", second))


def test_whatever_is_said_on_the_pose_channel_is_a_strike(page: Page) -> None:
    channel = FakeChannel()
    PoseChannel(lambda: page.control.refuse("pose")).bind(cast("RTCDataChannel", channel))
    for message in (BYE, b"\0", "x" * 5000):
        assert page.abused == 0
        channel.emit("message", message)
    assert (page.abused, page.heard, dict(page.control.ignored)) == (1, [], {"pose": 3})


def send(pose: PoseChannel, seq: int) -> None:
    pose.send(
        seq=seq,
        t=0.0,
        capture_ms=None,
        keypoints=None,
        joints=None,
        lag_s=None,
        routine_t=None,
        deviations={},
    )


def test_a_pose_never_queues_behind_another() -> None:
    pose = PoseChannel(lambda: None)
    channel = FakeChannel()
    send(pose, 0)
    pose.bind(cast("RTCDataChannel", channel))
    send(pose, 1)
    channel.bufferedAmount = 1
    send(pose, 2)
    channel.bufferedAmount = 0
    send(pose, 3)
    assert [message["seq"] for message in channel.sent] == [1, 3]
    assert (pose.sent, pose.skipped) == (2, 2)
