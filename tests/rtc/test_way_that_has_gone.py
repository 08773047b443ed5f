"""An association whose way to the page has gone: its timers say nothing, and stop."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiortc import RTCPeerConnection
from aiortc.rtcsctptransport import DataChunk

from coach_server.rtc.aiortc_patches import outlast_the_way

pytestmark = pytest.mark.loopback


async def complaints_of_a_timer(*, patched: bool) -> list[str]:
    """What asyncio is told where a message is sent again over a transport that is closed."""
    told: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: told.append(repr(context["exception"])))
    connection = RTCPeerConnection()
    connection.createDataChannel("control")
    association: Any = connection.sctp
    association._remote_port = 5000
    if patched:
        outlast_the_way(SimpleNamespace(sctp=association))  # type: ignore[arg-type]  # all it has
    chunk: Any = DataChunk()
    chunk.tsn = chunk.stream_id = chunk.stream_seq = chunk.protocol = 0
    chunk.user_data, chunk._book_size = b"{}", 2
    chunk._abandoned = chunk._acked = chunk._in_flight = chunk._retransmit = False
    chunk._expiry = chunk._max_retransmits = None
    chunk._misses, chunk._sent_count = 0, 1
    association._sent_queue.append(chunk)
    association._t3_expired()
    await asyncio.sleep(0.05)
    assert chunk._sent_count == 2, "it was to be sent again"
    assert association._t3_handle is None
    await connection.close()
    return told


async def test_stock_raises_where_nobody_hears_it() -> None:
    (told,) = await complaints_of_a_timer(patched=False)
    assert "ConnectionError" in told


async def test_ours_says_nothing() -> None:
    assert await complaints_of_a_timer(patched=True) == []
