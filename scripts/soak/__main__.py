"""Soaks the server: `python -m scripts.soak FOLDER --hours 2 --load 0.8`.

The real server with its real engines; simulated webcams come, practise for 15 s to 4 minutes, and
say goodbye, vanish, reload or are cut off. Every ten seconds a line of FOLDER/samples.jsonl says
what its processes hold and what students see. Stopped and started again with the same options it
goes on, with another server. FOLDER/soak.png shows the course, FOLDER/summary.json the figures;
both are made anew at the end, and by `--plot-only` at any time.

`python -m scripts.soak connects --count 500` has students come and go in one process with the
server, and tells what is left of them; `python -m scripts.soak slow` has one practise with an
engine of ten frames a second.

All end with 1 where a goal is missed (`soak/goals.py`), which is named.
"""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from coach_server.errors import InputError
from coach_server.logs import logs_to_stderr
from coach_server.rtc.aiortc_patches import host_addresses, install
from coach_server.sessions.load import available_cores
from coach_server.settings import Settings
from scripts.command import run
from scripts.soak import goals
from scripts.soak.curve import draw
from scripts.soak.in_process import connects, slow
from scripts.soak.samples import Sample, read
from scripts.soak.soaking import SAMPLES, Soak, begin, soak
from scripts.soak.summary import summary


def main() -> None:
    """Soak, or one of the short figures."""
    given = _arguments()
    os.nice(given.nice)
    logs_to_stderr()
    if not host_addresses():
        install(loopback=True)
    cache = Settings().cache
    if given.what == "connects":
        told = asyncio.run(connects(given.count, cache))
        missed = goals.of_connects(told)
    elif given.what == "slow":
        told = asyncio.run(slow(given.seconds, cache))
        missed = goals.of_slow(told)
    else:
        told = _soak(given, Path(given.what), cache)
        missed = goals.of_soak(told, given.hours)
    print(json.dumps({**told, "missed": missed}, indent=2))
    if missed and not given.plot_only:
        sys.exit(1)


def _soak(given: argparse.Namespace, folder: Path, cache: Path) -> dict[str, Any]:
    if not given.plot_only:
        workers = given.workers or available_cores()
        keypoints = f"blazepose-{given.keypoints}"
        planned = begin(folder, Soak(given.load, workers, keypoints, given.seed))
        asyncio.run(soak(folder, planned, given.hours, cache, _show))
    samples = read(folder / SAMPLES)
    if not samples:
        raise InputError(f"There is no sample in {folder}.", hint="Soak first.")
    told: dict[str, Any] = {
        "soak": json.loads((folder / "soak.json").read_text("utf-8")),
        "cores": available_cores(),
        **summary(samples),
    }
    (folder / "summary.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    title = (
        f"{told['hours']:.2f} h of students who come and go: {told['students_came']} in all, "
        f"{told['students_at_once']:.1f} at once, {told['soak']['workers']} workers"
    )
    draw(samples, folder / "soak.png", title)
    return told


def _show(sample: Sample) -> None:
    age = "-" if sample.age_p95_ms is None else f"{sample.age_p95_ms:.0f}"
    print(
        f"{sample.segment}: {sample.up_s / 60:6.1f} min, {sample.students} students, "
        f"{sample.rss_mb:.0f} MB, {sample.fds} descriptors, {sample.cpu:.2f} cores, "
        f"p95 {age} ms, errors {sample.errors}, unserved {sample.unserved}",
        file=sys.stderr,
        flush=True,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", help="a folder, or `connects`, or `slow`")
    parser.add_argument("--hours", type=float, default=2.0, help="in all, over every start")
    parser.add_argument("--load", type=float, default=0.8, help="share of the machine's cores")
    parser.add_argument("--workers", type=int, default=0, help="0: one a core")
    parser.add_argument("--keypoints", default="full", choices=["lite", "full", "heavy"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot-only", action="store_true", help="of what there is so far")
    parser.add_argument("--count", type=int, default=500, help="`connects`: students")
    parser.add_argument("--seconds", type=float, default=60.0, help="`slow`: measured")
    parser.add_argument("--nice", type=int, default=0, help="how far to step back for others")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
