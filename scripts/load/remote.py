"""Crowds in processes of their own, so that what they cost is not the measured process's."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from coach_server.errors import InternalError

_ROOT: Final = Path(__file__).resolve().parents[2]
TICK_S: Final = 1.0


class RemoteCrowd:
    """The other end of a `station`."""

    def __init__(self, process: "subprocess.Popen[str]", reader: ThreadPoolExecutor) -> None:
        self._process, self._reader = process, reader

    def grow(self, students: int) -> dict[str, Any]:
        """Bring their number to `students`; gives how many there are."""
        return self._ask("grow", students)

    def come_and_go(self, times: int) -> dict[str, Any]:
        """Students who leave with their first pose; how they joined."""
        return self._ask("come_and_go", times)

    def measure(
        self, seconds: float, each_second: Callable[[], object] = lambda: None
    ) -> dict[str, Any]:
        """What everybody sees in the next `seconds`, during which `each_second` is called."""
        return self._ask("measure", seconds, each_second)

    def _ask(
        self, what: str, argument: float, meanwhile: Callable[[], object] = lambda: None
    ) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise InternalError("the crowd has no line to its process")
        stdin.write(json.dumps([what, argument]) + "\n")
        stdin.flush()
        line = self._reader.submit(stdout.readline)
        while True:
            try:
                text = line.result(TICK_S)
                break
            except NotYet:
                meanwhile()
        if not text:
            raise InternalError("the crowd's process has ended")
        answer: dict[str, Any] = json.loads(text)
        return answer


@contextmanager
def crowd(
    address: str, fps: float, *, obeys: bool = False, patience_s: float = 60.0
) -> Iterator[RemoteCrowd]:
    """A crowd of nobody yet, in a process of its own; it goes home at the end."""
    process = subprocess.Popen(
        [
            sys.executable,
            *("-m", "scripts.load.station", address, str(fps), str(patience_s)),
            "obey" if obeys else "free",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    )
    with ThreadPoolExecutor(1) as reader:
        try:
            yield RemoteCrowd(process, reader)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
