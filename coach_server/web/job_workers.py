"""The worker processes behind the server: started with the first job, and again when one dies."""

import asyncio
import contextlib
import os
import sys
import time
from typing import Final

import structlog

from coach_server.settings import Settings, environment_of

log = structlog.get_logger(__name__)

COMMAND: Final = (sys.executable, "-P", "-m", "coach_server.cli.worker")

_BACKOFF_S: Final = (0.5, 30.0)
"""A worker that dies is started again after the first, or after up to the last."""
_LIVED_S: Final = 60.0
"""Who has lived so long did not die of being started."""
STOP_S: Final = 4.0
"""Who is told to stop puts its job back within this, or is killed."""


class Supervisor:
    """Keeps as many workers as the settings say.

    None is started before there is something to do: a server that only coaches pays nothing.

    Args:
        settings: the workers' own as well.
        command: the program of a worker.
    """

    def __init__(self, settings: Settings, *, command: tuple[str, ...] = COMMAND) -> None:
        self._settings = settings
        self._command = command
        self._keeping: list[asyncio.Task[None]] = []
        self._told_to_stop = False

    def start(self) -> None:
        """Have the workers run from now on; does nothing where they do, or were told to stop."""
        if not self._keeping and not self._told_to_stop:
            self._keeping = [
                asyncio.create_task(self._keep(), name=f"job worker {number}")
                for number in range(self._settings.job_workers)
            ]

    def tell_to_stop(self) -> None:
        """Tell them to stop, for good; what they do waits in the ledger for the next start."""
        if not self._told_to_stop:
            self._told_to_stop = True
            for task in self._keeping:
                task.cancel()

    async def stop(self) -> None:
        """Tell them, and wait until they have."""
        self.tell_to_stop()
        await asyncio.gather(*self._keeping, return_exceptions=True)

    async def _keep(self) -> None:
        wait_s = _BACKOFF_S[0]
        while True:
            began = time.monotonic()
            try:
                status: int | None = await self._one()
            except OSError as error:  # no memory or no processes left, which may pass
                status = None
                log.warning("a job worker cannot be started", reason=str(error))
            if time.monotonic() - began > _LIVED_S:
                wait_s = _BACKOFF_S[0]
            log.warning("a job worker has ended and is started again", status=status, in_s=wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, _BACKOFF_S[1])

    async def _one(self) -> int:
        """Run a worker to its end; gives its exit status."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,  # it ends when this does: with the server, at the latest
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is for the server, which stops it
            env={**os.environ, **environment_of(self._settings)},
        )
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                await asyncio.shield(_end(process))


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
