"""Thousands of mutated offers and messages: what a server answers, and what it keeps of them."""

import asyncio
import collections
import itertools
import json
import random
import signal
import subprocess
import sys
import time
from typing import Any, Final

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection

from coach_server.errors import InternalError
from coach_server.rtc.channels import ControlChannel
from scripts.bench.cpu import machine
from scripts.fuzz.mutating import mutated
from scripts.fuzz.targets import TARGETS

AT_ONCE: Final = 1
WARM: Final = 100
"""Offers before anything is counted: pools fill, and what is made once is made."""
SETTLES_S: Final = 4.0
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
    result["messages"] = _messages(messages, seed)
    result["missed"] = [*missed_offers(result["offers"]), *missed_messages(result["messages"])]
    return result


def table(result: dict[str, Any]) -> str:
    """The figures as a markdown table."""
    offers, messages = result["offers"], result["messages"]
    statuses = ", ".join(f"{status}: {count}" for status, count in offers["statuses"].items())
    holds = [offers["loop_held_ms"][clock] for clock in ("own", "wall")]
    left = offers["left"]
    rows = [
        ("a storm", "figure"),
        (f"{offers['sent']} mutated offers, answers", statuses),
        ("the loop was held, ms (with waits for a processor)", f"{holds[0]:.0f} ({holds[1]:.0f})"),
        ("left over", ", ".join(f"{name} {count:+g}" for name, count in left.items())),
        (f"{messages['sent']} mutated messages, taken", str(messages["taken"])),
        ("raised", str(messages["raised"])),
        ("the longest took, ms of computing", f"{messages['longest_cpu_ms']:.1f}"),
        ("missed", "; ".join(result["missed"]) or "nothing"),
    ]
    lines = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join([lines[0], "| --- | --- |", *lines[1:]])


def missed_offers(offers: dict[str, Any]) -> list[str]:
    """What is not as it must be: an empty list where all is."""
    statuses, left = set(offers["statuses"]), offers["left"]
    # a storm that is turned away at the door says nothing of what stands behind it
    turned_away = {"401", "403", "421", "429"}
    missed = [
        f"an answer {status}"
        for status in sorted(statuses)
        if status in turned_away or not (status == "200" or status.startswith("4"))
    ]
    if not (statuses & {"200"} and statuses - {"200"}):
        missed.append("the offers were all alike")
    if offers["loop_held_ms"]["own"] > MOST_HELD_MS:
        missed.append(f"the loop was held for {offers['loop_held_ms']['own']:.0f} ms")
    if abs(left["descriptors"]) > MOST_DESCRIPTORS:
        missed.append(f"descriptors {left['descriptors']:+d}")
    missed += [f"{name} {left[name]:+d}" for name in ("tasks", "connections") if left[name] > 0]
    if left["threads"] > MOST_THREADS:
        missed.append(f"threads {left['threads']:+d}")
    if left["rss_mb"] > MOST_GROWTH * offers["rss_mb"]:
        missed.append(f"memory {left['rss_mb']:+.0f} MB")
    return missed


def missed_messages(messages: dict[str, Any]) -> list[str]:
    """What is not as it must be: an empty list where all is."""
    missed = [f"{messages['raised']} messages raised"] if messages["raised"] else []
    if messages["longest_cpu_ms"] > MOST_HELD_MS:
        missed.append(f"a message took {messages['longest_cpu_ms']:.0f} ms")
    if messages["taken"] + messages["ignored"] != 2 * messages["sent"]:
        missed.append("messages were neither taken nor counted")
    if not (messages["taken"] and messages["ignored"]):
        missed.append("the messages were all alike")
    return missed


def _offers(count: int, seed: int) -> dict[str, Any]:
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.fuzz.storm_server"], stdout=subprocess.PIPE, text=True
    )
    if process.stdout is None:
        raise InternalError("the server's output is not captured")
    try:
        address = process.stdout.readline().strip()
        honest = asyncio.run(_honest()).encode()
        rng = random.Random(seed)  # noqa: S311  # not for secrets: a run is to be made again
        asyncio.run(_storm(address, honest, rng, WARM))
        process.send_signal(signal.SIGUSR1)  # count from now on
        time.sleep(SETTLES_S)
        statuses = asyncio.run(_storm(address, honest, rng, count))
        process.terminate()
        told: dict[str, Any] = json.loads(process.stdout.readline())
        return {"sent": count, "statuses": dict(sorted(statuses.items())), **told}
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


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


def _messages(count: int, seed: int) -> dict[str, Any]:
    """Each as text and as bytes, over one channel that outlives them all, a second apart."""
    target = TARGETS["message"]
    rng = random.Random(seed)  # noqa: S311  # not for secrets: a run is to be made again
    seeds = target.seeds()
    clock = itertools.count()
    heard: collections.Counter[str] = collections.Counter()
    channel = ControlChannel(
        on_message=lambda message: heard.update([type(message).__name__]),
        on_abuse=lambda: None,
        now=lambda: float(next(clock)),
    )
    raised, longest_s = 0, 0.0
    for _ in range(count):
        data = mutated(rng.choice(seeds), rng)
        began_s = time.thread_time()
        try:
            target.run(data)
            channel.receive(data.decode("utf-8", "replace"))
            channel.receive(data)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a find
            raised += 1
            print(f"{type(error).__name__}: {error} of {data!r}", file=sys.stderr)
        longest_s = max(longest_s, time.thread_time() - began_s)
    return {
        "sent": count,
        "taken": heard.total(),
        "ignored": channel.ignored.total(),
        "reasons": dict(channel.ignored),
        "raised": raised,
        "longest_cpu_ms": 1000 * longest_s,
    }
