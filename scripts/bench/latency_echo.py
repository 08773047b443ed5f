"""Two servers without a coach: every frame is answered at once, so that only the way is measured.

`python -m scripts.bench.latency_echo stock|patched FILE`: `stock` is aiortc as it is, read frame by
frame; `patched` has our receiver and our mailbox of one. Both write when each frame passed where to
FILE, as they end on SIGTERM. Our pages connect to them as to the coach.
"""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
    rtcrtpreceiver,
)
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from coach_server.resources import packaged
from coach_server.rtc import datagrams
from coach_server.rtc.aiortc_patches import close_connection, install, tap
from coach_server.rtc.answer import with_bitrate
from coach_server.rtc.capture_clock import CaptureClock
from coach_server.rtc.ingest import ReceivedFrame, drain
from coach_server.rtc.mailbox import Mailbox
from coach_server.rtc.messages import pose_message
from scripts.bench.latency_trace import Trace, now_ms

STOCK: Final = "stock"
PATCHED: Final = "patched"


class Echo:
    """One page's connection: frames in, a message for each of them out."""

    def __init__(self, kind: str, trace: Trace) -> None:
        self._patched = kind == PATCHED
        self._trace = trace
        self._pose: RTCDataChannel | None = None
        self._seq = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.on("track", self._track)
        self.connection.on("datachannel", self._channel)

    async def answer(self, offer: str) -> str:
        """The SDP of the answer."""
        await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return with_bitrate(self.connection.localDescription.sdp)

    async def close(self) -> None:
        """End it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await close_connection(self.connection)

    def _channel(self, channel: RTCDataChannel) -> None:
        if channel.label == "pose":
            self._pose = channel

    def _track(self, track: MediaStreamTrack) -> None:
        if not self._patched:
            self._tasks.append(asyncio.create_task(self._read_stock(track)))
            return
        receiver = next(
            transceiver.receiver
            for transceiver in self.connection.getTransceivers()
            if transceiver.receiver.track is track
        )
        clock, frames = CaptureClock(), Mailbox[ReceivedFrame]()
        tap(receiver, clock.sender_report)
        draining = drain(track, frames, clock, asyncio.get_running_loop().time)
        self._tasks += [
            asyncio.create_task(draining),
            asyncio.create_task(self._read_patched(frames)),
        ]

    async def _read_stock(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    self._tell(frame, now_ms(), None)
        except MediaStreamError:
            return

    async def _read_patched(self, frames: Mailbox[ReceivedFrame]) -> None:
        while (taken := await frames.take()) is not None:
            self._tell(taken.frame, taken.arrived_s * 1000, taken.capture_ms)

    def _tell(self, frame: VideoFrame, arrived_ms: float, capture_ms: float | None) -> None:
        sample = self._trace.arrived(frame, arrived_ms)
        sample["taken"] = sample["begun"] = sample["done"] = sample["said"] = now_ms()
        if self._pose is None or self._pose.readyState != "open":
            return
        self._pose.send(
            pose_message(
                seq=self._seq,
                t=0.0,
                capture_ms=capture_ms,
                keypoints=None,
                joints=None,
                lag_s=None,
                routine_t=None,
                deviations={},
            )
        )
        self._trace.sent(sample, frame, self._seq)
        self._seq += 1


async def serve(kind: str, path: Path) -> None:
    """Serve until SIGTERM; prints the address."""
    receiving: Any = rtcrtpreceiver  # its import of `get_decoder`, which it does not export
    decoders = receiving.get_decoder
    install(loopback=True)
    if kind == STOCK:  # of what is installed it needs the address alone
        receiving.get_decoder = decoders
        datagrams.remove()
    trace = Trace(raw=kind == PATCHED)
    trace.install()
    echoes: list[Echo] = []

    async def offer(request: web.Request) -> web.Response:
        given = await request.json()
        echoes.append(echo := Echo(kind, trace))
        sdp = await echo.answer(given["sdp"])
        return web.json_response({"sdp": sdp, "type": "answer", "session": "echo", "resume": "x"})

    app = web.Application()
    app.add_routes(
        [
            web.get("/trust", _text("<!doctype html><title>Echo</title>")),
            web.get("/healthz", _text("well")),
            web.post("/api/offer", offer),
            web.static("/static", packaged("static")),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await asyncio.gather(*(echo.close() for echo in echoes))
    await runner.cleanup()
    trace.write(path)


def _text(text: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html")

    return handler


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2])))
