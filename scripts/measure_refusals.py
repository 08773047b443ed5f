"""Measures how quickly films are refused that are none: `python -m scripts.measure_refusals`.

Told are milliseconds and the memory that looking took, in a process of its own for each, less what
the process takes anyway: a picture of 12,000 x 12,000, a bomb of 8,000 x 8,000 in a small file, and
a playlist that calls itself a film. Ends with 1 where one is not refused as it must be.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final, cast

import av
from av.video.stream import VideoStream

from scripts.bench.cpu import machine

_LOOK: Final = """
import json, sys, time
from pathlib import Path
from coach_server.errors import CoachError
from coach_server.video.limits import FilmLimits
from coach_server.video.probe import probe

def peak_mb():  # of this program alone: getrusage tells what was before it, too
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024

before_mb, began_s, cpu_s = peak_mb(), time.perf_counter(), time.process_time()
try:
    probe(Path(sys.argv[1]), FilmLimits(), called="film.mp4")
except CoachError as error:
    print(json.dumps({
        "status": error.http_status,
        "ms": round(1000 * (time.perf_counter() - began_s), 2),
        "cpu_ms": round(1000 * (time.process_time() - cpu_s), 2),
        "grown_mb": round(peak_mb() - before_mb, 1),
    }))
"""


STATUSES: Final = {"12000 x 12000": 413, "bomb of 8000 x 8000": 413, "playlist": 415}
MOST_CPU_MS: Final = 100.0
MOST_MB: Final = 100.0


def main() -> None:
    """Write the films, look at each, print."""
    told: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        films = {
            "12000 x 12000": _picture(Path(folder) / "large.mov", "mjpeg", "yuvj420p", 12_000),
            "bomb of 8000 x 8000": _picture(Path(folder) / "bomb.mp4", "mpeg4", "yuv420p", 8000),
            "playlist": _playlist(Path(folder) / "list.mp4"),
        }
        for name, film in films.items():
            command = [sys.executable, "-c", _LOOK, str(film)]
            done = subprocess.run(command, capture_output=True, check=True, text=True)
            told[name] = {**json.loads(done.stdout), "file_kb": film.stat().st_size // 1000}
    missed = [name for name, one in told.items() if not _holds(name, one)]
    print(json.dumps({"machine": machine(), **told, "missed": missed}, indent=2))
    if missed:
        sys.exit(1)


def _holds(name: str, one: dict[str, Any]) -> bool:
    quick, small = one["cpu_ms"] < MOST_CPU_MS, one["grown_mb"] < MOST_MB
    return bool(one["status"] == STATUSES[name] and quick and small)


def _picture(path: Path, codec: str, pixels: str, side: int) -> Path:
    with av.open(str(path), "w") as out:
        stream = cast("VideoStream", out.add_stream(codec, rate=1))
        stream.width = stream.height = side
        stream.pix_fmt = pixels
        frame = av.VideoFrame(side, side, pixels)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def _playlist(path: Path) -> Path:
    path.write_text("ffconcat version 1.0\nfile secret.mp4\n")
    return path


if __name__ == "__main__":
    main()
