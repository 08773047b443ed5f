"""A line that is cut under the practice page in Chromium: real programs, real TCP and UDP."""

import asyncio
import itertools
import json
import secrets
import sys
import tempfile
import time
from typing import Any, Final

from scripts.faults.namespaces import SERVER, STUDENT, End, Line, check
from scripts.faults.network import BadNetwork
from scripts.faults.rows import Row

PORT: Final = 8080
BEFORE_S: Final = 6.0
AFTER_S: Final = 10.0
"""Long enough for what lay in the kernel to be sent again."""


async def cuts(seed: int, seconds: tuple[float, ...]) -> list[Row]:
    """Cuts of so many seconds, both ways, one after the other in one practice.

    Raises:
        InputError: this machine allows no network namespaces.
    """
    check()
    token, network = secrets.token_urlsafe(24), BadNetwork(seed)
    address = f"http://{SERVER}:{PORT}"
    serve = [sys.executable, "-m", "coach_server", "serve", "--host", SERVER, "--port", str(PORT)]
    page_command = [sys.executable, "-m", "scripts.faults.page", address, token]
    rows = []
    with tempfile.TemporaryDirectory(prefix="coach-faults-") as data:
        wishes = {"COACH_TOKEN": token, "COACH_DATA": data, "COACH_MAX_LOAD": "0"}
        with (
            End(SERVER, serve, **wishes) as server,
            End(STUDENT, page_command) as page,
        ):
            await asyncio.to_thread(server.read_line, "http")
            async with Line(page, server, network):
                await asyncio.to_thread(page.read_line, "practising")
                for each in seconds:
                    await asyncio.sleep(BEFORE_S)
                    cut_ms = time.time() * 1000
                    network.cut()
                    await asyncio.sleep(each)
                    network.heal()
                    healed_ms = time.time() * 1000
                    await asyncio.sleep(AFTER_S)
                    page.tell("seen")
                    seen = json.loads(await asyncio.to_thread(page.read_line, "seen "))
                    rows.append(cut_row(each, seen, cut_ms, healed_ms))
    return rows


def cut_row(seconds: float, seen: dict[str, Any], cut_ms: float, healed_ms: float) -> Row:
    """What came of a cut, by what the page has seen; no figure where anything was lost by it."""
    before = [pose for pose in seen["poses"] if pose[0] < healed_ms]
    after = [pose for pose in seen["poses"] if pose[0] >= healed_ms]
    report = seen["report"]
    shown = {cue[1] for cue in seen["cues"]}
    lags = [pose[2] for pose in (before[-1:] + after[:1])]
    same_session = len(set(seen["answers"])) == 1 and report["live"]
    followed = [any(pose[2] is not None for pose in part) for part in (before, after)]
    whole = same_session and len(shown) == len(report["cues"]) and (followed[1] or not followed[0])
    return Row(
        f"{seconds:g} s cut, both ways, Chromium's page",
        round((after[0][0] - healed_ms) / 1000, 2) if after and whole else None,
        "s until it practises again, nothing lost",
        3.0,
        more={
            "same_session": same_session,
            "connections": report["connections"],
            "lag_s_before_and_after": lags,
            "cues_shown_of_those_reported": f"{len(shown)} of {len(report['cues'])}",
            "longest_silence_after_s": _longest(after),
            "link": [
                (round((at - healed_ms) / 1000, 1), link)
                for at, link in seen["links"]
                if at > cut_ms
            ],
            "stage": seen["stage"],
        },
    )


def _longest(poses: list[list[float]]) -> float:
    """The longest time without a pose, once they have come again."""
    times = [pose[0] for pose in poses]
    return round(max((b - a for a, b in itertools.pairwise(times)), default=0) / 1000, 2)
