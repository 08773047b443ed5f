"""A page in Chromium whose camera counts its frames: which are shown, which poses arrive, when."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from browser.chromium import chromium, find_chromium
from browser.server_process import ROOT, ServerProcess
from playwright.sync_api import Page

from coach_server.errors import InputError, InternalError
from scripts.bench.cpu import tree_cpu_s
from scripts.bench.numbered_camera import BITS, CELL_H, CELL_W, FPS

__all__ = ["ROOT", "Seen", "ServerProcess", "practise"]

SCRIPT: Final = Path(__file__).with_suffix(".js")
LIVE_WITHIN_S: Final = 20.0
SETTLING_S: Final = 4.0
"""Left out: the connection, the encoder's first second, the detector's first search."""

_CLOCK_LOOKS: Final = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page saw while it was measured; milliseconds on the page's own clock (epoch).

    Attributes:
        seconds: how long it was measured.
        frames: (number, captured) of every frame of its own camera.
        poses: (seq, capture time as the server says, arrived) of every pose.
        unread: frames whose number could not be read.
        clock_ms: the page's clock less `time.monotonic` of this machine.
        clock_error_ms: how far that may be off.
        sender: what the browser's sender did meanwhile.
        others: cores that other programs of the machine were using meanwhile.
    """

    seconds: float
    frames: list[tuple[int, float]]
    poses: list[tuple[int, float | None, float]]
    unread: int
    clock_ms: float
    clock_error_ms: float
    sender: dict[str, Any]
    others: float


def practise(
    address: str, camera: Path, *, seconds: float, codec: str | None = None, routine: str = "demo"
) -> Seen:
    """Practise for so long in front of the camera, and tell what the page saw.

    Args:
        address: of the server, without a path.
        camera: as `write_numbered_film` writes it.
        seconds: measured, after the connection has settled.
        codec: `vp8` or `h264`, where the browser has it; None: as the page has it.
        routine: that is practised.

    Raises:
        InputError: there is no Chromium.
        InternalError: the page did not come so far.
    """
    executable = find_chromium()
    if executable is None:
        raise InputError("No Chromium is here.", hint="On Debian: apt-get install chromium")
    with chromium(executable, camera=camera) as context:
        page = context.pages[0]
        page.goto(f"{address}/trust")
        numbers = {"bits": BITS, "cellW": CELL_W, "cellH": CELL_H, "fps": FPS}
        page.evaluate(SCRIPT.read_text("utf-8"), {"routine": routine, "codec": codec, **numbers})
        _wait_until_live(page)
        page.wait_for_timeout(SETTLING_S * 1000)
        low, high = _clock(page)
        began_s, others_s = time.monotonic(), _others_cpu_s()
        page.evaluate("numbered.begin()")
        page.wait_for_timeout(seconds * 1000)
        told = page.evaluate("numbered.end()")
        elapsed_s = time.monotonic() - began_s
        others_s = _others_cpu_s() - others_s
        page.evaluate("numbered.close()")
        page.wait_for_timeout(300)  # for the goodbye to leave
    if not told["poses"]:
        raise InternalError("no pose reached the page")
    return Seen(
        seconds=elapsed_s,
        frames=[(number, captured) for number, captured in told["frames"]],
        poses=[(seq, captured, arrived) for seq, captured, arrived in told["poses"]],
        unread=told["unread"],
        clock_ms=(low + high) / 2,
        clock_error_ms=abs(high - low) / 2,
        sender=_sender(told["before"], told["after"], elapsed_s),
        others=max(0.0, others_s / elapsed_s),
    )


def _wait_until_live(page: Page) -> None:
    deadline = time.monotonic() + LIVE_WITHIN_S
    while time.monotonic() < deadline:
        state = page.evaluate("numbered.state()")
        if state["poses"]:
            return
        page.wait_for_timeout(100)
    raise InternalError(f"the page did not become live: {state['link']} {state['message']}")


def _clock(page: Page) -> tuple[float, float]:
    """The page's clock less ours, ms: between which two values it lies, of many looks."""
    lows, highs = [], []
    for _ in range(_CLOCK_LOOKS):
        before = time.monotonic() * 1000
        now = page.evaluate("numbered.now()")
        after = time.monotonic() * 1000
        lows.append(now - after)
        highs.append(now - before)
    return max(lows), min(highs)


def _others_cpu_s() -> float:
    """CPU seconds that this machine has spent so far, but for us and what we started (Linux)."""
    total = Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:]
    user, nice, system, _idle, _waiting, interrupts, soft = map(int, total[:7])
    busy_s = (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")
    return busy_s - tree_cpu_s(os.getpid())


def _sender(before: dict[str, Any], after: dict[str, Any], seconds: float) -> dict[str, Any]:
    def more(name: str) -> float:
        return float(after.get(name, 0) - before.get(name, 0))

    frames = max(1.0, more("framesEncoded"))
    return {
        "codec": after.get("mimeType"),
        "width": after.get("frameWidth"),
        "height": after.get("frameHeight"),
        "fps": round(frames / seconds, 2),
        "kbit_per_s": round(more("bytesSent") * 8 / seconds / 1000),
        "encode_ms": round(1000 * more("totalEncodeTime") / frames, 2),
        "pacer_ms_per_packet": round(
            1000 * more("totalPacketSendDelay") / max(1.0, more("packetsSent")), 2
        ),
        "key_frames": round(more("keyFramesEncoded")),
    }
