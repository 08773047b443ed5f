"""Between a decoder's thread and the event loop: the newest frame, and no other.

aiortc queues each frame with the loop. On a busy machine the loop's turns are rare: frames
of each student waited for one by the dozen, and FFmpeg, which uses the room of a frame again but
never gives it back, held that of half a hundred.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

from av.frame import Frame


class DecodedFrames:
    """What aiortc takes for the track's queue.

    Attributes:
        overtaken: frames that a newer one replaced before the loop came to them.
    """

    def __init__(self) -> None:
        self.overtaken = 0
        self._frame: Frame | None = None
        self._ended = False
        self._lock = threading.Lock()
        self._changed = asyncio.Event()

    def put(self, frame: Frame | None) -> Coroutine[Any, Any, None]:
        """Hold `frame`, or the end (None); from the decoder's thread.

        Gives what the loop is then to run.
        """
        with self._lock:
            if frame is None:
                self._ended = True
            else:
                self.overtaken += self._frame is not None
                self._frame = frame
        return self._tell()

    async def _tell(self) -> None:
        self._changed.set()

    async def get(self) -> Frame | None:
        """The newest frame, waiting for one; None once there are no more."""
        while True:
            self._changed.clear()
            with self._lock:
                frame, self._frame = self._frame, None
                if frame is not None or self._ended:
                    return frame
            await self._changed.wait()
