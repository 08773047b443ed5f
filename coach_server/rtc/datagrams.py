"""Sockets of datagrams that are read until nothing waits.

asyncio reads one datagram of a socket in each turn of its loop. A camera's frame is three to ten,
and on a busy machine turns are rare: what comes faster is dropped by the system, consent checks
with it, and connections are lost that nothing ails.
"""

import asyncio.selector_events
from typing import Any, Final

MOST: Final = 32
"""Of one socket in a turn: the others are to have theirs."""

_events: Any = asyncio.selector_events  # a private class of the standard library
_stock: Any = _events._SelectorDatagramTransport._read_ready


def install() -> None:
    """Have every socket of datagrams that is opened from now on be read so."""
    _events._SelectorDatagramTransport._read_ready = _read_waiting


def remove() -> None:
    """Have those opened from now on be read as asyncio does, for comparison."""
    _events._SelectorDatagramTransport._read_ready = _stock


def _read_waiting(transport: Any) -> None:  # noqa: ANN401  # a private class of the standard library
    """As the stock `_read_ready`, but for the number."""
    for _ in range(MOST):
        if transport._conn_lost:
            return
        try:
            data, address = transport._sock.recvfrom(transport.max_size)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            transport._protocol.error_received(error)
            return
        transport._protocol.datagram_received(data, address)
