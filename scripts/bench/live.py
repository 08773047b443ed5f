"""One student on the real server: poses that reach the page, and what the server costs."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from coach_server.errors import InternalError
from scripts.bench.cpu import spread, tree_cpu_s

_ROOT: Final = Path(__file__).resolve().parents[2]
STARTS_WITHIN_S: Final = 120.0


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """A server of its own on a free port: (address, process id), once it is ready.

    It reads every frame, as the stages and MediaPipe do that it is compared with.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "coach_server", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "COACH_SKIP_STILL": "false"},
    )
    try:
        if process.stdout is None:
            raise InternalError("the server's output is not captured")
        address = process.stdout.readline().strip().rstrip("/")
        _wait_until_ready(address)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(timeout=15)
        if process.stdout:
            process.stdout.close()


def measure(film: Path, seconds: float) -> dict[str, Any]:
    """Poses a second, their age, and the server's CPU milliseconds a pose."""
    with server() as (address, pid):
        page = subprocess.Popen(
            [sys.executable, "-m", "scripts.bench.webcam", address, film, str(seconds)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=_ROOT,
        )
        if page.stdout is None:
            raise InternalError("the page's output is not captured")
        if page.stdout.readline().strip() != "measuring":
            raise InternalError("the simulated webcam did not connect")
        before = tree_cpu_s(pid)
        line = page.stdout.readline()
        cpu_s = tree_cpu_s(pid) - before
        page.wait(timeout=15)
        page.stdout.close()
    seen = json.loads(line)
    return {
        "camera_fps": round(seen["sent"] / seen["seconds"], 2),
        "poses_per_s": round(seen["received"] / seen["seconds"], 2),
        "pose_age_ms": spread(seen["ages_ms"]),
        "server_cpu_ms_per_pose": round(1000 * cpu_s / seen["received"], 2),
        "server_cpu_s_per_student_s": round(cpu_s / seen["seconds"], 3),
    }


def _wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except urllib.error.HTTPError:
            time.sleep(0.2)
    raise InternalError("the server did not become ready")
