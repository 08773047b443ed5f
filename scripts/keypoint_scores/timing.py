"""How long the studio takes for one film, frame by frame, on one core."""

import os
import platform
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from scripts.studio.set_films import shoot
from scripts.studio.sets import Film


def time_film(film: Film, fps: int, body_folder: Path) -> dict[str, Any]:
    """Shoot a film of a routine as the sets have it, and throw it away.

    Returns:
        The film's name, its frames and minutes of screen time, wall and CPU milliseconds of the
        median frame (posed, drawn, smeared, developed, encoded, its truth told), minutes that all
        of it took, from the building of the scene to the last file, and the load of the machine.
    """
    wall, cpu = [time.perf_counter()], [time.process_time()]

    def tick() -> None:
        wall.append(time.perf_counter())
        cpu.append(time.process_time())

    with TemporaryDirectory() as folder:
        shoot(film, (), fps, Path(folder), body_folder, None, tick)
    end_wall, end_cpu = time.perf_counter(), time.process_time()
    return {
        "film": film.name,
        "frames": len(wall) - 1,
        "screen_minutes": round((len(wall) - 1) / fps / 60.0, 2),
        "frame_wall_ms": round(1000.0 * median(_steps(wall)), 1),
        "frame_cpu_ms": round(1000.0 * median(_steps(cpu)), 1),
        "wall_minutes": round((end_wall - wall[0]) / 60.0, 2),
        "cpu_minutes": round((end_cpu - cpu[0]) / 60.0, 2),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load": round(os.getloadavg()[1], 1),
    }


def _steps(moments: list[float]) -> list[float]:
    """Seconds a frame, without the first, before which the scene is built."""
    return [after - before for before, after in pairwise(moments[1:])]
