"""The real application with fake engines as a program, to be killed, and to run out of disk.

Its arguments are a data folder and, where the disk is to be small, the bytes of a file system of
its own that is mounted there.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from aiohttp import web
from browser.server_process import ServerProcess

from coach_server.library.store import RoutineLibrary
from coach_server.sessions import one_process
from coach_server.sessions.one_process import OneProcess
from coach_server.settings import Settings
from coach_server.web.app import create_app
from support.live_server import FakeLessons, load_at_once

KEEP_EVERY_S: Final = 0.3
_PATH: Final = Path(__file__).resolve().parents[1]


class FaultyServer(ServerProcess):
    """A server in a process of its own.

    Args:
        data: its data folder.
        disk_bytes: how large the file system is on which that lies; None: as this one.
    """

    def __init__(self, data: Path, disk_bytes: int | None = None) -> None:
        self._data = data
        command = [str(Path(__file__)), str(data)]
        if disk_bytes is not None:
            command.append(str(disk_bytes))
        path = os.pathsep.join([str(_PATH), str(_PATH.parent)])
        super().__init__(command, {**os.environ, "PYTHONPATH": path})

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._process.wait()

    @property
    def disk(self) -> Path:
        """Its data folder as it sees it."""
        return Path(f"/proc/{self._process.pid}/root{self._data}")


def skip_without_small_disks() -> None:
    """Skip where this user can have no file system of their own."""
    mounting = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    if shutil.which("unshare") is None or subprocess.run(mounting, check=False).returncode:
        pytest.skip("no file system of one's own can be mounted here (unshare -rm)")


async def _serve(data: Path) -> None:
    one_process.KEEP_SHARE = 1.0  # type: ignore[misc]  # keeping is not to wait for a busy machine
    lessons = FakeLessons()
    settings = Settings(data=data, cache=data, port=0, job_workers=0, max_load=0.0)
    practices = OneProcess(
        settings,
        load=load_at_once,
        lessons_of=lambda _engines: lessons,
        keep_every_s=KEEP_EVERY_S,
        keep_s=0.5,
    )
    library = RoutineLibrary(data / "routines")
    runner = web.AppRunner(create_app(settings, practices=practices, library=library))
    await runner.setup()
    await web.TCPSite(runner, settings.host, 0).start()
    sys.stdout.write(f"http://{settings.host}:{runner.addresses[0][1]}/\n")
    sys.stdout.flush()
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
    await runner.cleanup()


def main() -> None:
    data, *small = sys.argv[1:]
    if small:
        apart = [
            "unshare",
            "-rm",
            "sh",
            "-c",
            'mount -t tmpfs -o size="$1" none "$2" && shift 2 &&',
        ]
        apart[-1] += ' exec "$@"'
        rest = [sys.executable, __file__, data]
        os.execvp(apart[0], [*apart, "sh", small[0], data, *rest])  # noqa: S606  # our own program
    asyncio.run(_serve(Path(data)))


if __name__ == "__main__":
    main()
