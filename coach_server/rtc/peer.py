"""One student's WebRTC connection, from its offer to its end."""

import asyncio
import errno
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final, Self

import structlog
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)

from coach_server.errors import CoachError, FullError, InternalError, OfferError
from coach_server.rtc.aiortc_patches import (
    ReceiverTap,
    bound_messages,
    close_connection,
    outlast_the_way,
    tap,
)
from coach_server.rtc.answer import with_bitrate
from coach_server.rtc.capture_clock import CaptureClock
from coach_server.rtc.channels import ControlChannel, PoseChannel
from coach_server.rtc.ingest import ReceivedFrame, drain
from coach_server.rtc.mailbox import Mailbox
from coach_server.rtc.messages import ByeMessage, PageMessage, PlayerMessage
from coach_server.rtc.offer import CleanOffer

log = structlog.get_logger(__name__)

STOOD_STILL_S: Final = 1.0
"""Who wakes so much later than they wanted to has not been running, and nor has anybody else."""

RETRY_AFTER_S: Final = 5
OUT_OF_RESOURCES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Errors of the system that pass when others have left."""


class EndReason(StrEnum):
    """Why a connection ended."""

    NEVER_CONNECTED = "never_connected"
    NO_MEDIA = "no_media"
    LOST = "lost"
    BYE = "bye"
    REPLACED = "replaced"
    ABUSE = "abuse"
    SHUTDOWN = "shutdown"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class PeerLimits:
    """How long a peer may stay silent, in seconds.

    Attributes:
        answer_s: for aiortc to work an answer out.
        connect_s: from the answer to a connection.
        media_s: without a decoded frame while connected.
        poll_s: how often the watchdog looks.
        farewell_s: for a goodbye to leave before the connection closes.
    """

    answer_s: float = 5.0
    connect_s: float = 8.0
    media_s: float = 4.0
    poll_s: float = 0.25
    farewell_s: float = 0.3


class Peer:
    """A connection that brings frames and carries results; closes itself when it is dead.

    Made by `answer`. Whoever holds it waits for `ended` and reads frames until None.

    Attributes:
        frames: the latest frame; closed when the connection ends.
        pose, control: the channels to the page.
        capture: the page's clock.
    """

    def __init__(self, limits: PeerLimits, on_message: Callable[[PageMessage], None]) -> None:
        loop = asyncio.get_running_loop()
        self.frames: Mailbox[ReceivedFrame] = Mailbox()
        self.control = ControlChannel(
            on_message=self._page_said,
            on_abuse=lambda: self.end(EndReason.ABUSE),
            now=loop.time,
        )
        self.pose = PoseChannel(on_message=partial(self.control.refuse, "pose"))
        self.capture = CaptureClock()
        self._limits = limits
        self._on_message = on_message
        self._now = loop.time
        self._tap: ReceiverTap | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._closing: asyncio.Task[None] | None = None
        self._ended: asyncio.Future[EndReason] = loop.create_future()
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connection.on("track", self._track_announced)
        self._connection.on("datachannel", self._channel_opened)

    @classmethod
    async def answer(
        cls,
        offer: CleanOffer,
        *,
        limits: PeerLimits,
        on_message: Callable[[PageMessage], None],
    ) -> tuple[Self, str]:
        """Take an offer; gives the peer and the SDP of the answer.

        Args:
            offer: as `clean_offer` gives it.
            limits: when the peer is given up.
            on_message: called on the loop with each valid message of the page.

        Raises:
            OfferError: the offer cannot be accepted.
            FullError: the machine is too busy, or out of sockets.
            InternalError: the system refused something else.

        Nothing is left of the connection after any of them.
        """
        peer = cls(limits, on_message)
        try:
            async with asyncio.timeout(limits.answer_s):
                return peer, await peer._negotiate(offer)
        except Exception as error:
            await peer.close(EndReason.NEVER_CONNECTED)
            raise _refusal(error) from error
        except asyncio.CancelledError:
            await peer.close(EndReason.NEVER_CONNECTED)
            raise

    async def _negotiate(self, offer: CleanOffer) -> str:
        connection = self._connection
        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        bound_messages(connection, partial(self._abused, "unfinished"))
        outlast_the_way(connection)
        await connection.setLocalDescription(await connection.createAnswer())
        self._tasks.append(asyncio.create_task(self._watch(), name="peer watchdog"))
        return with_bitrate(connection.localDescription.sdp)

    @property
    def undecoded(self) -> int:
        """Frames that came and were never decoded, for the decoder had fallen behind."""
        return self._tap.undecoded if self._tap is not None else 0

    @property
    def overtaken(self) -> int:
        """Decoded frames that a newer one replaced before `frames` had them."""
        return self._tap.overtaken if self._tap is not None else 0

    @property
    def is_ended(self) -> bool:
        """Whether the end has begun."""
        return self._closing is not None

    async def ended(self) -> EndReason:
        """Wait until nothing is left of the connection; gives why it ended."""
        return await asyncio.shield(self._ended)

    def end(self, reason: EndReason) -> None:
        """Begin the end, once; later reasons are ignored."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(reason), name="peer close")

    async def close(self, reason: EndReason) -> None:
        """End the connection and wait until nothing is left of it."""
        self.end(reason)
        await self.ended()

    async def _close(self, reason: EndReason) -> None:
        self.frames.close()
        try:
            await self._say_goodbye(reason)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._tasks.clear()  # each holds what ended it, and that the connection
            try:
                await close_connection(self._connection)
            finally:
                self.control.close()
                self._ended.set_result(reason)

    async def _say_goodbye(self, reason: EndReason) -> None:
        """Tell the page, and give the message the time to leave."""
        if not self.control.is_open or reason in {EndReason.BYE, EndReason.LOST}:
            return
        self.control.send("bye", reason=str(reason))
        await asyncio.sleep(self._limits.farewell_s)

    def _track_announced(self, track: MediaStreamTrack) -> None:
        receiver = next(
            transceiver.receiver
            for transceiver in self._connection.getTransceivers()
            if transceiver.receiver.track is track
        )
        self._tap = tap(receiver, self.capture.sender_report, partial(self._abused, "sources"))
        self._tasks.append(
            asyncio.create_task(
                drain(track, self.frames, self.capture, self._now), name="peer ingest"
            )
        )

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        channels: dict[str, PoseChannel | ControlChannel]
        channels = {"pose": self.pose, "control": self.control}
        ours = channels.get(channel.label)
        if ours is None or not ours.bind(channel):
            self.control.refuse("channel")
            channel.close()

    def _abused(self, how: str) -> None:
        """What no page does has come by another way than the channels."""
        self.control.ignored[how] += 1
        self.end(EndReason.ABUSE)

    def _page_said(self, message: PageMessage) -> None:
        if isinstance(message, PlayerMessage):
            self.capture.page_said(message.at_ms, self._now())
        self._on_message(message)
        if isinstance(message, ByeMessage):
            self.end(EndReason.BYE)

    async def _watch(self) -> None:
        """Find out that the peer is dead long before ICE would.

        What came while all of the machine stood still has not been looked at yet.
        """
        connection = self._connection
        began_s = seen_s = self._now()
        seen = 0
        connected = False
        while True:
            wakes_s = self._now() + self._limits.poll_s
            await asyncio.sleep(self._limits.poll_s)
            now_s = self._now()
            if now_s - wakes_s > STOOD_STILL_S:
                began_s += now_s - wakes_s
                seen_s += now_s - wakes_s
            state = connection.connectionState
            if state in {"failed", "closed"}:  # maybe before we looked for the first time
                was_there = connected or self.frames.received > 0
                return self.end(EndReason.LOST if was_there else EndReason.NEVER_CONNECTED)
            if state != "connected":
                if now_s - began_s > self._limits.connect_s:
                    return self.end(EndReason.NEVER_CONNECTED)
            elif not connected or self.frames.received != seen:
                connected, seen, seen_s = True, self.frames.received, now_s
            elif now_s - seen_s > self._limits.media_s:
                return self.end(EndReason.NO_MEDIA)


def _refusal(error: Exception) -> CoachError:
    """What the page is told where working its answer out raised `error`."""
    kind = type(error).__name__
    if isinstance(error, TimeoutError):
        log.warning("an offer was not answered in time")
        return FullError(
            "the server is too busy to answer the offer",
            retry_after_s=RETRY_AFTER_S,
            hint="try again in a few seconds",
        )
    if isinstance(error, OSError) and error.errno in OUT_OF_RESOURCES:
        log.error("there is no socket for a connection", error=kind, errno=error.errno)
        return FullError(
            "the server has no room for a connection at present",
            retry_after_s=RETRY_AFTER_S,
            hint="try again in a few seconds",
        )
    if isinstance(error, OSError):
        log.error("the system refused a connection", error=kind, errno=error.errno)
        return InternalError("the server cannot open a connection", hint="look at the server's log")
    # Seven kinds of exception come out of aiortc for offers that are well-formed text and
    # nonsense otherwise; to the page they are one.
    log.info("an offer was not accepted", error=kind)
    return OfferError(
        "the offer cannot be accepted: it does not describe a connection",
        hint="send the offer of a browser unchanged",
    )
