"""How fast a film becomes a routine on one core, and what memory that takes as films grow longer.

The film is played over and over, to each length asked for, without being encoded again. Each
length is prepared in a process of its own, on one core, with one thread. Prints JSON.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import av

from coach_server.inference.engines import Engines
from coach_server.library.prepare import prepare_routine
from coach_server.library.store import RoutineLibrary
from coach_server.settings import Settings


def repeated(film: Path, seconds: float, target: Path) -> None:
    """Write a film that plays `film` until `seconds` are full, its packets as they are."""
    with av.open(str(target), "w") as out:
        stream, shift = None, 0
        while True:
            with av.open(str(film)) as source:
                video = source.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                ends = shift
                for packet in source.demux(video):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts += shift
                    packet.dts += shift
                    ends = max(ends, packet.pts + (packet.duration or 0))
                    packet.stream = stream
                    out.mux(packet)
                shift = ends
                if video.time_base is None or float(ends * video.time_base) >= seconds:
                    return


def prepare(film: Path) -> dict[str, Any]:
    """Prepare a film in this very process; gives times and memory."""
    settings = Settings()
    engines = Engines.load(
        settings.cache, keypoints=settings.keypoints, lifter=settings.lifter, device="cpu"
    )
    stages: dict[str, float] = {}
    began = last = time.perf_counter()
    at = ""

    def told(stage: str, done: int, total: int | None) -> None:
        del done, total
        nonlocal at, last
        now = time.perf_counter()
        stages[at] = stages.get(at, 0.0) + now - last
        at, last = stage, now

    with tempfile.TemporaryDirectory() as folder:
        library = RoutineLibrary(Path(folder))
        routine_id = prepare_routine(library, film, engines, title="Measured", progress=told)
        told("", 0, None)
        meta = library.open(routine_id).meta
    used = resource.getrusage(resource.RUSAGE_SELF)
    wall_s = time.perf_counter() - began
    return {
        "film_s": round(meta.duration_s, 1),
        "fps": round(meta.fps, 2),
        "wall_s": round(wall_s, 1),
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "times_real_time": round(meta.duration_s / wall_s, 2),
        "times_real_time_of_cpu": round(meta.duration_s / (used.ru_utime + used.ru_stime), 2),
        "peak_mb": round(used.ru_maxrss / 1024),
        "stages_s": {stage: round(s, 2) for stage, s in stages.items() if stage},
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def main() -> None:
    """Measure each length in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("film", type=Path)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 5.0, 20.0])
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        sys.stdout.write(json.dumps(prepare(arguments.film)))
        return
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with av.open(str(arguments.film)) as film:
        context = film.streams.video[0].codec_context
        size = [context.width, context.height]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for minutes in arguments.minutes:
            long = Path(folder) / "long.mp4"
            repeated(arguments.film, minutes * 60, long)
            done = subprocess.run(  # our own interpreter and module
                [sys.executable, "-m", "scripts.measure_preparing", str(long), "--here"],
                stdout=subprocess.PIPE,
                env={**os.environ, **one_thread},
                check=True,
            )
            rows.append(json.loads(done.stdout))
            sys.stderr.write(f"{minutes} minutes: {rows[-1]}\n")
    sys.stdout.write(json.dumps({"size": size, "lengths": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
