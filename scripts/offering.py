"""One offer of a simulated page to a server, and its answer applied."""

import aiohttp
from aiortc import RTCPeerConnection, RTCSessionDescription


async def offer_to(address: str, page: RTCPeerConnection) -> None:
    """Have `page` practise the demo at the server of that address.

    Raises:
        aiohttp.ClientError: it is out of reach, or refuses.
    """
    await page.setLocalDescription(await page.createOffer())
    fields = {"sdp": page.localDescription.sdp, "type": "offer", "routine": "demo"}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{address}/api/offer", json=fields) as answer,
    ):
        answer.raise_for_status()
        sdp = (await answer.json())["sdp"]
    await page.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
