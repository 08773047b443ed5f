"""Measures what a practice costs the page: `python -m scripts.measure_page --minutes 30 --out DIR`.

The demo's rendered student is practised in Chromium on a scripted server, over and over, in the
view named by `--view`. Told are the milliseconds that each frame shown takes of the page's main
thread, from traces at the beginning and the end, and by how much heap, nodes and memory grow in a
minute once the garbage is collected. Writes page.json and page.png. Needs the `test` and `train`
extras, and a Chromium.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from coach_server.errors import InputError
from scripts.command import run
from scripts.pages.curve import draw_curve
from scripts.pages.drawing import SHOWN, frame_costs, heaviest
from scripts.pages.drawing import summary as drawing_summary
from scripts.pages.growth import Sample
from scripts.pages.growth import summary as growth_summary
from scripts.pages.practice import LongPractice, browser, scripted_server, window_size

WARM_S = 5.0


def main() -> None:
    """Measure, write and print."""
    given = _arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    traces: dict[str, Any] = {}
    samples: list[Sample] = []
    load = [os.getloadavg()[0]]
    with scripted_server() as (server, _), browser() as opened:
        practice = LongPractice(opened, server, view=given.view, size=given.size)
        practice.go_on(WARM_S)
        traces["beginning"] = _traced(practice, given.trace_s)
        if given.minutes > 0:
            while practice.minute < given.minutes:
                samples.append(practice.sample())
                practice.go_on(60 - 60 * (practice.minute - samples[-1].minute))
                print(samples[-1], flush=True)
            samples.append(practice.sample())
            traces["end"] = _traced(practice, given.trace_s)
        faults = practice.watch.faults + practice.watch.refusals
    load.append(os.getloadavg()[0])
    growth = growth_summary(samples)
    told: dict[str, Any] = {
        "view": given.view or "as it is",
        "window": list(given.size),
        "cores": os.cpu_count(),
        "load": load,
        "faults": faults,
        "drawing": traces,
        "growth": growth,
    }
    (given.out / "page.json").write_text(json.dumps(told, indent=2) + "\n")
    if samples:
        draw_curve(samples, given.out / "page.png", f"Practising in the view {told['view']}")
    print(json.dumps({**told, "growth": growth["a_minute"]}, indent=2))


def _traced(practice: LongPractice, seconds: float) -> dict[str, Any]:
    events = practice.trace(seconds)
    frames = {"camera": frame_costs(events), "screen": frame_costs(events, SHOWN)}
    if not frames["camera"]:
        raise InputError("No frame was shown.", hint="Look at the practice page by hand.")
    return {
        **{name: drawing_summary(costs, seconds) for name, costs in frames.items()},
        "heaviest_ms_a_camera_frame": heaviest(events, len(frames["camera"])),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0, help="0: only the cost of frames")
    parser.add_argument("--trace-s", type=float, default=20.0)
    parser.add_argument("--view", help="side, inset, over, figures; default: the page's own")
    parser.add_argument("--size", type=window_size, default=(1280, 720), metavar="WIDTHxHEIGHT")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
