"""Thousands of mutated offers and messages: what a server answers, and what it keeps of them."""

import asyncio
import collections
import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection

from coach_server.errors import InternalError
from scripts.bench.cpu import machine
from scripts.fuzz.mutating import mutated
from scripts.fuzz.storm_messages import mutated_messages, say_all

AT_ONCE: Final = 1
WARM: Final = 100
"""Offers before anything is counted: pools fill, and what is made once is made."""
MOST_HELD_MS: Final = 50.0
MOST_DESCRIPTORS: Final = 2
MOST_THREADS: Final = 6
"""More: those of asyncio's own pool, which come as they are needed and stay."""
MOST_GROWTH: Final = 0.05
"""Of memory."""


def run(*, offers: int, messages: int, seed: int) -> dict[str, Any]:
    """The figures; `missed` says what is not as it must be."""
    result: dict[str, Any] = {"machine": machine(), "seed": seed}
    result["offers"] = _offers(offers, seed)
    result["messages"] = {"sent": 2 * messages, **_messages(messages, seed)}
    result["missed"] = [*missed_offers(result["offers"]), *missed_messages(result["messages"])]
    return result


def table(result: dict[str, Any]) -> str:
    """The figures as a markdown table."""
    offers, messages = result["offers"], result["messages"]
    statuses = ", ".join(f"{status}: {count}" for status, count in offers["statuses"].items())
    fates = ", ".join(f"{fate}: {count}" for fate, count in sorted(messages["fates"].items()))
    rows = [
        ("a storm", "figure"),
        (f"{offers['sent']} mutated offers, answers", statuses),
        *_in_words(offers),
        (f"{messages['sent']} mutated messages over one line", fates),
        *_in_words(messages),
        ("missed", "; ".join(result["missed"]) or "nothing"),
    ]
    lines = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join([lines[0], "| --- | --- |", *lines[1:]])


def _in_words(told: dict[str, Any]) -> list[tuple[str, str]]:
    own, wall = (told["loop_held_ms"][clock] for clock in ("own", "wall"))
    left = ", ".join(f"{name} {count:+g}" for name, count in told["left"].items())
    return [
        ("of it the loop was held, ms (with waits for a processor)", f"{own:.0f} ({wall:.0f})"),
        ("of it left over", left),
    ]


def missed_offers(offers: dict[str, Any]) -> list[str]:
    """What is not as it must be: an empty list where all is."""
    statuses = set(offers["statuses"])
    # a storm that is turned away at the door says nothing of what stands behind it
    turned_away = {"401", "403", "421", "429"}
    missed = [
        f"an answer {status}"
        for status in sorted(statuses)
        if status in turned_away or not (status == "200" or status.startswith("4"))
    ]
    if not (statuses & {"200"} and statuses - {"200"}):
        missed.append("the offers were all alike")
    return missed + [f"{each}, after offers" for each in _missed_by_any(offers)]


def missed_messages(messages: dict[str, Any]) -> list[str]:
    """What is not as it must be: an empty list where all is."""
    fates = collections.Counter(messages["fates"])
    missed = [f"{fates['raised']} messages raised"] if fates["raised"] else []
    if fates["received"] != messages["sent"] + 1:  # and the goodbye
        missed.append(f"{fates['received']} of {messages['sent']} messages and a goodbye came")
    if fates["taken"] + fates["ignored"] + fates["raised"] != fates["received"]:
        missed.append("messages were neither taken nor counted")
    if not (fates["taken"] > 1 and fates["ignored"]):
        missed.append("the messages were all alike")
    return missed + [f"{each}, after messages" for each in _missed_by_any(messages)]


def _missed_by_any(told: dict[str, Any]) -> list[str]:
    left, missed = told["left"], []
    if told["loop_held_ms"]["own"] > MOST_HELD_MS:
        missed.append(f"the loop was held for {told['loop_held_ms']['own']:.0f} ms")
    if abs(left["descriptors"]) > MOST_DESCRIPTORS:
        missed.append(f"descriptors {left['descriptors']:+d}")
    missed += [f"{name} {left[name]:+d}" for name in ("tasks", "connections") if left[name] > 0]
    if left["threads"] > MOST_THREADS:
        missed.append(f"threads {left['threads']:+d}")
    if left["rss_mb"] > MOST_GROWTH * told["rss_mb"]:
        missed.append(f"memory {left['rss_mb']:+.0f} MB")
    return missed


def _offers(count: int, seed: int) -> dict[str, Any]:
    honest = asyncio.run(_honest()).encode()
    rng = random.Random(seed)  # noqa: S311  # not for secrets: a run is to be made again
    with _server() as (address, told):
        asyncio.run(_storm(address, honest, rng, WARM))
        told.begin()
        statuses = asyncio.run(_storm(address, honest, rng, count))
        return {"sent": count, "statuses": dict(sorted(statuses.items())), **told.end()}


def _messages(count: int, seed: int) -> dict[str, Any]:
    with _server("messages") as (address, told):
        asyncio.run(_say_all(address, WARM, seed + 1))
        told.begin()
        asyncio.run(_say_all(address, count, seed))
        return told.end()


async def _say_all(address: str, count: int, seed: int) -> None:
    async with aiohttp.ClientSession() as http:
        await _ready(http, address)
    await say_all(address, mutated_messages(count, seed))


class _Told:
    """A `storm_server` to which one says when to count from, and when to say what it counted."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def begin(self) -> None:
        self._process.send_signal(signal.SIGUSR1)
        _line(self._process)  # it counts

    def end(self) -> dict[str, Any]:
        self._process.terminate()
        told: dict[str, Any] = json.loads(_line(self._process))
        return told


@contextmanager
def _server(*arguments: str) -> Iterator[tuple[str, _Told]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.fuzz.storm_server", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _line(process), _Told(process)
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()


def _line(process: "subprocess.Popen[str]") -> str:
    if process.stdout is None:
        raise InternalError("the server's output is not captured")
    return process.stdout.readline().strip()


async def _storm(
    address: str, honest: bytes, rng: random.Random, count: int
) -> collections.Counter[str]:
    statuses: collections.Counter[str] = collections.Counter()
    offers = iter([mutated(honest, rng).decode("utf-8", "replace") for _ in range(count)])

    async def one_after_another(http: aiohttp.ClientSession) -> None:
        for sdp in offers:
            fields = {"sdp": sdp, "type": "offer", "routine": "demo"}
            async with http.post(f"{address}/api/offer", json=fields) as answer:
                await answer.read()
                statuses[str(answer.status)] += 1
                done = statuses.total()
            if done % 1000 == 0:
                print(f"{done} of {count} offers", file=sys.stderr)

    async with aiohttp.ClientSession() as http:
        await _ready(http, address)
        await asyncio.gather(*(one_after_another(http) for _ in range(AT_ONCE)))
    return statuses


async def _ready(http: aiohttp.ClientSession, address: str) -> None:
    for _ in range(200):
        async with http.get(f"{address}/healthz") as answer:
            if answer.status == 200:
                return
        await asyncio.sleep(0.05)
    raise InternalError("the server did not become ready")


async def _honest() -> str:
    page = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    page.createDataChannel("pose", ordered=False, maxRetransmits=0)
    page.addTransceiver("video", direction="sendonly")
    try:
        await page.setLocalDescription(await page.createOffer())
        return str(page.localDescription.sdp)
    finally:
        await page.close()
