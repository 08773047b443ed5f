"""The page of a storm: one line, over which it says what no page says."""

import asyncio
import json
import random
from collections.abc import Iterable, Iterator
from typing import Final

from aiortc import RTCConfiguration, RTCPeerConnection

from coach_server.errors import InternalError
from scripts.fuzz.mutating import mutated
from scripts.fuzz.targets import TARGETS
from scripts.offering import offer_to

BATCH: Final = 20
PAUSE_S: Final = 0.01
"""After each batch: sockets drop what comes faster than it is read, and with it consent checks."""
PATIENCE_S: Final = 30.0
_BYE: Final = json.dumps({"v": 1, "type": "bye"})


def mutated_messages(count: int, seed: int) -> Iterator[bytes]:
    """So many; none began as a goodbye, which would end the line."""
    rng = random.Random(seed)  # noqa: S311  # not for secrets: a run is to be made again
    seeds = [each for each in TARGETS["message"].seeds() if b'"bye"' not in each]
    return (mutated(rng.choice(seeds), rng) for _ in range(count))


async def say_all(address: str, messages: Iterable[bytes]) -> None:
    """Practise without a picture, say each as text and as bytes, and goodbye.

    Raises:
        InternalError: the line ended before all was said.
    """
    page = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    page.createDataChannel("pose", ordered=False, maxRetransmits=0)
    control = page.createDataChannel("control")
    page.addTransceiver("video", direction="sendonly")
    opened, closed = asyncio.Event(), asyncio.Event()
    control.on("open", opened.set)
    control.on("close", closed.set)
    try:
        await offer_to(address, page)
        async with asyncio.timeout(PATIENCE_S):
            await opened.wait()
        said = 0
        for data in messages:
            for message in (data.decode("utf-8", "replace"), data):
                if control.readyState != "open":
                    raise InternalError(f"the line ended after {said} messages")
                control.send(message)
                said += 1
            if said % BATCH == 0:
                await asyncio.sleep(PAUSE_S)
                while control.bufferedAmount:  # noqa: ASYNC110  # aiortc tells of a mark that is passed
                    await asyncio.sleep(PAUSE_S)
        control.send(_BYE)
        async with asyncio.timeout(PATIENCE_S):
            await closed.wait()
    finally:
        await page.close()
