"""Students beyond a network that loses, delays, reorders and cuts: `scripts.faults.network`."""

from collections.abc import Iterator
from contextlib import contextmanager

from scripts.faults.network import FAIR, BadNetwork, Weather
from support.student_peer import NumberedFrames, StudentPeer


class DistantStudent(StudentPeer):
    """A student beyond a bad network."""

    def __init__(self, network: BadNetwork, camera: NumberedFrames | None = None) -> None:
        super().__init__(camera)
        self.network = network

    async def offer(self) -> str:
        sdp = await super().offer()
        self.network.take(self.pc)
        return sdp


@contextmanager
def bad_network(seed: int, *, up: Weather = FAIR, down: Weather = FAIR) -> Iterator[BadNetwork]:
    """A network; what is raised within says its seed and what it did."""
    network = BadNetwork(seed, up=up, down=down)
    try:
        yield network
    except BaseException as error:
        error.add_note(str(network))
        raise
