"""What others cost on the same frames: MediaPipe's own call, and aiortc's ingest as it comes."""

import itertools
import time
from pathlib import Path
from typing import Any, Final

import av
from av.video.codeccontext import VideoCodecContext

from coach_server.video.pixels import PictureMaker
from scripts.bench import mediapipe_baseline
from scripts.bench.capacity_overload import growth
from scripts.bench.capacity_server import ingest, measured
from scripts.bench.capacity_steps import say
from scripts.bench.cpu import spread
from scripts.load.films import Films
from scripts.load.remote import crowd

SLOW_MS: Final = 100.0
"""What a slow consumer takes for each frame."""
_STUDENTS: Final = 2


def mediapipe(cache: Path, frames: int) -> dict[str, Any]:
    """CPU milliseconds of MediaPipe's call on the first `frames` that the webcams send."""
    decoder = VideoCodecContext.create("libvpx", "r")
    maker = PictureMaker()
    packets = itertools.islice(Films(cache).at(30).packets, frames)
    pictures = [
        maker.rgb(frame) for packet in packets for frame in decoder.decode(av.Packet(packet))
    ]
    theirs = mediapipe_baseline.measure(pictures, cache)
    told = {
        "version": mediapipe_baseline.VERSION,
        "frames": len(pictures),
        "found": theirs["found"],
        "call_cpu_ms": spread(theirs["cpu_ms"]),
    }
    say(f"MediaPipe's own call: {told['call_cpu_ms']} CPU ms a frame")
    return told


def ingests(seconds: float) -> dict[str, Any]:
    """Stock aiortc's ingest and the coach's: nothing done with the frames, and a slow consumer."""
    return {which: _ingest(which, seconds) for which in ("stock", "coach")}


def _ingest(which: str, seconds: float) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, takes_ms in (("free", 0.0), ("slow", SLOW_MS)):
        with ingest(which, takes_ms) as (address, pid), crowd(address, 30) as students:
            students.grow(_STUDENTS)
            time.sleep(1.0)
            told[name] = measured(students, pid, seconds)
        parts = told[name]["age_windows"]
        told[name]["age_growth"] = growth(
            [(part["at_s"], part["p50"]) for part in parts if part["p50"] is not None]
        )
        say(
            f"ingest, {which}, consumer {name}: {told[name]['server_cpu_s_per_student_s']} CPU s "
            f"per student-second, age {told[name]['age_ms']}, growth {told[name]['age_growth']}"
        )
    return told
