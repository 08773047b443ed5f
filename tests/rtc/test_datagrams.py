"""Sockets of datagrams: all that waits is read in a turn of the loop, and no more than is fair."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from coach_server.rtc import datagrams
from coach_server.rtc.aiortc_patches import install

pytestmark = pytest.mark.unit


class Heard(asyncio.DatagramProtocol):
    """Keeps what it hears, by the turn of the loop in which that was."""

    def __init__(self) -> None:
        self.turns: list[list[bytes]] = [[]]
        self.errors: list[Exception] = []
        self.told = asyncio.Event()

    def datagram_received(self, data: bytes, _address: object) -> None:
        self.turns[-1].append(data)

    def error_received(self, error: Exception) -> None:
        self.errors.append(error)
        self.told.set()


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    install(loopback=True)
    yield
    install(loopback=True)


async def heard_of(sent: list[bytes]) -> Heard:
    """What is heard in which turn, of datagrams that all wait before the first."""
    loop = asyncio.get_running_loop()
    way, heard = await loop.create_datagram_endpoint(Heard, local_addr=("127.0.0.1", 0))
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            for data in sent:
                other.sendto(data, way.get_extra_info("sockname"))
        for _ in range(1000):
            await asyncio.sleep(0)
            if sum(map(len, heard.turns)) == len(sent):
                break
            heard.turns.append([])
    finally:
        way.close()
        await asyncio.sleep(0)
    return heard


async def test_all_that_waits_is_read_in_one_turn_and_in_order() -> None:
    sent = [bytes([number]) for number in range(10)]
    heard = await heard_of(sent)
    assert [turn for turn in heard.turns if turn] == [sent]


async def test_asyncio_by_itself_reads_one_in_a_turn() -> None:
    """Once it reads more, nothing need be installed."""
    datagrams.remove()
    heard = await heard_of([b"a", b"b", b"c"])
    assert [len(turn) for turn in heard.turns if turn] == [1, 1, 1]


async def test_a_flood_leaves_the_others_their_turn() -> None:
    sent = [bytes([number]) for number in range(datagrams.MOST + 3)]
    heard = await heard_of(sent)
    assert [len(turn) for turn in heard.turns if turn] == [datagrams.MOST, 3]


async def test_one_that_is_closed_while_it_is_read_hears_no_more() -> None:
    loop = asyncio.get_running_loop()
    way, heard = await loop.create_datagram_endpoint(Heard, local_addr=("127.0.0.1", 0))
    stock = heard.datagram_received

    def closes(data: bytes, address: object) -> None:
        stock(data, address)
        way.close()

    heard.datagram_received = closes  # type: ignore[method-assign,assignment]  # of this one
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        for _ in range(3):
            other.sendto(b"x", way.get_extra_info("sockname"))
    for _ in range(20):
        await asyncio.sleep(0)
    assert heard.turns == [[b"x"]]


async def test_an_error_of_the_socket_is_told_and_ends_the_turn() -> None:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        nobody = gone.getsockname()
    way, heard = await loop.create_datagram_endpoint(Heard, remote_addr=nobody)
    way.sendto(b"x")  # the system answers that nobody is there
    async with asyncio.timeout(20):
        await heard.told.wait()
    way.close()
    await asyncio.sleep(0)
    assert isinstance(heard.errors[0], ConnectionRefusedError)
