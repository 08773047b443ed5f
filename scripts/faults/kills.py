"""Peers, workers and the server that vanish, are killed or stopped."""

import asyncio
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import psutil  # type: ignore[import-untyped]  # it says no types

from scripts.faults.network import BadNetwork
from scripts.faults.rows import Row
from scripts.faults.student import DistantWebcam, report_of
from scripts.load.films import Films

TIMES: Final = 3
LOOK_S: Final = 0.05
GIVEN_UP_S: Final = 40.0
BACK_S: Final = 10.0
"""Goal: a student whose worker was struck sees poses again."""
STOPPED_S: Final = 10.0
"""Goal: who tells the server to stop waits for no longer."""
UNTOUCHED_S: Final = 1.0
"""Goal: the other one misses them for no longer; the machine is busy starting a worker."""
_ROOT: Final = Path(__file__).resolve().parents[2]


async def silent_peers(address: str, films: Films, seed: int) -> list[Row]:
    """How long a place is held by a peer that says nothing any more."""
    ways = {"sockets closed without a word": True, "network cut both ways": False}
    return [
        Row(f"peer silent: {name}", max(found), "s until its place is free", 5.0, more=more)
        for name, closed in ways.items()
        for found, more in [await _silent(address, films, seed, closed=closed)]
    ]


async def _silent(
    address: str, films: Films, seed: int, *, closed: bool
) -> tuple[list[float], dict[str, Any]]:
    found, reasons = [], []
    for time_ in range(TIMES):
        network = BadNetwork(seed + time_)
        webcam = DistantWebcam(network, address, films)
        await webcam.join()
        await webcam.begun()
        await asyncio.sleep(1.0)
        session = webcam.session or ""
        began_s = time.monotonic()
        if closed:
            await webcam.vanish()
        else:
            network.cut()
        report: dict[str, Any] = {"live": True}
        while report["live"]:
            await asyncio.sleep(LOOK_S)
            report = await report_of(address, session)
        found.append(round(time.monotonic() - began_s, 2))
        reasons.append(report["ended"])
        await webcam.leave()
    return found, {"each": found, "reasons": reasons}


async def killed_generator(address: str) -> Row:
    """A process with two webcams is killed."""
    command = ["-m", "scripts.load", address, "--students", "2", "--seconds", "60", "--json"]
    generator = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, cwd=_ROOT
    )
    if generator.stdout is None:
        raise AssertionError("it is a pipe")
    async for line in generator.stdout:
        if b'"joined"' in line:
            break
    await asyncio.sleep(2.0)
    before = await asyncio.to_thread(_metric, address, "coach_sessions")
    began_s = time.monotonic()
    generator.kill()
    await generator.wait()
    took_s = await _until(lambda: _metric(address, "coach_sessions") == 0, began_s)
    return Row(
        "process of two peers killed (SIGKILL)",
        took_s if before == 2 else None,
        "s until their places are free",
        5.0,
        more={"peers": before},
    )


async def struck_worker(address: str, films: Films, pid: int, how: signal.Signals) -> list[Row]:
    """One of two workers is killed or stopped: its student comes back, the other sees nothing."""
    last: list[float] = [0.0, 0.0]
    gaps: list[float] = [0.0, 0.0]

    def coming(index: int) -> Callable[[dict[str, Any]], None]:
        def came(_message: dict[str, Any]) -> None:
            now_s = time.monotonic()
            if last[index]:
                gaps[index] = max(gaps[index], now_s - last[index])
            last[index] = now_s

        return came

    await _until(lambda: _metric(address, "coach_workers") == 2, time.monotonic())
    network = BadNetwork(0)
    webcams = [DistantWebcam(network, address, films, on_pose=coming(i)) for i in range(2)]
    keeping = []
    for webcam in webcams:  # one after the other, so that each is another worker's
        keeping.append(asyncio.create_task(webcam.keep()))
        await asyncio.sleep(3.0)
    await asyncio.sleep(2.0)
    gaps[:] = [0.0, 0.0]
    sessions = [webcam.session for webcam in webcams]
    victim = _workers(pid)[0]
    began_s = time.monotonic()
    victim.send_signal(how)
    await asyncio.sleep(1.0)
    back_s = await _until(lambda: min(last) > began_s + 1.0 and max(gaps) > 0.5, began_s)
    await asyncio.sleep(2.0)
    others = [now for now, before in zip(webcams, sessions, strict=True) if now.session == before]
    for task in keeping:
        task.cancel()
    await asyncio.gather(*keeping, return_exceptions=True)
    for webcam in webcams:
        await webcam.leave()
    return struck_rows(how.name, gaps, back_s, len(others))


def struck_rows(how: str, gaps: list[float], back_s: float | None, kept: int) -> list[Row]:
    """What came of a struck worker.

    Args:
        how: it was struck.
        gaps: each student's longest time without a pose; of who never saw one again, only the time
            until the last.
        back_s: until both saw poses again; None where one never did.
        kept: students who kept their session.
    """
    both = back_s is not None and kept == 1
    return [
        Row(
            f"worker of two struck ({how})",
            round(max(gaps), 2) if both else None,
            "s without poses, of its student",
            BACK_S,
            more={"seen_after_s": back_s},
        ),
        Row(
            f"the same, the other worker's student ({how})",
            round(min(gaps), 2) if both else None,
            "s without poses",
            UNTOUCHED_S,
            more={"students_who_kept_their_session": kept},
        ),
    ]


async def told_to_stop(address: str, films: Films, pid: int, *, hangs: bool) -> Row:
    """The server is told to stop while two practise; where it `hangs`, a worker does not run."""
    await _until(lambda: _metric(address, "coach_workers") == 2, time.monotonic())
    network = BadNetwork(0)
    webcams = [DistantWebcam(network, address, films) for _ in range(2)]
    for webcam in webcams:
        await webcam.join()
        await webcam.begun()
    server = psutil.Process(pid)
    processes = [server, *_children(pid)]
    if hangs:
        _workers(pid)[0].suspend()
    began_s = time.monotonic()
    server.terminate()
    status = await asyncio.to_thread(server.wait, GIVEN_UP_S)
    took_s = round(time.monotonic() - began_s, 2)
    left = sum(map(_runs, processes))
    for webcam in webcams:
        await webcam.leave()
    return Row(
        "server told to stop (SIGTERM)" + (", a worker of two hangs" if hangs else ""),
        took_s if status == 0 and not left else None,
        "s until it has ended, with 0",
        STOPPED_S,
        more={"status": status, "left": left},
    )


async def killed_server(pid: int) -> Row:
    """The server itself is killed: its workers must not outlive it."""
    children = _children(pid)
    began_s = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    took_s = await _until(lambda: not any(map(_runs, children)), began_s)
    return Row(
        "server killed (SIGKILL)",
        took_s if len(children) >= 2 else None,
        "s until no process of it is left",
        5.0,
        more={"processes": len(children)},
    )


def _metric(address: str, name: str) -> float:
    """One figure of the server's metrics."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
    raise LookupError(f"there is no {name} in /metrics")


def _children(pid: int) -> list[psutil.Process]:
    return list(psutil.Process(pid).children(recursive=True))


def _workers(pid: int) -> list[psutil.Process]:
    """Processes that serve students; the others work on jobs."""
    return [one for one in _children(pid) if any("sessions.workers" in w for w in one.cmdline())]


def _runs(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


async def _until(holds: Callable[[], bool], began_s: float) -> float | None:
    """Seconds since then until it holds; None where it takes too long."""
    while time.monotonic() - began_s < GIVEN_UP_S:
        if await asyncio.to_thread(holds):
            return round(time.monotonic() - began_s, 2)
        await asyncio.sleep(LOOK_S)
    return None
