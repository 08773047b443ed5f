"""Frames out of packets of which some are lost: the tests' network is a list."""

import threading
from collections.abc import Iterable
from typing import Any

import pytest
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import RtpPacket

from coach_server.rtc.aiortc_patches import MAX_UNDECODED, DecoderQueue
from coach_server.rtc.reassembly import (
    GIVE_UP_S,
    MOST_ASKED,
    REMEMBERED,
    MarkerJitterBuffer,
    PersistentNacks,
    is_key_frame,
)

pytestmark = pytest.mark.unit

KEY, DELTA = b"\x10", b"\x11"
"""How VP8 frames begin."""


class Clock:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def packet(number: int, frame: int, data: bytes = DELTA, *, marker: bool = True) -> RtpPacket:
    made: Any = RtpPacket(sequence_number=number % 65_536, timestamp=frame * 3000, marker=marker)
    made._data = data + bytes([frame % 256])
    return made  # type: ignore[no-any-return]  # annotated Any to set what the receiver sets


def numbers(buffer: MarkerJitterBuffer, one: RtpPacket) -> list[int]:
    """The frames that a packet brings out."""
    _, first = buffer.add(one)
    found = [] if first is None else [first, *buffer.further()]
    return [frame.timestamp // 3000 for frame in found]


def test_all_that_waited_behind_a_gap_comes_with_it() -> None:
    buffer = MarkerJitterBuffer()
    for number in (0, 2, 3, 4):
        seen = numbers(buffer, packet(number, number))
        assert seen == ([0] if number == 0 else [])
    assert numbers(buffer, packet(1, 1)) == [1, 2, 3, 4]
    stock = JitterBuffer(capacity=512, is_video=True)
    for number in (0, 2, 3, 4, 1, 5):
        _, frame = stock.add(packet(number, number))
    assert frame is not None
    assert frame.timestamp < 4 * 3000, "stock aiortc catches up now: drop `further`"


def test_what_never_comes_is_given_up_and_a_key_frame_asked_for() -> None:
    clock = Clock()
    buffer = MarkerJitterBuffer(clock)
    buffer.add(packet(0, 0, KEY))
    asked = []
    for number in range(2, 40):
        clock.s += 1 / 30
        asks, frame = buffer.add(packet(number, number))
        assert frame is None, "it would be drawn on one that never came"
        asked.append(asks)
    assert asked.index(True) == pytest.approx(GIVE_UP_S * 30, abs=1)
    assert sum(asked) >= 2, "the question may be lost as well"
    assert numbers(buffer, packet(40, 40, KEY)) == [40]
    assert numbers(buffer, packet(41, 41)) == [41]
    assert buffer.skipped == 37, "of the frame behind the gap nobody knows whether it is whole"


def test_a_gap_in_the_middle_of_a_frame_costs_that_frame_and_the_ones_that_need_it() -> None:
    clock = Clock()
    buffer = MarkerJitterBuffer(clock)
    assert numbers(buffer, packet(0, 0, KEY)) == [0]
    buffer.add(packet(1, 1, marker=False))
    buffer.add(packet(3, 1))
    clock.s += GIVE_UP_S
    asks, frame = buffer.add(packet(4, 2, KEY, marker=False))
    assert (asks, frame) == (True, None)
    assert numbers(buffer, packet(5, 2)) == [2]


def test_a_frame_that_is_long_under_way_is_no_gap() -> None:
    clock = Clock()
    buffer = MarkerJitterBuffer(clock)
    for number in range(30):
        clock.s += GIVE_UP_S / 10
        assert buffer.add(packet(number, 0, KEY, marker=False)) == (False, None)
    assert numbers(buffer, packet(30, 0)) == [0]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"\x10\2\0\x9d\x01\x2a", True),
        (b"\x11\2\0", False),
        (b"\0\0\0\1\x67abc\0\0\0\1\x68d\0\0\0\1\x65e", True),
        (b"\0\0\0\1\x06abc\0\0\0\1\x65d", True),
        (b"\0\0\0\1\x41abc", False),
        (b"\0\0\0\1", False),
    ],
)
def test_key_frames_are_known(data: bytes, key: bool) -> None:  # a row's answer
    assert is_key_frame(data) == key


def asked_for(nacks: NackGenerator, came: Iterable[int], clock: Clock) -> list[list[int]]:
    """What is asked for with each packet, a hundredth of a second apart."""
    asked = []
    for number in came:
        clock.s += 0.01
        asked.append(sorted(nacks.missing) if nacks.add(packet(number, number)) else [])
    return asked


def test_a_lost_packet_is_asked_for_until_it_comes() -> None:
    clock = Clock()
    asked = asked_for(PersistentNacks(clock), [0, 1, *range(3, 30), 2, 30, 31], clock)
    times = [at for at, wanted in enumerate(asked) if wanted]
    assert times[:3] == [2, 10, 18], "at once, then after one and a half ways there and back"
    assert {number for wanted in asked for number in wanted} == {2}
    assert asked[-3:] == [[], [], []]
    stock = asked_for(NackGenerator(), [0, 1, *range(3, 30)], clock)
    assert sum(bool(wanted) for wanted in stock) == 1, "stock aiortc asks again now"


def test_how_often_follows_the_way_there_and_back() -> None:
    clock = Clock()
    nacks = PersistentNacks(clock)
    came = [0]
    for lost in range(1, 200, 4):  # each comes a hundredth of a second after it was asked for
        came += [lost + 1, lost, lost + 2, lost + 3]
    asked_for(nacks, came, clock)
    asked = asked_for(nacks, range(205, 220), clock)
    times = [at for at, wanted in enumerate(asked) if wanted]
    assert times[1] - times[0] == pytest.approx(2, abs=1)


def test_nobody_is_asked_for_ever() -> None:
    clock = Clock()
    nacks = PersistentNacks(clock)
    asked = asked_for(nacks, [0, *range(2, 2 + REMEMBERED)], clock)
    assert sum(bool(wanted) for wanted in asked) == MOST_ASKED
    asked = asked_for(nacks, [5000, 5001], clock)
    assert [len(wanted) for wanted in asked] == [REMEMBERED, 0]


def test_numbers_wrap() -> None:
    clock = Clock()
    asked = asked_for(PersistentNacks(clock), [65_533, 65_535, 1, 2], clock)
    assert asked == [[], [65_534], [0], []]


def test_the_decoder_is_handed_what_waited_behind_in_order() -> None:
    behind: list[Any] = ["b", "c"]
    waiting = DecoderQueue(threading.Event(), lambda: [behind.pop(0) for _ in list(behind)])
    waiting.put(("vp8", "a"))
    waiting.put(("vp8", "d"))
    assert [waiting.get() for _ in range(4)] == [("vp8", each) for each in "abcd"]
    assert MAX_UNDECODED >= 2 * GIVE_UP_S * 30


def test_a_key_frame_that_takes_long_is_not_torn() -> None:
    clock = Clock()
    buffer = MarkerJitterBuffer(clock)
    assert numbers(buffer, packet(0, 0, KEY)) == [0]
    for number in (2, 3):  # the first of the next is lost
        assert numbers(buffer, packet(number, number)) == []
    clock.s += GIVE_UP_S
    asks, _ = buffer.add(packet(4, 4))
    assert asks
    seen: list[int] = []
    for number in range(5, 25):  # one key frame, longer under way than a gap is waited for
        clock.s += GIVE_UP_S / 4
        seen += numbers(buffer, packet(number, 5, KEY, marker=number == 24))
    assert seen == [5]
    assert numbers(buffer, packet(25, 6)) == [6]
