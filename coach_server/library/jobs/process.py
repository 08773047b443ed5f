"""The process of one job as its worker sees it."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from coach_server.library.jobs.job import Job
from coach_server.settings import Settings, environment_of

COMMAND: Final = (sys.executable, "-P", "-m", "coach_server.library.jobs.child")

_LONGEST: Final = 64 << 10
"""Bytes of a line; a process that says more is not ours any more."""
_CHUNK: Final = 16 << 10
_END_S: Final = 5.0
"""A process that has said how it ended may take so long to be gone."""


class JobProcess:
    """Starts with the block, and is gone at its end with all that it has started.

    Args:
        job: is done there.
        lock: a descriptor that it holds as long as it lives.
        settings: of the worker, and so its own.
        command: the program.
    """

    def __init__(
        self, job: Job, lock: int, settings: Settings, command: Sequence[str] = COMMAND
    ) -> None:
        self.ended: dict[str, Any] | None = None
        """The line with its result or error."""
        self.stage = ""
        self.share: float | None = None
        self._job = job
        self._lock = lock
        self._environment = {**os.environ, **environment_of(settings), **_ONE_THREAD}
        self._command = command
        self._unread = b""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603  # no shell; our own interpreter and module
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(self._lock,),
            start_new_session=True,  # so that a Ctrl-C is the server's alone
            bufsize=0,
            env=self._environment,
        )
        assert self._process.stdin is not None  # noqa: S101  # both are pipes
        assert self._process.stdout is not None  # noqa: S101  # as above
        asked = {"id": self._job.id, "kind": self._job.kind, "arguments": dict(self._job.arguments)}
        with contextlib.suppress(BrokenPipeError):  # it died at once, which its end tells
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._out = self._process.stdout
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        self._process.wait()
        self._selector.close()
        self._process.__exit__(kind, error, traceback)

    def listen(self, seconds: float) -> bool:
        """Wait so long for news at the most; False when there will be none any more."""
        if not self._selector.select(seconds):
            return True
        chunk = os.read(self._out.fileno(), _CHUNK)
        *lines, self._unread = (self._unread + chunk).split(b"\n")
        try:
            for line in lines:
                self._note(json.loads(line))
        except (ValueError, TypeError, KeyError):
            return False
        return bool(chunk) and len(self._unread) <= _LONGEST and self.ended is None

    def end(self) -> int:
        """Wait until it is gone; gives its exit status, negative where a signal ended it."""
        try:
            return self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def kill(self) -> None:
        """End it at once, with all that it has started."""
        with contextlib.suppress(ProcessLookupError):  # it is gone already
            os.killpg(self._process.pid, signal.SIGKILL)

    def _note(self, message: dict[str, Any]) -> None:
        if "stage" in message:
            self.stage = str(message["stage"])[:200]
            share = message["share"]
            self.share = None if share is None else min(max(float(share), 0.0), 1.0)
        else:
            self.ended = message


_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""A job takes no more than one core from live students where it can be helped."""
