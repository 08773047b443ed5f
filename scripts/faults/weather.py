"""What reaches a page over networks that lose, delay and reorder."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from scripts.faults.network import FAIR, BadNetwork, Weather
from scripts.faults.rows import Row
from scripts.faults.student import DistantWebcam, report_of
from scripts.load.films import Films

SETTLING_S: Final = 3.0
WEATHERS: Final[Sequence[tuple[str, Weather, float | None]]] = (
    ("none", FAIR, None),
    ("2 % loss both ways", Weather(loss=0.02), 95.0),
    ("5 % loss both ways", Weather(loss=0.05), 85.0),
    ("50 ms jitter on 20 ms", Weather(delay_s=0.02, jitter_s=0.05), None),
    ("10 % of packets overtaken by 30 ms", Weather(reorder=0.1), None),
    ("10 % duplicates", Weather(duplicate=0.1), None),
    ("2 % loss, 20 ms and 20 ms jitter", Weather(0.02, 0.02, 0.02), None),
)


async def practise(
    address: str, films: Films, *, seed: int, seconds: float, only: str = ""
) -> list[Row]:
    """A practice in each weather: the share of its frames whose pose reached the page."""
    return [
        await _in(address, films, name, weather, goal, seed=seed, seconds=seconds)
        for name, weather, goal in WEATHERS
        if only in name
    ]


async def _in(
    address: str,
    films: Films,
    name: str,
    weather: Weather,
    goal: float | None,
    *,
    seed: int,
    seconds: float,
) -> Row:
    network = BadNetwork(seed)
    async with DistantWebcam(network, address, films) as webcam:
        await webcam.join()
        await webcam.begun()
        await asyncio.sleep(SETTLING_S)
        network.up.weather = network.down.weather = weather
        session = webcam.session
        if session is None:
            raise AssertionError("it has begun")
        before: Any = (await report_of(address, session))["frames"]
        webcam.sent.clear()
        webcam.take()
        await asyncio.sleep(seconds)
        sent, asked, seen = webcam.sent.frames, webcam.sent.asked, webcam.take()
        after: Any = (await report_of(address, session))["frames"]
    ages = sorted(seen.ages_ms)
    told = ("judged", "replaced", "undecoded", "late", "poses_skipped")
    return Row(
        name,
        round(100 * seen.poses / sent, 1),
        "% of frames",
        goal,
        at_most=False,
        more={
            "seed": seed,
            "sent": sent,
            **{each: after[each] - before[each] for each in told},
            "age_p50_ms": round(ages[len(ages) // 2]) if ages else None,
            "age_p95_ms": round(ages[int(len(ages) * 0.95)]) if ages else None,
            "key_frames_asked": asked,
            "connections_lost": seen.lost,
        },
    )
