"""A server as a process of its own, as people run it."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parents[2]
START_S: Final = 240.0
"""The first start pulls and converts the engines."""

STOP_S: Final = 60.0


class ServerProcess:
    """Starts a server and waits until it is ready; a context manager.

    Attributes:
        address: such as http://127.0.0.1:40123, without a path.
    """

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(  # our own interpreter and code
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.address = self._read_address()
        self._wait_until_ready()

    def _read_address(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("http://"):
                return line.strip().rstrip("/")
        raise AssertionError(f"the server ended with {self._process.wait()}")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            try:
                self.get("/healthz")
            except urllib.error.HTTPError as answer:
                answer.close()
                time.sleep(0.2)
            else:
                return
        raise AssertionError("the server did not become ready")

    @property
    def host(self) -> str:
        """Name and port, as a Host header says them."""
        return urlsplit(self.address).netloc

    def get(self, path: str) -> str:
        """The body of an answer."""
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:  # noqa: S310  # loopback
            body: bytes = answer.read()
            return body.decode()

    def get_json(self, path: str) -> Any:
        """The same as JSON."""
        return json.loads(self.get(path))

    def metric(self, name: str) -> float:
        """One figure of /metrics; 0 where it is not there yet."""
        for line in self.get("/metrics").splitlines():
            if line.startswith(f"{name} "):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def stop(self) -> None:
        """Tell it to stop, and wait; unless it was killed before, it must end well."""
        killed = self._process.poll() == -signal.SIGKILL
        self._process.terminate()
        try:
            ended = self._process.wait(STOP_S)
            assert killed or ended == 0, f"told to stop, the server ended with {ended}"
        finally:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()


StartScripted = Callable[..., ServerProcess]
"""What the fixture `start_scripted` gives."""
