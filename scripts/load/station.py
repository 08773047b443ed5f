"""A crowd in a process of its own, told over stdin what to do; see `remote`.

Arguments: the server's address, frames a second, seconds of patience, `obey` or `free`. Each line
of stdin is a JSON array: `["grow", students]`, `["measure", seconds]` or `["come_and_go", times]`;
each is answered by a line of JSON. The end of stdin sends everybody home.
"""

import asyncio
import json
import sys

from coach_server.rtc.aiortc_patches import host_addresses, install
from coach_server.sessions.load import LADDER
from coach_server.settings import Settings
from scripts.load.crowd import Crowd
from scripts.load.films import Films


async def serve(address: str, fps: float, patience_s: float, *, obeys: bool) -> None:
    """Do as stdin says until its end."""
    films = Films(Settings().cache)
    films.at(fps)
    if obeys:
        for asked in LADDER:
            films.at(min(asked.max_fps, fps), asked.scale_down)
    async with Crowd(address, films, fps=fps, obeys=obeys, patience_s=patience_s) as crowd:
        while line := await asyncio.to_thread(sys.stdin.readline):
            match json.loads(line):
                case ["grow", students]:
                    await crowd.grow(students)
                    answer = {"students": len(crowd.webcams), "turned_away": crowd.turned_away}
                case ["measure", seconds]:
                    answer = await crowd.measure(seconds)
                case ["come_and_go", times]:
                    answer = await crowd.come_and_go(times)
                case other:
                    answer = {"unknown": other}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    if not host_addresses():
        install(loopback=True)
    asyncio.run(
        serve(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), obeys=sys.argv[4] == "obey")
    )
