"""One simulated student: a page and its webcam, without the page."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, Self

import aiohttp
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)

from coach_server.errors import InputError
from scripts.load.camera import FilmCamera
from scripts.load.films import Films
from scripts.load.seen import Join, Seen, Sent

RETRY_S: Final = (0.25, 1.0, 2.0, 4.0)
"""How a page waits between attempts; longer where the server says Retry-After."""
SILENT_S: Final = 6.0
CONNECT_S: Final = 10.0
_WAITED_FOR: Final = frozenset({429, 503})

Heard = Callable[[dict[str, Any]], None]


class RefusedError(InputError):
    """The server will not have this student: asking again would not help, or took too long."""

    code = "refused"


class SimulatedWebcam:
    """A stock aiortc peer that practises; made in a running loop.

    Args:
        address: of the server, such as http://127.0.0.1:8080.
        films: what it sends.
        fps: frames a second at the most.
        routine: that it practises.
        obeys: whether it does as the server's `camera` message asks.
        start_s: where in the film it begins.
        patience_s: how long it asks for a place before it gives up.
        http: its client, with cookies or headers of one's own; None makes one.
        on_pose, on_control: called with each message of the server.

    Attributes:
        seen: counts; see `take`.
        sent: counts of all its cameras.
        camera: of the latest connection.
        connection: the latest; None before the first.
        session, resume: as the server named them; `resume` None begins anew.
    """

    def __init__(
        self,
        address: str,
        films: Films,
        *,
        fps: float = 30,
        routine: str = "demo",
        obeys: bool = False,
        start_s: float = 0.0,
        patience_s: float = 60.0,
        http: aiohttp.ClientSession | None = None,
        on_pose: Heard = lambda _message: None,
        on_control: Heard = lambda _message: None,
    ) -> None:
        self.seen, self.sent = Seen(), Sent()
        self.camera: FilmCamera | None = None
        self.connection: RTCPeerConnection | None = None
        self.session: str | None = None
        self.resume: str | None = None
        self._address = address.rstrip("/")
        self._films, self._fps, self._start_s = films, fps, start_s
        self._routine, self._obeys, self._patience_s = routine, obeys, patience_s
        self._http, self._owns_http = http, http is None
        self._on_pose, self._on_control = on_pose, on_control
        self._control: RTCDataChannel | None = None
        self._ended, self._first_pose = asyncio.Event(), asyncio.Event()
        self._offered_s = self._heard_s = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.leave()

    @property
    def is_live(self) -> bool:
        """Whether it is connected."""
        return self.connection is not None and not self._ended.is_set()

    async def join(self) -> None:
        """Ask for a place until there is one, and apply the answer.

        Raises:
            RefusedError: the server refuses for good, or longer than this student's patience.
        """
        self._leaving = False
        give_up_s = time.monotonic() + self._patience_s
        for attempt in itertools.count():
            status, wait_s = await self._offer()
            if status == 200:
                return
            self.seen.refused[status] += 1
            if status == 404 and self.resume is not None:
                self.resume = None  # forgotten: begun anew
            elif status and status not in _WAITED_FOR and status < 500:
                raise RefusedError(f"The server refused with {status}.", hint="See its log.")
            wait_s = max(wait_s, RETRY_S[min(attempt, len(RETRY_S) - 1)])
            if time.monotonic() + wait_s > give_up_s:
                raise RefusedError(
                    f"The server has refused with {status} for {self._patience_s:.0f} s.",
                    hint="Wait longer, or bring fewer students.",
                )
            await asyncio.sleep(wait_s)

    async def begun(self, timeout_s: float = 20.0) -> None:
        """Wait for the first pose of the latest connection.

        Raises:
            TimeoutError: none came in time.
        """
        async with asyncio.timeout(timeout_s):
            await self._first_pose.wait()

    async def ended(self) -> None:
        """Wait until the latest connection has ended, by whomever."""
        await self._ended.wait()

    async def keep(self) -> None:
        """Join, and come back whenever the connection ends, as a page does; until cancelled."""
        while True:
            if not self.is_live:
                await self.join()
            await self.ended()
            await self._hang_up()
            await asyncio.sleep(RETRY_S[0])

    def say(self, kind: str, **fields: object) -> None:
        """Send a message on `control`, where that is open."""
        if self.is_live and self._control is not None and self._control.readyState == "open":
            self._control.send(json.dumps({"v": 1, "type": kind, **fields}))

    async def leave(self) -> None:
        """Say goodbye and go, as a closed page does."""
        self._leaving = True
        if self.is_live:
            self.say("bye")
            await asyncio.sleep(0.05)
        await self._hang_up()
        if self._owns_http and self._http is not None:
            await self._http.close()
            self._http = None

    async def vanish(self) -> None:
        """Go without a word of any protocol: the sockets are closed; then `leave`, to tidy up."""
        self._leaving = True
        for transport in self._transports():
            await transport._connection.close()  # noqa: SLF001  # aiortc has no rude way out
        self._ended.set()

    def take(self) -> Seen:
        """What was seen since the last `take`; counting begins anew."""
        seen, self.seen = self.seen, Seen()
        return seen

    async def _offer(self) -> tuple[int, float]:
        """Offer once: the answer's status, and how long the server asks to wait."""
        await self._hang_up()
        connection = self._connect()
        await connection.setLocalDescription(await connection.createOffer())
        offer = {"sdp": connection.localDescription.sdp, "type": "offer", "routine": self._routine}
        if self.resume is not None:
            offer["resume"] = self.resume
        if self._http is None:
            self._http = aiohttp.ClientSession()
        self._offered_s = time.monotonic()
        try:
            async with self._http.post(f"{self._address}/api/offer", json=offer) as response:
                status, told = response.status, await response.json()
                retry_after = response.headers.get("Retry-After", "0")
        except (aiohttp.ClientError, TimeoutError, ValueError):
            await self._hang_up()
            return 0, 0.0
        if status != 200:
            await self._hang_up()
            return status, float(retry_after) if retry_after.isdigit() else 0.0
        self.seen.joins.append(Join((time.monotonic() - self._offered_s) * 1000))
        self.session, self.resume = told["session"], told["resume"]
        self._heard_s = time.monotonic()
        self._spawn(self._watch())
        await connection.setRemoteDescription(RTCSessionDescription(told["sdp"], "answer"))
        return status, 0.0

    def _connect(self) -> RTCPeerConnection:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        at_s = self.camera.at_s if self.camera is not None else self._start_s
        self.camera = FilmCamera(self._films.at(self._fps), at_s, self.sent)
        pose = connection.createDataChannel("pose", ordered=False, maxRetransmits=0)
        self._control = connection.createDataChannel("control")
        transceiver = connection.addTransceiver(self.camera, direction="sendonly")
        transceiver.setCodecPreferences(
            [
                codec
                for codec in RTCRtpSender.getCapabilities("video").codecs
                if codec.mimeType in {"video/VP8", "video/rtx"}
            ]
        )
        # aiortc would tell its encoder, of which there is none.
        transceiver.sender._send_keyframe = self.camera.ask_key  # type: ignore[method-assign]  # noqa: SLF001  # as above
        self._ended, self._first_pose = asyncio.Event(), asyncio.Event()
        pose.on("message", self._pose_came)
        self._control.on("message", self._control_came)
        self._control.on("open", self._play)
        self._control.on("close", self._ended.set)
        connection.on("connectionstatechange", self._state_changed)
        self.connection = connection
        return connection

    def _state_changed(self) -> None:
        if self.connection is None or self.connection.connectionState in {"failed", "closed"}:
            self._ended.set()

    async def _watch(self) -> None:
        """Play each second; find out that the server is gone."""
        began_s = time.monotonic()
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._ended.wait()
                    break
            self._play()
            is_open = self._control is not None and self._control.readyState == "open"
            since_s = time.monotonic() - (self._heard_s if is_open else began_s)
            if since_s > (SILENT_S if is_open else CONNECT_S):
                self._ended.set()
        if not self._leaving:
            self.seen.lost += 1

    def _play(self) -> None:
        if self.camera is not None:
            at_ms = time.time() * 1000
            self.say("player", t=self.camera.at_s, playing=True, rate=1, at_ms=at_ms)

    def _pose_came(self, text: str) -> None:
        self._heard_s = time.monotonic()
        try:
            message = json.loads(text)
            if "since_first_ms" in message and self.camera is not None:  # of bench/capacity_ingest
                message["capture_ms"] = self.camera.began_ms + message["since_first_ms"]
            self.seen.pose(message)
        except (ValueError, KeyError, TypeError):
            self.seen.broken += 1
            return
        if not self._first_pose.is_set():
            self._first_pose.set()
            if self.seen.joins:
                waited_s = self._heard_s - self._offered_s
                self.seen.joins[-1].first_pose_ms = waited_s * 1000
        self._on_pose(message)

    def _control_came(self, text: str) -> None:
        self._heard_s = time.monotonic()
        try:
            message = json.loads(text)
            kind = message["type"]
        except (ValueError, KeyError, TypeError):
            self.seen.broken += 1
            return
        self.seen.controls[kind] += 1
        if kind == "bye":
            self.seen.byes[str(message.get("reason"))] += 1
            self._ended.set()
        elif kind == "camera" and self._obeys:
            self._spawn(self._obey(message.get("max_fps", 30), message.get("scale_down", 1)))
        self._on_control(message)

    async def _obey(self, max_fps: float, scale_down: float) -> None:
        film = await asyncio.to_thread(self._films.at, min(max_fps, self._fps), scale_down)
        if self.camera is not None:
            self.camera.show(film)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _transports(self) -> list[Any]:
        if self.connection is None:
            return []
        parts: Any = self.connection
        return list(parts._RTCPeerConnection__iceTransports)  # noqa: SLF001  # aiortc has no rude way out

    async def _hang_up(self) -> None:
        """Nothing is left of the latest connection."""
        self._ended.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5.0)
        connection, self.connection = self.connection, None
        if connection is not None:
            await connection.close()
        if self.camera is not None:
            self.camera.stop()
