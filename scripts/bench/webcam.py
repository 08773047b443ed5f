"""A simulated webcam page in a process of its own: sends a film, counts what comes back.

Arguments: the server's address, a film, seconds. Prints JSON: frames sent, poses received, and
the age of each pose (capture to arrival) in milliseconds.
"""

import asyncio
import fractions
import itertools
import json
import sys
import time
from pathlib import Path
from typing import Final

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection
from av import VideoFrame

from coach_server.video.reader import FilmReader
from scripts.offering import offer_to

FPS: Final = 30
KEPT_FRAMES: Final = 600
SETTLING_S: Final = 3.0
"""Left out of the figures: the connection, and the detector's first search."""


class FilmCamera(MediaStreamTrack):
    """A film's first frames, decoded beforehand, in a loop at 30 frames a second."""

    kind = "video"

    def __init__(self, film: Path) -> None:
        super().__init__()
        self.sent = 0
        self._began_s: float | None = None
        with FilmReader(film) as reader:
            self._frames = [shown.frame for shown in itertools.islice(reader, KEPT_FRAMES)]

    async def recv(self) -> VideoFrame:
        """The next frame at its time."""
        if self._began_s is None:
            self._began_s = time.monotonic()
        await asyncio.sleep(max(0.0, self._began_s + self.sent / FPS - time.monotonic()))
        frame = self._frames[self.sent % len(self._frames)]
        frame.pts = self.sent * 90_000 // FPS
        frame.time_base = fractions.Fraction(1, 90_000)
        self.sent += 1
        return frame


async def practise(server: str, film: Path, seconds: float) -> dict[str, object]:
    """One student for `seconds`."""
    camera = FilmCamera(film)
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    pose = connection.createDataChannel("pose", ordered=False, maxRetransmits=0)
    control = connection.createDataChannel("control")
    connection.addTransceiver(camera, direction="sendonly")
    ages: list[float] = []
    received = 0

    def arrived(text: str) -> None:
        nonlocal received
        received += 1
        captured = json.loads(text)["capture_ms"]
        if captured is not None:
            ages.append(time.time() * 1000 - captured)

    def play() -> None:
        player = {"t": 0.0, "playing": True, "rate": 1, "at_ms": time.time() * 1000}
        control.send(json.dumps({"v": 1, "type": "player", **player}))

    pose.on("message", arrived)
    control.on("open", play)
    await offer_to(server, connection)
    await asyncio.sleep(SETTLING_S)
    sent, received, began = camera.sent, 0, time.monotonic()
    ages.clear()
    print("measuring", flush=True)
    await asyncio.sleep(seconds)
    elapsed = time.monotonic() - began
    result: dict[str, object] = {
        "seconds": elapsed,
        "sent": camera.sent - sent,
        "received": received,
        "ages_ms": ages,
    }
    print(json.dumps(result), flush=True)
    control.send(json.dumps({"v": 1, "type": "bye"}))
    await asyncio.sleep(0.2)
    await connection.close()
    return result


if __name__ == "__main__":
    asyncio.run(practise(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
