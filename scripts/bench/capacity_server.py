"""The server whose capacity is measured, and the machine beside it."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from coach_server.errors import InternalError
from scripts.bench.cpu import tree_cpu_s
from scripts.load.remote import RemoteCrowd

_ROOT: Final = Path(__file__).resolve().parents[2]
_READY_S: Final = 120.0
_STOPS_S: Final = 20.0
PLACES: Final = 64
"""Students whom the measured server takes, so that nothing but load keeps anybody out."""


@contextmanager
def coach(
    *, keypoints: str, workers: int, max_load: float | None, skip_still: bool = True
) -> Iterator[tuple[str, int]]:
    """A server with data of its own: (address, process id), once all its workers can serve.

    Args:
        keypoints: its engine.
        workers: processes that serve students.
        max_load: beyond which it sheds load and refuses; 0 never does, None as it comes.
        skip_still: whether it leaves out frames in which nothing moves, as it comes.
    """
    wishes = {
        "COACH_DEVICE": "cpu",
        "COACH_KEYPOINTS": keypoints,
        "COACH_WORKERS": str(workers),
        "COACH_MAX_SESSIONS": str(PLACES),
        "COACH_SKIP_STILL": str(skip_still),
    }
    if max_load is not None:
        wishes["COACH_MAX_LOAD"] = str(max_load)
    with tempfile.TemporaryDirectory(prefix="coach-capacity-") as data:
        command = [sys.executable, "-m", "coach_server", "serve", "--port", "0"]
        with _listening(command, {**wishes, "COACH_DATA": data}) as (address, pid):
            _wait_for(f"{address}/healthz", lambda _page: True)
            _wait_for(f"{address}/metrics", lambda page: metric(page, "coach_workers") >= workers)
            yield address, pid


@contextmanager
def ingest(which: str, takes_ms: float) -> Iterator[tuple[str, int]]:
    """A `capacity_ingest` server: (address, process id)."""
    command = [sys.executable, "-m", "scripts.bench.capacity_ingest", which, str(takes_ms)]
    with _listening(command, {}) as (address, pid):
        yield address, pid


def measured(
    crowd: RemoteCrowd, pid: int, seconds: float, each_second: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    """What a crowd sees in `seconds`, and what that costs the server with all it started.

    Adds `server_cpu_s_per_student_s`, `server_cpu_ms_per_pose`, and `others_cores`: how many cores
    were busy with neither server nor crowd.
    """
    before_s, busy_s = tree_cpu_s(pid), _busy_s()
    told = crowd.measure(seconds, each_second)
    cpu_s, busy_s = tree_cpu_s(pid) - before_s, _busy_s() - busy_s
    student_s = max(1, told["students"]) * told["seconds"]
    poses = told["poses_per_s"] * student_s
    crowd_s = told["generator_cpu_s_per_student_s"] * student_s
    told["server_cpu_s_per_student_s"] = round(cpu_s / student_s, 4)
    told["server_cpu_ms_per_pose"] = round(1000 * cpu_s / poses, 3) if poses else None
    told["others_cores"] = round(max(0.0, busy_s - cpu_s - crowd_s) / told["seconds"], 3)
    return told


@contextmanager
def _listening(command: list[str], wishes: dict[str, str]) -> Iterator[tuple[str, int]]:
    """A process that prints its address on its first line; terminated at the end."""
    environment = {name: value for name, value in os.environ.items() if name[:6] != "COACH_"}
    if "COACH_CACHE" in os.environ:
        environment["COACH_CACHE"] = os.environ["COACH_CACHE"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=_ROOT,
        env={**environment, **wishes},
    )
    try:
        if process.stdout is None:
            raise InternalError("the server's output is not captured")
        address = process.stdout.readline().strip().rstrip("/")
        if not address:
            raise InternalError("the server did not start", hint="run ./coach serve to see why")
        yield address, process.pid
    finally:
        process.terminate()
        try:
            process.wait(timeout=_STOPS_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def left_out(address: str) -> tuple[float, float]:
    """Frames judged so far, and of them those that were not read, for nothing had moved."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=5) as answer:
        page = answer.read().decode()
    judged = metric(page, 'coach_frames_total{fate="judged"}')
    return judged, metric(page, "coach_frames_still_total")


def _wait_for(address: str, holds: Callable[[str], bool]) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if holds(answer.read().decode()):
                    return
        except urllib.error.HTTPError:  # it is starting
            pass
        time.sleep(0.2)
    raise InternalError("the server did not become ready", hint="run ./coach serve to see why")


def metric(page: str, name: str) -> float:
    """A value of /metrics, by its name and labels; 0 where it is not there."""
    for line in page.splitlines():
        if line.startswith(f"{name} "):
            return float(line.split()[-1])
    return 0.0


def _busy_s() -> float:
    """CPU seconds that all cores have worked so far, for whomever (Linux)."""
    fields = Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _wait, irq, soft = (int(field) for field in fields[:7])
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")
