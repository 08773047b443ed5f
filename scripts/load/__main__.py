"""Brings simulated webcams to a server: `python -m scripts.load ADDRESS --students 4 --seconds 20`.

Told are poses a second, their age (capture to arrival), how long joining took, and what the
generator itself cost. With `--json` each line of stdout is an object with `event`: `joined`,
`measuring` and at last `result`; without, the result alone. The films are encoded once.
"""

import argparse
import asyncio
import json
import os
from typing import Any

from coach_server.rtc.aiortc_patches import host_addresses, install
from coach_server.sessions.load import LADDER
from coach_server.settings import Settings
from scripts.command import run
from scripts.load.crowd import Crowd
from scripts.load.films import Films


def main() -> None:
    """Bring them, measure and print."""
    given = _arguments()
    if given.nice:
        os.nice(given.nice)
    if not host_addresses():
        install(loopback=True)
    result = asyncio.run(_practise(given))
    _event(given.json, "result", result)


async def _practise(given: argparse.Namespace) -> dict[str, Any]:
    films = Films(Settings().cache)
    await asyncio.to_thread(films.at, given.fps)
    if given.obey:
        for asked in LADDER:
            await asyncio.to_thread(films.at, min(asked.max_fps, given.fps), asked.scale_down)
    async with Crowd(
        given.address, films, fps=given.fps, obeys=given.obey, patience_s=given.patience
    ) as crowd:
        await crowd.grow(given.students)
        _event(given.json, "joined", {"students": len(crowd.webcams)})
        await asyncio.sleep(given.settle)
        _event(given.json, "measuring", {})
        return await crowd.measure(given.seconds)


def _event(as_lines: bool, event: str, told: dict[str, Any]) -> None:  # noqa: FBT001  # a flag of the command
    if as_lines:
        print(json.dumps({"event": event, **told}), flush=True)
    elif event == "result":
        print(json.dumps(told, indent=2))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", help="of the server, such as http://127.0.0.1:8080")
    parser.add_argument("--students", type=int, default=1)
    parser.add_argument("--fps", type=float, default=30, help="30, 15, 10, ...")
    parser.add_argument("--seconds", type=float, default=20, help="measured")
    parser.add_argument("--settle", type=float, default=3, help="seconds left out before")
    parser.add_argument("--patience", type=float, default=60, help="seconds to ask for a place")
    parser.add_argument("--obey", action="store_true", help="do as `camera` messages ask")
    parser.add_argument("--json", action="store_true", help="print events as lines of JSON")
    parser.add_argument("--nice", type=int, default=0, help="how far to step back for others")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
