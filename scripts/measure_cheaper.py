"""Measures what cheaper keypoints cost in cues: `python -m scripts.measure_cheaper`.

The demo's films, and those of the sets that `scripts.build_sets` has built, are watched by each
variant of BlazePose (kept in the cache, `studio/cheaper`; run it again to go on), and the coach
judges them as it does live: instructor and student by the same variant, but no frame of an
instructor is left out, nor made smaller. Films are shown at 15 frames a second; twice as many only
those have that were filmed so, as the demo's. `--practices` judges frames left out on the packs of
T2 as well, or on what `scripts.shoot_practices --keypoints` shot with another engine.
Prints markdown tables; `--json FILE` keeps the figures.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from coach_server.inference.lifters import LoadedLifter, load_lifter
from coach_server.inference.still_frames import CELLS, LEVELS, MARGIN, MOST
from coach_server.settings import Settings
from scripts.cheaper_keypoints.films import Film, films
from scripts.cheaper_keypoints.judged import accuracy, cues_said, routine_of
from scripts.cheaper_keypoints.practised import STILL_PX
from scripts.cheaper_keypoints.practised import judge as practised_with
from scripts.cheaper_keypoints.seen import Seen, watch
from scripts.cheaper_keypoints.variants import (
    STILL,
    VARIANTS,
    camera,
    new_detector,
    of_instructor,
)
from scripts.command import run
from scripts.cue_scores.practices import practices
from scripts.cue_scores.tally import Tally

COLUMNS: Final = ("", "CPU ms", "frames looked at", "median px", "p90 px", "PCK 10 %", "found")
CUES: Final = ("cues right", "faults found", "false, minutes", "delay s")


def seen_by(variant: str, film: Film, cache: Path) -> Seen:
    """What a variant says of a film, watched now where that is not kept."""
    of_gate = f"-{MOST}-{LEVELS:g}-{CELLS}-{MARGIN:g}" if variant.endswith(STILL) else ""
    folder = cache / "studio" / "cheaper" / (variant.replace(" ", "-") + of_gate)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{film.name}.npz"
    if not path.exists():
        watch(film, new_detector(variant, cache), camera(variant)).write(path)
    return Seen.read(path)


def judge(every: list[Film], variant: str, lifter: LoadedLifter, cache: Path) -> dict[str, Any]:
    """The figures of one variant."""
    tally, looked, frames = Tally(), 0, 0
    px: list[float] = []
    costs: list[float] = []
    within = found = known = 0
    routines: dict[str, Any] = {}
    said: dict[str, int] = {}
    for film in every:
        seen = seen_by(variant if film.lead else of_instructor(variant), film, cache)
        if not film.lead:
            routines[film.name] = routine_of(seen, lifter)
            continue
        costs += seen.cost_ms.tolist()
        looked += int((~seen.repeated).sum())
        frames += len(seen.found)
        if (told := accuracy(film, seen)) is not None:
            px += told["px"]
            within, found = within + told["within"], found + told["found"]
            known += told["frames"]
        cues = cues_said(film, seen, routines[film.lead], lifter)
        said[film.name] = len(cues)
        tally.add(cues, film.faults, float(seen.time_s[-1]))
    return {
        "cpu_ms": float(np.mean(costs)),
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
    parser.add_argument("--practices", metavar="PACK", help="such as blazepose-full-val")
    parser.add_argument("--cache", type=Path, default=settings.cache)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    every = [film for film in films(given.cache) if film.name.startswith(tuple(given.only))]
    lifter = load_lifter(given.cache, settings.lifter, "cpu")
    figures = {variant: judge(every, variant, lifter, given.cache) for variant in given.variants}
    practised = {}
    if given.practices:
        found = practices(given.practices, given.cache)
        practised = {f"{px:g} px": practised_with(found, px, lifter) for px in STILL_PX}
        practised["each second frame"] = practised_with(found, 0.0, lifter, each=2)
    if given.file:
        given.file.write_text(
            json.dumps({"films": figures, "practices": practised}, indent=1) + "\n", "utf-8"
        )
    print(table(figures))
    if practised:
        print("\n" + practised_table(practised))


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


def practised_table(figures: dict[str, Any]) -> str:
    """As markdown."""
    columns = ("still up to", "left out", "found", "precision", "delay s", "false a minute")
    lines = ["| " + " | ".join(columns) + " |", "| --- " * len(columns) + "|"]
    for name, one in figures.items():
        faults, found = one["faults"], one["faults"]["recall"]["all"]
        cells = [
            name,
            f"{one['left_out']:.0%}",
            f"{found['count']} of {found['of']}",
            _cell(faults["precision"]["value"], "{:.2f}"),
            _cell(faults["delay_s"]["median"], "{:.2f}"),
            f"{one['perfect']['false_per_min']['value']:.2f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


if __name__ == "__main__":
    run(main)
