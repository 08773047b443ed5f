"""Runs a command at one end of a line of our own: a network namespace with one interface.

Started by `namespaces.End` under `unshare`; hands the interface's packets to whoever started it, by
the socket whose number is its first argument. The second is its address, the rest the command.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys
from typing import Final

TUN: Final = "/dev/net/tun"
NAME: Final = "tun0"
_TUNSETIFF: Final = 0x400454CA
_IFF_TUN: Final = 0x0001
_IFF_NO_PI: Final = 0x1000


def interface(address: str) -> int:
    """An interface of that address whose packets are read from and written to what is given."""
    handle = os.open(TUN, os.O_RDWR)
    fcntl.ioctl(handle, _TUNSETIFF, struct.pack("16sH22x", NAME.encode(), _IFF_TUN | _IFF_NO_PI))
    for command in (
        f"ip address add {address}/24 dev {NAME}",
        f"ip link set {NAME} up mtu 1400",
        "ip link set lo up",
    ):
        subprocess.run(command.split(), check=True)
    return handle


def main() -> None:
    """Make the interface, hand it over, become the command."""
    number, address, *command = sys.argv[1:]
    with socket.socket(fileno=int(number)) as line:
        socket.send_fds(line, [b"tun"], [interface(address)])
    os.execvp(command[0], command)  # noqa: S606  # the very command that was given


if __name__ == "__main__":
    main()
