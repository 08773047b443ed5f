"""The server, its workers and their jobs killed in the middle: nothing half-made is ever shown.

Real programs throughout: `coach serve`, its worker, the process of a job, the engines.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from coach_server.library.demo import demo_folder
from coach_server.settings import Settings
from coach_server.video.playable import make_playable

pytestmark = pytest.mark.web

FILM = b'--x\r\nContent-Disposition: form-data; name="film"; filename="star.mp4"\r\n\r\n'
JOB = "coach_server.library.jobs.child"
WORKER = "\0worker\0"


@contextmanager
def serving(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`coach serve` in a process of its own, and its address."""
    settings = {"COACH_DATA": str(data), "COACH_CACHE": str(Settings().cache)}
    process = subprocess.Popen(  # our own interpreter and program
        [sys.executable, "-m", "coach_server", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **settings},
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip().rstrip("/")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def programs(data: Path, what: str) -> list[int]:
    """Processes that work on this data folder and whose command holds `what`."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if (
                entry.name.isdigit()
                and what in (entry / "cmdline").read_text()
                and f"COACH_DATA={data}\0" in (entry / "environ").read_text()
            ):
                found.append(int(entry.name))
    return found


def ask(address: str, body: bytes | None = None) -> Any:
    headers = {"Content-Type": "multipart/form-data; boundary=x"} if body else {}
    asked = urllib.request.Request(address, data=body, headers=headers)  # noqa: S310  # our server
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310  # the same
        return json.load(answer)


def titles(address: str) -> set[str]:
    return {r["title"] for r in ask(f"{address}/api/routines")["routines"]} - {"Standing flow"}


def until(holds: Callable[[], object], seconds: float = 180.0) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it never came about"
        time.sleep(0.05)


def test_a_server_killed_while_it_receives_a_film(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    with serving(tmp_path) as (server, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as line:
            line.sendall(
                f"POST /api/routines HTTP/1.1\r\nHost: {host}:{port}\r\n"
                "Content-Type: multipart/form-data; boundary=x\r\n"
                "Content-Length: 90000000\r\n\r\n".encode()
            )
            line.sendall(FILM + b"\x00\x00\x00\x18ftypmp42" + bytes(4 << 20))
            until(lambda: list(uploads.glob("*/film")))
            server.kill()
            server.wait()
    assert list(uploads.glob("*/film"))
    with serving(tmp_path) as (_, address):
        assert ask(f"{address}/api/jobs") == {"jobs": []}
        assert titles(address) == set()
        assert list(uploads.iterdir()) == []


@pytest.mark.timeout(900)  # a job is nice: what runs beside it comes first
def test_jobs_and_servers_killed_while_a_film_is_tracked(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    make_playable(demo_folder() / "video.mp4", film, span=(4.0, 12.0))
    with serving(tmp_path) as (server, address):
        posted = ask(f"{address}/api/routines", FILM + film.read_bytes() + b"\r\n--x--\r\n")
        job = f"/api/jobs/{posted['job']}"
        until(lambda: (ask(address + job)["percent"] or 0) > 10)
        (child,) = programs(tmp_path, JOB)
        os.kill(child, signal.SIGKILL)
        until(lambda: ask(address + job)["attempts"] == 2)  # it is begun again
        assert titles(address) == set()
        server.kill()
        server.wait()
    until(lambda: not programs(tmp_path, JOB) and not programs(tmp_path, WORKER))
    with serving(tmp_path) as (_, address):
        until(lambda: ask(address + job)["state"] in ("done", "failed"), 300)
        told = ask(address + job)
        if told["state"] == "failed":
            assert told["error"]["code"] == "job_stopped"
        assert titles(address) == ({"star"} if told["state"] == "done" else set())
        assert not list((tmp_path / "routines").glob("*.unfinished"))
