"""A simulated webcam beyond a bad network."""

import asyncio

import aiohttp
from aiortc import RTCPeerConnection, RTCSessionDescription

from scripts.faults.network import BadNetwork
from scripts.load.films import Films
from scripts.load.webcam import Heard, SimulatedWebcam


class DistantWebcam(SimulatedWebcam):
    """As `SimulatedWebcam`; its datagrams go by `network`, its requests wait while that is cut."""

    def __init__(
        self,
        network: BadNetwork,
        address: str,
        films: Films,
        *,
        on_pose: Heard = lambda _message: None,
        on_control: Heard = lambda _message: None,
    ) -> None:
        super().__init__(address, films, on_pose=on_pose, on_control=on_control)
        self.network = network

    def _connect(self) -> RTCPeerConnection:
        connection = super()._connect()
        stock = connection.setLocalDescription

        async def set_and_take(description: RTCSessionDescription) -> None:
            await stock(description)
            self.network.take(connection)

        connection.setLocalDescription = set_and_take  # type: ignore[assignment,method-assign]  # of this one
        return connection

    async def _offer(self) -> tuple[int, float]:
        if self.network.up.is_cut or self.network.down.is_cut:
            await asyncio.sleep(1.0)  # a page would not get through either
            return 0, 0.0
        return await super()._offer()


async def report_of(address: str, session: str) -> dict[str, object]:
    """A session's report."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{address}/api/sessions/{session}/report") as answer,
    ):
        answer.raise_for_status()
        report: dict[str, object] = await answer.json()
        return report
