"""Two ends of a line, each a network of its own, and between them whatever `BadNetwork` does.

Real programs at both ends, with the system's own TCP and UDP: network namespaces of users' own
(`unshare -rn`), whose interfaces hand their packets to this process. The kernel's `netem` is not
needed, which many kernels lack.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from coach_server.errors import InputError
from scripts.faults.inside import TUN
from scripts.faults.network import BadNetwork, Way

SERVER: Final = "10.77.0.1"
STUDENT: Final = "10.77.0.2"
_ROOT: Final = Path(__file__).resolve().parents[2]
_LARGEST: Final = 65_536
_APART: Final = ("unshare", "-rn")
_PATH: Final = os.pathsep.join([str(_ROOT), str(_ROOT / "tests")])
"""The tests' own browser is used as well."""


def check() -> None:
    """Find out whether this machine allows it.

    Raises:
        InputError: it does not, with the reason.
    """
    tried = "network namespaces cannot be had here"
    for program in ("unshare", "ip"):
        if shutil.which(program) is None:
            raise InputError(
                f"{tried}: there is no {program}.", hint="Install util-linux, iproute2."
            )
    try:
        os.close(os.open(TUN, os.O_RDWR))
    except OSError as error:
        raise InputError(f"{tried}: {TUN}: {error.strerror}.", hint="Try as root.") from error
    outcome = subprocess.run([*_APART, "true"], capture_output=True, text=True, check=False)
    if outcome.returncode:
        raise InputError(f"{tried}: {outcome.stderr.strip()}.", hint="Try on another machine.")


class End:
    """A program in a network of its own; a context manager that ends it.

    Attributes:
        process: its standard input and output are pipes.
        packets: the descriptor of its interface.
    """

    def __init__(self, address: str, command: list[str], **environment: str) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            inside = [sys.executable, "-m", "scripts.faults.inside", str(theirs.fileno()), address]
            self.process = subprocess.Popen(
                [*_APART, *inside, *command],
                cwd=_ROOT,
                env={**os.environ, "PYTHONPATH": _PATH, **environment},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            theirs.close()
            _, (self.packets,), _, _ = socket.recv_fds(ours, 8, 1)
        os.set_blocking(self.packets, False)

    def read_line(self, start: str) -> str:
        """The next line of its output that begins so.

        Raises:
            InputError: it ended before.
        """
        if self.process.stdout is not None:
            for line in self.process.stdout:
                if line.startswith(start):
                    return line.removeprefix(start).strip()
        raise InputError(f"A program in a network of its own ended with {self.process.wait()}.")

    def tell(self, line: str) -> None:
        """Write a line to its input."""
        if self.process.stdin is not None:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.packets)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class Line:
    """Carries packets between two ends while its block runs.

    Args:
        student, server: the ends.
        network: what befalls the packets; both of its ways are named from the student.
    """

    def __init__(self, student: End, server: End, network: BadNetwork) -> None:
        self._ways = (
            (student.packets, network.up, server.packets),
            (server.packets, network.down, student.packets),
        )

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for source, way, target in self._ways:
            loop.add_reader(source, _carrying(source, way, target))
        return self

    async def __aexit__(self, *_exception: object) -> None:
        for source, _, _ in self._ways:
            asyncio.get_running_loop().remove_reader(source)


def _carrying(source: int, way: Way, target: int) -> Callable[[], None]:
    def send(packet: bytes) -> None:
        try:
            os.write(target, packet)
        except OSError:
            way.fates["refused"] += 1

    def carry() -> None:
        try:
            packet = os.read(source, _LARGEST)
        except BlockingIOError:
            return
        way.carry(packet, send)

    return carry
