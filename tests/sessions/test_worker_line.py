"""What the front and a worker say to each other, and how their counters are added up."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from prometheus_client import generate_latest

from coach_server.errors import (
    BusyError,
    CoachError,
    FullError,
    InternalError,
    NotFoundError,
    OfferError,
    StartingError,
)
from coach_server.sessions.metrics import Metrics
from coach_server.sessions.workers.line import Answers, Line, LineLostError
from coach_server.sessions.workers.samples import FrontMetrics, told

pytestmark = pytest.mark.loopback


@asynccontextmanager
async def lines(
    answers: Answers, heard: list[Any] | None = None
) -> AsyncIterator[tuple[Line, Line]]:
    """Both ends, listening; the second answers."""
    ends = socket.socketpair()
    hears = [] if heard is None else heard
    made = [
        await Line.over(end, answers=answers, hears=lambda *what: hears.append(what))
        for end in ends
    ]
    running = [asyncio.create_task(line.run()) for line in made]
    await asyncio.sleep(0)
    try:
        yield made[0], made[1]
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@pytest.mark.parametrize(
    "error",
    [
        NotFoundError("there is none", hint="look"),
        OfferError("no offer", hint="send one", code="bad_candidate"),
        BusyError("wait"),
        StartingError("soon"),
        FullError("no place", retry_after_s=7, hint="later"),
        InternalError("our fault"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_error_of_the_other_side_is_raised_as_it_was(error: CoachError) -> None:
    async def answers(_call: str, _fields: Mapping[str, Any]) -> None:
        raise error

    async with lines(answers) as (asks, _):
        with pytest.raises(type(error)) as raised:
            await asks.call("join", 5.0)
    assert raised.value.as_dict() == error.as_dict()
    assert raised.value.http_status == error.http_status
    assert getattr(raised.value, "retry_after_s", 0) == getattr(error, "retry_after_s", 0)


async def test_a_fault_of_the_other_side_is_ours_and_tells_nothing() -> None:
    async def answers(_call: str, _fields: Mapping[str, Any]) -> None:
        raise RuntimeError("a path and a secret")

    async with lines(answers) as (asks, _):
        with pytest.raises(InternalError) as raised:
            await asks.call("join", 5.0)
    assert "secret" not in str(raised.value.as_dict())


async def test_calls_are_answered_in_any_order_and_what_is_told_is_heard() -> None:
    async def answers(_call: str, fields: Mapping[str, Any]) -> object:
        await asyncio.sleep(fields["s"])
        return fields["s"]

    heard: list[Any] = []
    async with lines(answers, heard) as (asks, _):
        asks.tell("load", cpu=0.5)
        assert await asyncio.gather(*(asks.call("wait", 5.0, s=s) for s in (0.1, 0.0))) == [0.1, 0]
        assert heard == [("load", {"cpu": 0.5})]
        with pytest.raises(LineLostError):
            await asks.call("wait", 0.01, s=1.0)


async def test_an_answer_that_cannot_be_told_costs_nobody_their_time() -> None:
    async def answers(_call: str, _fields: Mapping[str, Any]) -> float:
        return float("nan")

    async with lines(answers) as (asks, _):
        with pytest.raises(InternalError) as raised:
            await asks.call("report", 60.0)
    assert not isinstance(raised.value, LineLostError)


async def test_a_line_that_has_ended_answers_at_once() -> None:
    async def answers(_call: str, _fields: Mapping[str, Any]) -> None:
        return None

    async with lines(answers) as (asks, other):
        pass
    assert asks.has_ended
    assert other.has_ended
    with pytest.raises(LineLostError):
        await asks.call("join", 60.0)


async def test_a_side_that_stopped_reading_holds_no_end_up() -> None:
    ours, theirs = socket.socketpair()

    async def answers(_call: str, _fields: Mapping[str, Any]) -> None:
        return None

    line = await Line.over(ours, answers=answers, hears=lambda *_: None)
    running = asyncio.create_task(line.run())
    for _ in range(20):
        line.tell("load", what="x" * 60_000)
    await asyncio.sleep(0)
    running.cancel()
    async with asyncio.timeout(20):
        await asyncio.gather(running, return_exceptions=True)
    theirs.close()


async def test_who_waits_is_told_when_the_other_side_is_gone() -> None:
    ours, theirs = socket.socketpair()

    async def answers(_call: str, _fields: Mapping[str, Any]) -> None:
        raise AssertionError("nobody asks")

    line = await Line.over(ours, answers=answers, hears=lambda *_: None)
    running = asyncio.create_task(line.run())
    waiting = asyncio.create_task(line.call("join", 60.0))
    await asyncio.sleep(0)
    theirs.close()
    with pytest.raises(LineLostError):
        await waiting
    await running


def value(metrics: FrontMetrics, sample: str) -> float:
    lines = generate_latest(metrics.registry).decode().splitlines()
    return next(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(sample + " "))


def test_counters_of_workers_are_added_up_and_never_fall() -> None:
    taken = 3
    front = FrontMetrics(lambda: taken)
    workers = {name: Metrics() for name in ("one", "two")}
    for name, metrics in workers.items():
        metrics.cues.labels("raised").inc(3)
        metrics.sessions.set(2)
        metrics.load.set(0.5 if name == "one" else 0.7)
        metrics.age.observe(0.02)
        front.take(name, told(metrics.registry.collect()))
    assert value(front, 'coach_cues_total{state="raised"}') == 6
    assert value(front, "coach_sessions") == 3, "the front's own count, which is never late"
    assert value(front, "coach_load") == 0.7
    assert value(front, 'coach_result_age_seconds_bucket{le="0.03"}') == 2
    front.ended("one")
    assert value(front, 'coach_cues_total{state="raised"}') == 6
    assert value(front, "coach_result_age_seconds_count") == 2
    taken = 2
    assert value(front, "coach_sessions") == 2
