"""The real server as a process of its own, with its log read as it grows."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final, Self

import psutil  # type: ignore[import-untyped]  # it says no types

from coach_server.errors import InternalError
from scripts.bench.cpu import tree_cpu_s
from scripts.soak.samples import Process

_ROOT: Final = Path(__file__).resolve().parents[2]
_READY_S: Final = 180.0
_STOPS_S: Final = 20.0
_WORKER: Final = "coach_server.sessions.workers.process"
_ERRORS: Final = frozenset({"error", "critical", "exception"})


class SoakedServer:
    """`coach serve` on a free port, its data kept in the soak's folder.

    Args:
        folder: for its data and its log.
        segment: number of this process, for the log's name.
        workers: processes that serve students.
        keypoints: its engine.

    Attributes:
        address: where it listens.
    """

    def __init__(self, folder: Path, segment: int, *, workers: int, keypoints: str) -> None:
        self._workers = workers
        self._log = folder / f"server-{segment}.log"
        self._read_to = 0
        environment = {name: value for name, value in os.environ.items() if name[:6] != "COACH_"}
        if "COACH_CACHE" in os.environ:
            environment["COACH_CACHE"] = os.environ["COACH_CACHE"]
        environment |= {
            "COACH_DEVICE": "cpu",
            "COACH_KEYPOINTS": keypoints,
            "COACH_WORKERS": str(workers),
            "COACH_DATA": str(folder / "data"),
            "COACH_LOG_FORMAT": "json",
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "coach_server", "serve", "--port", "0"],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=_ROOT,
                env=environment,
                start_new_session=True,  # a Ctrl-C is for the soak, which ends it in its turn
            )
        self.address = self._process.stdout.readline().strip() if self._process.stdout else ""
        self._began_s = time.monotonic()

    def __enter__(self) -> Self:
        if not self.address:
            raise InternalError("the server did not start", hint=f"see {self._log}")
        deadline_s = time.monotonic() + _READY_S
        while time.monotonic() < deadline_s:
            if self._counted("coach_workers ") >= self._workers:
                self._began_s = time.monotonic()
                return self
            time.sleep(0.2)
        self.__exit__()
        raise InternalError("the server did not become ready", hint=f"see {self._log}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=_STOPS_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    @property
    def up_s(self) -> float:
        """Since it could serve."""
        return time.monotonic() - self._began_s

    @property
    def has_died(self) -> bool:
        """Whether it has ended by itself."""
        return self._process.poll() is not None

    @property
    def cpu_s(self) -> float:
        """CPU seconds of it and of all that it started, those that ended among them."""
        return tree_cpu_s(self._process.pid)

    def processes(self) -> list[Process]:
        """It and all that it started, as they are now."""
        found: list[Process] = []
        try:
            front = psutil.Process(self._process.pid)
            family = [front, *front.children(recursive=True)]
        except psutil.NoSuchProcess:
            return found
        for each in family:
            try:
                with each.oneshot():
                    is_worker = _WORKER in each.cmdline()
                    times = each.cpu_times()
                    found.append(
                        Process(
                            pid=each.pid,
                            role="front" if each is front else "worker" if is_worker else "other",
                            rss_mb=round(each.memory_info().rss / 2**20, 2),
                            fds=each.num_fds(),
                            threads=each.num_threads(),
                            cpu_s=round(times.user + times.system, 2),
                        )
                    )
            except (psutil.NoSuchProcess, psutil.ZombieProcess):  # it ended meanwhile
                continue
        return found

    def replaced(self) -> int:
        """Workers that ended and were replaced so far."""
        return int(self._counted("coach_workers_replaced_total{"))

    def new_events(self) -> tuple[int, int]:
        """Errors and warnings logged since the last look."""
        with self._log.open("rb") as log:
            log.seek(self._read_to)
            text = log.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read_to += len(whole)
        levels = [_level(line) for line in whole.decode("utf-8", "replace").splitlines()]
        return sum(level in _ERRORS for level in levels), levels.count("warning")

    def _counted(self, name: str) -> float:
        """A metric's value, summed over its labels; 0 where it cannot be had."""
        try:
            with urllib.request.urlopen(f"{self.address}metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except (urllib.error.URLError, OSError):  # it starts, or it is gone
            return 0.0
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def _level(line: str) -> str:
    """Of an event; a traceback that went past the log is an error."""
    try:
        return str(json.loads(line).get("level", ""))
    except (ValueError, AttributeError):
        return "error" if line.startswith(("Traceback", "Fatal Python error")) else ""
