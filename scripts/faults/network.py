"""A network between a simulated student and the server that loses, delays, reorders and cuts.

It stands between aioice's sockets of the student's side and the loop, so that the server is the
real one and knows nothing of it. The same seed gives the n-th datagram of a way the same fate;
which datagram is the n-th, real sockets and clocks decide.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from aioice.ice import StunProtocol
from aiortc import RTCPeerConnection

Send: TypeAlias = Callable[[bytes], None]

TICK_S: Final = 1e-6
"""Between two datagrams that are due at once, so that they stay in order."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What befalls the datagrams of one way; shares are of all of them.

    Attributes:
        loss: share that never arrives.
        delay_s: how long each is under way.
        jitter_s: at most this much more, evenly; they stay in order.
        reorder: share that others overtake.
        reorder_s: how long those are held back.
        duplicate: share that arrives twice.
        corrupt: share in which one byte is another.
    """

    loss: float = 0.0
    delay_s: float = 0.0
    jitter_s: float = 0.0
    reorder: float = 0.0
    reorder_s: float = 0.03
    duplicate: float = 0.0
    corrupt: float = 0.0


FAIR: Final = Weather()


class Way:
    """One direction.

    Attributes:
        weather: may be changed at any time.
        is_cut: nothing arrives while it is.
        fates: how many datagrams met which fate; `came` are all.
    """

    def __init__(self, name: str, seed: int, weather: Weather) -> None:
        self.weather = weather
        self.is_cut = False
        self.fates: Counter[str] = Counter()
        self._random = random.Random(f"{seed} {name}")  # noqa: S311  # no secret: it is repeated
        self._last_due_s = 0.0

    def carry(self, data: bytes, send: Send) -> None:
        """Take a datagram; `send` is called with what arrives, when it does, if it does."""
        weather = self.weather
        # As many draws for each, so that one property changes nothing in the others.
        lost, late, overtaken, twice, wrong = (self._random.random() for _ in range(5))
        where, bit = self._random.random(), self._random.randrange(1, 256)
        self.fates["came"] += 1
        if self.is_cut:
            self.fates["cut"] += 1
            return
        if lost < weather.loss:
            self.fates["lost"] += 1
            return
        if wrong < weather.corrupt and data:
            self.fates["corrupted"] += 1
            at = int(where * len(data))
            data = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
        due_s = self._due_s(weather.delay_s + late * weather.jitter_s)
        if overtaken < weather.reorder:
            self.fates["reordered"] += 1
            due_s += weather.reorder_s
        else:
            self._last_due_s = due_s
        self._arrive(due_s, data, send)
        if twice < weather.duplicate:
            self.fates["duplicated"] += 1
            self._arrive(due_s + TICK_S, data, send)

    def _due_s(self, delay_s: float) -> float:
        return max(asyncio.get_running_loop().time() + delay_s, self._last_due_s + TICK_S)

    def _arrive(self, due_s: float, data: bytes, send: Send) -> None:
        loop = asyncio.get_running_loop()
        if self.weather == FAIR:
            send(data)
        else:
            loop.call_at(due_s, send, data)


class _Socket:
    """A datagram transport whose datagrams go by a way."""

    def __init__(self, real: asyncio.DatagramTransport, way: Way) -> None:
        self._real = real
        self._way = way

    def sendto(self, data: bytes, address: tuple[str, int] | None = None) -> None:
        def send(arrives: bytes) -> None:
            if not self._real.is_closing():
                self._real.sendto(arrives, address)

        self._way.carry(data, send)

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


class BadNetwork:
    """Both ways of one or more students.

    Attributes:
        up, down: from the student to the server, and back.
    """

    def __init__(self, seed: int, *, up: Weather = FAIR, down: Weather = FAIR) -> None:
        self.seed = seed
        self.up = Way("up", seed, up)
        self.down = Way("down", seed, down)

    def take(self, connection: RTCPeerConnection) -> None:
        """Stand between the sockets of a connection that has gathered and the loop."""
        parts: Any = connection  # private names of aiortc and aioice
        for transport in parts._RTCPeerConnection__iceTransports:  # noqa: SLF001  # no other way in
            for protocol in transport._connection._protocols:  # noqa: SLF001  # the same
                self._stand_before(protocol)

    def _stand_before(self, protocol: StunProtocol) -> None:
        protocol.transport = cast("asyncio.DatagramTransport", _Socket(protocol.transport, self.up))
        receive = protocol.datagram_received

        def received(data: bytes | str, address: tuple[str, int]) -> None:
            if isinstance(data, bytes):
                self.down.carry(data, lambda arrives: receive(arrives, address))

        protocol.datagram_received = received  # type: ignore[assignment,method-assign]  # of this one alone

    def cut(self, *, up: bool = True, down: bool = True) -> None:
        """Let nothing arrive any more; one way may go on."""
        self.up.is_cut, self.down.is_cut = up, down

    def heal(self) -> None:
        """Let everything through again."""
        self.cut(up=False, down=False)

    def __str__(self) -> str:
        ways = [f"{way.weather}, {dict(way.fates)}" for way in (self.up, self.down)]
        return f"bad network, seed {self.seed}; up: {ways[0]}; down: {ways[1]}"
