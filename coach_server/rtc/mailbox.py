"""A mailbox of one: the latest item wins, every drop is counted."""

import asyncio
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """Hands the latest item from one producer to one consumer, both on the same event loop.

    A queue would add its length to the age of everything behind it; a consumer that is too slow
    must lose frames, never time.

    Attributes:
        received: items put in.
        dropped: items replaced before anyone took them, or left behind at the end.
    """

    def __init__(self) -> None:
        self.received = 0
        self.dropped = 0
        self._item: Item | None = None
        self._closed = False
        self._changed = asyncio.Event()

    def put(self, item: Item) -> None:
        """Replace whatever waits; ignored (and counted as dropped) once closed."""
        self.received += 1
        if self._item is not None or self._closed:
            self.dropped += 1
        if not self._closed:
            self._item = item
            self._changed.set()

    def close(self) -> None:
        """End the mailbox: what waits is dropped and `take` gives None from now on."""
        if self._item is not None:
            self.dropped += 1
            self._item = None
        self._closed = True
        self._changed.set()

    async def take(self) -> Item | None:
        """The latest item, waiting for one; None once closed."""
        while self._item is None:
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        item, self._item = self._item, None
        return item
