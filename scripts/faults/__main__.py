"""What the coach makes of faults: `python -m scripts.faults [--json FILE] [--only PART ...]`.

Real servers with their real engines, simulated webcams, and for cuts the practice page in
Chromium. Each figure stands with its goal; the command ends with 1 where one is missed. Parts:
`weather` (lost, late, overtaken and doubled packets), `silence` (peers that vanish), `workers`
(killed and stopped), `stop` (the server told to), `cut` (a line cut under the page; it needs
network namespaces: where there are none it is left out, which is said, or ends with 2 if it was
asked for). What is found is found again by its seed, as far as real clocks allow.
"""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any, Final

from coach_server.errors import InputError
from coach_server.settings import Settings
from scripts.bench.capacity_server import coach
from scripts.bench.cpu import machine
from scripts.command import run
from scripts.faults import cut, kills, namespaces, weather
from scripts.faults.rows import Row, table
from scripts.load.films import Films

PARTS: Final = ("weather", "silence", "workers", "stop", "cut")
CUTS_S: Final = (15.0, 3.0)


def main() -> None:
    """Measure and print."""
    given = _arguments()
    parts = given.only or PARTS
    began = machine()
    rows: list[Row] = []
    if "cut" in parts and _may_cut(asked=bool(given.only)):
        rows += asyncio.run(cut.cuts(given.seed, CUTS_S))
    films = Films(Settings().cache)
    films.at(30)
    if "weather" in parts or "silence" in parts:
        with coach(keypoints=given.keypoints, workers=1, max_load=0.0) as (address, _):
            rows += asyncio.run(_with_one_worker(address, films, parts, given))
    if "workers" in parts:
        with coach(keypoints=given.keypoints, workers=2, max_load=0.0) as (address, pid):
            rows += asyncio.run(_with_two(address, films, pid))
    for hangs in (False, True) if "stop" in parts else ():
        with coach(keypoints=given.keypoints, workers=2, max_load=0.0) as (address, pid):
            rows.append(asyncio.run(kills.told_to_stop(address, films, pid, hangs=hangs)))
    told: dict[str, Any] = {
        "machine": {"before": began, "after": machine()},
        "seed": given.seed,
        "keypoints": given.keypoints,
        "rows": [row.as_dict() for row in rows],
    }
    if given.json:
        given.json.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    print(table(rows))
    print(f"\nmachine: {told['machine']}")
    if any(row.holds is False for row in rows):
        sys.exit(1)


def _may_cut(*, asked: bool) -> bool:
    """Whether a line can be cut here.

    Raises:
        InputError: it cannot, and was asked for.
    """
    try:
        namespaces.check()
    except InputError as error:
        if asked:
            raise
        print(f"without `cut`: {error.message}", file=sys.stderr)
        return False
    return True


async def _with_one_worker(
    address: str, films: Films, parts: tuple[str, ...], given: argparse.Namespace
) -> list[Row]:
    rows: list[Row] = []
    if "weather" in parts:
        rows += await weather.practise(
            address, films, seed=given.seed, seconds=given.seconds, only=given.weather
        )
    if "silence" in parts:
        rows += await kills.silent_peers(address, films, given.seed)
        rows.append(await kills.killed_generator(address))
    return rows


async def _with_two(address: str, films: Films, pid: int) -> list[Row]:
    """The stopped worker first: the killed server ends it all."""
    return [
        *await kills.struck_worker(address, films, pid, signal.SIGKILL),
        *await kills.struck_worker(address, films, pid, signal.SIGSTOP),
        await kills.killed_server(pid),
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="a file for all figures")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="parts; all where none is named")
    parser.add_argument("--weather", default="", help="only weathers with this in their name")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each weather")
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--keypoints", default="blazepose-full")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
