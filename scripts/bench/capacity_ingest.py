"""Receives webcams and finds nothing in them: stock aiortc, or the coach's ingest, for comparison.

Arguments: `stock` or `coach`, and milliseconds that the consumer of each frame takes. Prints its
address. Stock is aiortc as its examples use it: an unpatched receiver and plain `recv()`. Each
frame is answered by a pose message without a pose, so that its age can be seen.
"""

import asyncio
import json
import sys
from typing import Any, Final

from aiohttp import web
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from coach_server.rtc.candidates import CandidatePolicy, own_addresses
from coach_server.rtc.offer import clean_offer
from coach_server.rtc.peer import EndReason, Peer, PeerLimits

RTP_PER_MS: Final = 90
_NOBODY: Final = {"v": 1, "type": "pose", "keypoints": None}


class StockIngest:
    """aiortc as it comes; a pose tells its frame's time since the first one (`since_first_ms`)."""

    def __init__(self, takes_s: float) -> None:
        self._takes_s = takes_s
        self._peers: list[RTCPeerConnection] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def answer(self, sdp: str) -> str:
        """Take an offer; gives the answer."""
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        channels: list[RTCDataChannel] = []
        self._peers.append(peer)
        peer.on("datachannel", lambda channel: channels.append(channel))
        peer.on(
            "track",
            lambda track: self._tasks.append(asyncio.create_task(self._take(track, channels))),
        )
        await peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        return str(peer.localDescription.sdp)

    async def close(self) -> None:
        """End all connections."""
        for peer in self._peers:
            await peer.close()

    async def _take(self, track: MediaStreamTrack, channels: list[RTCDataChannel]) -> None:
        while True:
            try:
                frame: Any = await track.recv()
            except MediaStreamError:
                return
            if self._takes_s:
                await asyncio.sleep(self._takes_s)
            told = json.dumps({**_NOBODY, "since_first_ms": frame.pts / RTP_PER_MS})
            for channel in channels:
                if channel.label == "pose" and channel.readyState == "open":
                    channel.send(told)


class CoachIngest:
    """The coach's own: patched receiver, drained always, a mailbox of one."""

    def __init__(self, takes_s: float) -> None:
        self._takes_s = takes_s
        self._peers: list[Peer] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def answer(self, sdp: str) -> str:
        """Take an offer; gives the answer."""
        policy = CandidatePolicy(loopback=True, own_addresses=own_addresses())
        peer, answer = await Peer.answer(
            clean_offer(sdp, policy), limits=PeerLimits(), on_message=lambda _message: None
        )
        self._peers.append(peer)
        self._tasks.append(asyncio.create_task(self._take(peer)))
        return answer

    async def close(self) -> None:
        """End all connections."""
        for peer in self._peers:
            await peer.close(EndReason.SHUTDOWN)

    async def _take(self, peer: Peer) -> None:
        seq = 0
        while (received := await peer.frames.take()) is not None:
            if self._takes_s:
                await asyncio.sleep(self._takes_s)
            peer.pose.send(
                seq=seq,
                t=0.0,
                capture_ms=received.capture_ms,
                keypoints=None,
                joints=None,
                lag_s=None,
                routine_t=None,
                deviations={},
            )
            seq += 1


async def serve(which: str, takes_ms: float) -> None:
    """Answer offers until terminated."""
    takes_s = takes_ms / 1000
    ingest = StockIngest(takes_s) if which == "stock" else CoachIngest(takes_s)

    async def offer(request: web.Request) -> web.Response:
        told = await request.json()
        sdp = await ingest.answer(told["sdp"])
        return web.json_response({"sdp": sdp, "type": "answer", "session": "", "resume": ""})

    app = web.Application()
    app.router.add_post("/api/offer", offer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await ingest.close()
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], float(sys.argv[2])))
