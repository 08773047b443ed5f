"""A student's page played by stock aiortc: it sends numbered frames and keeps what comes back."""

import asyncio
import fractions
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

FPS: Final = 30
STALL_S: Final = 0.2
"""How late a frame must be for the camera to go on from there, and not to catch up."""

Post = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Takes an offer as POST /api/offer does; gives its answer."""


class NumberedFrames(MediaStreamTrack):
    """A camera at 30 frames a second, which does not catch up with a machine that held it up.

    Attributes:
        sent: the number of the next frame, and its time in frames.
        stalled_s: by how much that time is behind a clock's.
        late_s: by how much the latest of the other frames came later than its time.
    """

    kind = "video"

    def __init__(self, width: int = 160, height: int = 120) -> None:
        super().__init__()
        self.sent = 0
        self.size = (width, height)
        self.stalled_s = self.late_s = 0.0
        self._began_s: float | None = None

    async def recv(self) -> VideoFrame:
        if self._began_s is None:
            self._began_s = time.monotonic()
        ahead_s = self._began_s + self.sent / FPS - time.monotonic()
        if -ahead_s > STALL_S:
            self._began_s -= ahead_s
            self.stalled_s -= ahead_s
        else:
            self.late_s = max(self.late_s, -ahead_s)
        await asyncio.sleep(max(0.0, ahead_s))
        if self.readyState != "live":
            raise MediaStreamError
        width, height = self.size
        grey = np.full((height * 3 // 2, width), 128, np.uint8)
        grey[:height, : self.sent * 7 % width] = 40  # something moves
        frame = VideoFrame.from_ndarray(grey, format="yuv420p")
        frame.pts = self.sent * 90_000 // FPS
        frame.time_base = fractions.Fraction(1, 90_000)
        self.sent += 1
        return frame


class StudentPeer:
    """One connection of a page.

    Attributes:
        camera: the frames it sends.
        poses, controls: messages received, in order.
        answer: of the server to the offer.
    """

    def __init__(self, camera: NumberedFrames | None = None) -> None:
        self.camera = camera or NumberedFrames()
        self.poses: list[dict[str, Any]] = []
        self.controls: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {}
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pose = self.pc.createDataChannel("pose", ordered=False, maxRetransmits=0)
        self.control = self.pc.createDataChannel("control")
        self.pc.addTransceiver(self.camera, direction="sendonly")
        self._came = asyncio.Event()
        self.pose.on("message", lambda text: self._keep(self.poses, text))
        self.control.on("message", lambda text: self._keep(self.controls, text))

    def _keep(self, where: list[dict[str, Any]], text: str) -> None:
        message = json.loads(text)
        message["_frames_sent"] = self.camera.sent
        message["_bytes"] = len(text)
        where.append(message)
        self._came.set()

    async def offer(self) -> str:
        """A complete offer, as a browser's after gathering."""
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return str(self.pc.localDescription.sdp)

    async def connect(
        self, post: Post, *, routine: str = "demo", resume: str | None = None
    ) -> None:
        """Offer, and apply the answer."""
        fields: dict[str, Any] = {"sdp": await self.offer(), "type": "offer", "routine": routine}
        if resume is not None:
            fields["resume"] = resume
        self.answer = await post(fields)
        await self.pc.setRemoteDescription(RTCSessionDescription(self.answer["sdp"], "answer"))

    async def until(self, holds: Callable[[], bool], timeout_s: float = 60.0) -> None:
        """Wait until `holds`, looking at it with each message and now and then."""
        async with asyncio.timeout(timeout_s):
            while not holds():
                self._came.clear()
                try:
                    async with asyncio.timeout(0.1):
                        await self._came.wait()
                except TimeoutError:
                    continue

    async def begun(self) -> None:
        """Wait for the first pose, and for the line on which to speak: either may come first."""
        await self.until(lambda: len(self.poses) > 0 and self.control.readyState == "open")

    def say(self, kind: str, **fields: Any) -> None:
        """Send a control message."""
        self.control.send(json.dumps({"v": 1, "type": kind, **fields}))

    def kinds(self, kind: str) -> list[dict[str, Any]]:
        """Control messages of one type."""
        return [message for message in self.controls if message["type"] == kind]

    async def vanish(self) -> None:
        """Go without a word: sockets closed, no goodbye of any protocol."""
        for transport in self.pc._RTCPeerConnection__iceTransports:  # type: ignore[attr-defined]  # private
            await transport._connection.close()

    async def close(self) -> None:
        """Leave as a closed page does."""
        await self.pc.close()
        self.camera.stop()
