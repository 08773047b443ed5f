"""The harness itself: what it says it does to packets, it does, and does again by its seed."""

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from coach_server.errors import InputError
from scripts.faults.cut import cut_row
from scripts.faults.kills import struck_rows
from scripts.faults.namespaces import SERVER, STUDENT, End, Line, check
from scripts.faults.network import BadNetwork, Way, Weather
from scripts.faults.rows import Row, table

pytestmark = pytest.mark.loopback

COUNT = 2000


async def carried(weather: Weather, seed: int = 1, count: int = COUNT) -> tuple[list[int], Way]:
    """Numbers of the datagrams that arrive, in order."""
    way = Way("up", seed, weather)
    came: list[int] = []
    for number in range(count):
        way.carry(number.to_bytes(4, "big"), lambda data: came.append(int.from_bytes(data, "big")))
        if number % 100 == 0:
            await asyncio.sleep(0)
    await asyncio.sleep(weather.delay_s + weather.jitter_s + weather.reorder_s + 0.05)
    return came, way


async def test_fair_weather_changes_nothing() -> None:
    came, way = await carried(Weather())
    assert came == list(range(COUNT))
    assert way.fates == {"came": COUNT}


async def test_loss_is_as_large_as_was_asked_for_and_the_same_for_a_seed() -> None:
    came, _ = await carried(Weather(loss=0.05))
    again, way = await carried(Weather(loss=0.05))
    other, _ = await carried(Weather(loss=0.05), seed=2)
    assert came == again != other
    assert len(came) == pytest.approx(0.95 * COUNT, rel=0.02)
    assert way.fates["lost"] == COUNT - len(came)


async def test_one_fault_draws_nothing_from_another() -> None:
    alone, _ = await carried(Weather(loss=0.05))
    together, _ = await carried(Weather(loss=0.05, jitter_s=0.001, duplicate=0.1))
    assert sorted(set(together)) == alone


async def test_jitter_keeps_the_order_and_reordering_does_not() -> None:
    late, _ = await carried(Weather(delay_s=0.01, jitter_s=0.02))
    assert late == list(range(COUNT))
    overtaken, way = await carried(Weather(reorder=0.1, reorder_s=0.01))
    assert overtaken != sorted(overtaken)
    assert sorted(overtaken) == list(range(COUNT))
    assert way.fates["reordered"] == pytest.approx(0.1 * COUNT, rel=0.3)


async def test_duplicates_and_corruption_are_counted() -> None:
    came, way = await carried(Weather(duplicate=0.2))
    assert len(came) == COUNT + way.fates["duplicated"]
    came, way = await carried(Weather(corrupt=0.2))
    assert sum(found != number for number, found in enumerate(came)) == way.fates["corrupted"] > 300


def test_a_goal_is_missed_where_there_is_no_figure() -> None:
    rows = [
        Row("a", 4.0, "s", 5.0),
        Row("b", 6.0, "s", 5.0),
        Row("c", 96.0, "%", 95.0, at_most=False),
        Row("d", None, "s", 5.0),
        Row("e", 1.0, "s"),
    ]
    assert [row.holds for row in rows] == [True, False, True, False, None]
    assert table(rows).count("**no**") == 2


ECHO = f"""
import socket
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.bind(("{SERVER}", 9))
print("listening", flush=True)
while True:
    data, whence = line.recvfrom(100)
    line.sendto(data, whence)
"""
ASK = f"""
import socket, sys
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.settimeout(2)
for text in sys.stdin:
    line.sendto(text.strip().encode(), ("{SERVER}", 9))
    try:
        print("heard", line.recv(100).decode(), flush=True)
    except TimeoutError:
        print("heard nothing", flush=True)
"""


@pytest.fixture
def ends() -> Iterator[tuple[End, End]]:
    try:
        check()
    except InputError as error:
        pytest.skip(error.message)
    with (
        End(SERVER, [sys.executable, "-c", ECHO]) as server,
        End(STUDENT, [sys.executable, "-c", ASK]) as student,
    ):
        server.read_line("listening")
        yield student, server


async def test_real_programs_talk_over_a_line_that_can_be_cut(ends: tuple[End, End]) -> None:
    network = BadNetwork(1)

    async def heard(text: str) -> str:
        ends[0].tell(text)
        return await asyncio.to_thread(ends[0].read_line, "heard")

    async with Line(*ends, network):
        assert await heard("one") == "one"
        network.cut()
        assert await heard("two") == "nothing"
        network.heal()
        assert await heard("three") == "three"
        network.cut(up=False)
        assert await heard("four") == "nothing"
    assert network.up.fates["cut"] >= 1
    assert network.down.fates["cut"] >= 1


def test_a_student_who_never_comes_back_is_no_short_gap() -> None:
    theirs, others = struck_rows("SIGKILL", [4.2, 0.1], 5.0, 1)
    assert (theirs.figure, theirs.holds, others.figure, others.holds) == (4.2, True, 0.1, True)
    for rows in (
        struck_rows("SIGKILL", [0.03, 0.03], None, 1),  # never back
        struck_rows("SIGKILL", [4.2, 0.1], 5.0, 2),  # nobody was struck
        struck_rows("SIGKILL", [4.2, 3.9], 5.0, 0),  # both were
    ):
        assert [row.holds for row in rows] == [False, False]
    assert not struck_rows("SIGKILL", [4.2, 1.2], 5.0, 1)[1].holds


def seen_by_page(**other: Any) -> dict[str, Any]:
    """A page's practice about a cut from 10 to 25 s."""
    report = {"live": True, "connections": 2, "cues": [{}]}
    return {
        "answers": ["s", "s"],
        "poses": [[9_900.0, 1, 0.4], [26_000.0, 2, 0.4], [26_100.0, 3, None]],
        "cues": [[5.0, "c1"]],
        "links": [[12_000.0, "lost"]],
        "stage": "live",
        "report": report,
        **other,
    }


def test_a_cut_after_which_anything_is_missing_has_no_figure() -> None:
    assert cut_row(15.0, seen_by_page(), 10_000.0, 25_000.0).figure == 1.0
    losses: list[dict[str, Any]] = [
        {"answers": ["s", "t"]},
        {"cues": []},
        {"poses": [[9_900.0, 1, 0.4], [26_000.0, 2, None]]},
        {"poses": [[9_900.0, 1, 0.4]]},
    ]
    for lost in losses:
        assert cut_row(15.0, seen_by_page(**lost), 10_000.0, 25_000.0).holds is False
