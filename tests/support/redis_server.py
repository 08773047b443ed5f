"""A real Redis server, on a socket in a folder of the test's."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Its address; skips where Debian's redis-server is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    folder.mkdir(exist_ok=True)
    at = folder / "redis.sock"
    with subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(at), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            ends_at = time.monotonic() + 20
            while not at.exists():
                assert process.poll() is None
                assert time.monotonic() < ends_at
                time.sleep(0.02)
            yield f"unix://{at}"
        finally:
            process.terminate()
