"""Measures what cheaper keypoints cost in cues: `python -m scripts.measure_cheaper`.

The demo's films, and those of the sets that `scripts.build_sets` has built, are watched by each
variant of BlazePose (kept in the cache, `studio/cheaper`; run it again to go on), and the coach
judges them as it does live: instructor and student by the same variant. Leaving still frames out is
judged on what `blazepose-full` said. Prints a markdown table; `--json FILE` keeps the figures.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from coach_server.inference.lifters import LoadedLifter, load_lifter
from coach_server.settings import Settings
from scripts.cheaper_keypoints.films import Film, films
from scripts.cheaper_keypoints.judged import accuracy, cues_said, routine_of
from scripts.cheaper_keypoints.seen import Seen, watch
from scripts.cheaper_keypoints.still import reused
from scripts.cheaper_keypoints.variants import FULL, VARIANTS, new_detector
from scripts.command import run
from scripts.cue_scores.tally import Tally

STILL: Final = ((1, 0.5), (1, 1.0), (3, 0.5), (3, 1.0), (6, 1.0))
"""Frames in a row that may be left out, and grey levels beyond the camera's noise until which."""
COLUMNS: Final = ("", "CPU ms", "frames looked at", "median px", "p90 px", "PCK 10 %", "found")
CUES: Final = ("cues right", "faults found", "false, minutes", "delay s")


def seen_by(variant: str, film: Film, cache: Path) -> Seen:
    """What a variant says of a film, watched now where that is not kept."""
    folder = cache / "studio" / "cheaper" / variant.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{film.name}.npz"
    if not path.exists():
        watch(film, new_detector(variant, cache)).write(path)
    return Seen.read(path)


def judge(
    every: list[Film],
    variant: str,
    still: tuple[int, float] | None,
    lifter: LoadedLifter,
    cache: Path,
) -> dict[str, Any]:
    """The figures of one variant."""
    tally, costs, looked, frames = Tally(), [], 0, 0
    px: list[float] = []
    within = found = known = 0
    routines: dict[str, Any] = {}
    said: dict[str, int] = {}
    for film in every:
        seen = seen_by(variant, film, cache)
        count = len(seen.found)
        if not film.lead:
            routines[film.name] = routine_of(seen, lifter)
            continue
        taken = np.arange(count) if still is None else reused(seen, *still)
        costs.append(np.median(seen.cost_ms))
        looked += int((taken == np.arange(count)).sum())
        frames += count
        if (told := accuracy(film, seen, taken)) is not None:
            px += told["px"]
            within, found = within + told["within"], found + told["found"]
            known += told["frames"]
        cues = cues_said(film, seen, taken, routines[film.lead], lifter)
        said[film.name] = len(cues)
        tally.add(cues, film.faults, float(seen.time_s[-1]))
    return {
        "cpu_ms": float(np.mean(costs)) * looked / frames,
        "looked_at": looked / frames,
        "median_px": float(np.median(px)) if px else None,
        "p90_px": float(np.quantile(px, 0.9)) if px else None,
        "pck": within / len(px) if px else None,
        "found": found / known if known else None,
        "cues_said": said,
        "cues": tally.figures(),
    }


def main() -> None:
    """Measure, and tell."""
    settings = Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, dest="file", help="keep the figures there")
    parser.add_argument("--only", nargs="+", default=[""], help="films that begin like this")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--cache", type=Path, default=settings.cache)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    every = [film for film in films(given.cache) if film.name.startswith(tuple(given.only))]
    lifter = load_lifter(given.cache, settings.lifter, "cpu")
    figures = {
        variant: judge(every, variant, None, lifter, given.cache) for variant in given.variants
    } | {
        f"{FULL}, {most} still ones left out, {levels}": judge(
            every, FULL, (most, levels), lifter, given.cache
        )
        for most, levels in STILL
    }
    if given.file:
        given.file.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(table(figures))


def table(figures: dict[str, Any]) -> str:
    """As markdown."""
    lines = ["| " + " | ".join((*COLUMNS, *CUES)) + " |", "| --- " * 11 + "|"]
    for name, one in figures.items():
        cues = one["cues"]
        right, recall = cues["precision"], cues["recall"].get("all", {"count": 0, "of": 0})
        cells = [
            name,
            f"{one['cpu_ms']:.1f}",
            f"{one['looked_at']:.0%}",
            *(_cell(one[key], "{:.1f}") for key in ("median_px", "p90_px")),
            *(_cell(one[key], "{:.1%}") for key in ("pck", "found")),
            f"{right['count']} of {right['of']}",
            f"{recall['count']} of {recall['of']}",
            f"{cues['false_per_min']['count']} in {cues['minutes']:.1f}",
            _cell(cues["delay_s"]["median"], "{:.2f}"),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


if __name__ == "__main__":
    run(main)
