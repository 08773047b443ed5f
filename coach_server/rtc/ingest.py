"""Frames off the wire: drained always, one kept."""

from collections.abc import Callable
from dataclasses import dataclass

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from coach_server.rtc.capture_clock import CaptureClock
from coach_server.rtc.mailbox import Mailbox


@dataclass(frozen=True, slots=True)
class ReceivedFrame:
    """One decoded frame of the student.

    Attributes:
        frame: the picture as decoded (YUV); of any size, which may change in mid-stream.
        rtp: 90 kHz RTP time, unwrapped.
        capture_ms: epoch ms on the page's clock of its capture; None while unknown.
        arrived_s: when it was decoded, on the event loop's clock.
    """

    frame: VideoFrame
    rtp: int
    capture_ms: float | None
    arrived_s: float


async def drain(
    track: MediaStreamTrack,
    mailbox: Mailbox[ReceivedFrame],
    clock: CaptureClock,
    now: Callable[[], float],
) -> None:
    """Move frames from `track` to `mailbox` until the track ends; then close the mailbox.

    What the track holds is taken from it whether or not anyone wants the frames.
    """
    try:
        while True:
            frame = await track.recv()
            if isinstance(frame, VideoFrame) and frame.pts is not None:
                arrived_s = now()
                mailbox.put(
                    ReceivedFrame(
                        frame, frame.pts, clock.capture_ms(frame.pts, arrived_s), arrived_s
                    )
                )
    except MediaStreamError:
        return
    finally:
        mailbox.close()
