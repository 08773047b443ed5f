"""Contact sheets, to be looked at.

    python -m scripts.studio_sheet OUT.png [POSE ...]         poses from the front, and half aside
    python -m scripts.studio_sheet OUT.png --routine NAME     a routine: holds and the ways between

Needs what `scripts/render_demo.py` needs. A quarter of a second a picture on one core.
"""

import argparse
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image, ImageDraw
from rich.progress import track

from coach_server.settings import Settings
from scripts.command import run
from scripts.studio import body_data
from scripts.studio.asanas import ASANAS
from scripts.studio.casts import CASTS
from scripts.studio.footwork import place
from scripts.studio.performance import Manner, Performance
from scripts.studio.placed import Placed
from scripts.studio.routine_files import ROUTINES, read_routine, routine_names
from scripts.studio.scene import Scene

COLUMNS: Final = 8
TILE: Final = (320, 240)
ASIDE_DEG: Final = 45.0
SHARES: Final = (0.25, 0.5, 0.75)
"""When on the way from pose to pose pictures are taken."""


class Shot(NamedTuple):
    """One picture of a sheet and what is written on it."""

    label: str
    placed: Placed


def of_poses(scene: Scene, keys: list[str]) -> list[Shot]:
    """Poses in the mat's middle."""
    return [Shot(key, place(scene.poser, ASANAS[key])) for key in keys]


def of_routine(performance: Performance) -> list[Shot]:
    """The middle of each hold and the way to the next; what comes again is left out."""
    holds = performance.held
    shots, seen = [], set()
    for i, (last, now) in enumerate(pairwise(holds)):
        way = (last.pose, now.pose, *last.placed.pelvis.round(2), *now.placed.pelvis.round(2))
        if way in seen:
            continue
        seen.add(way)
        middle = (last.span.start_s + last.span.end_s) / 2.0
        times = [(f"{last.pose} {middle:.1f} s", middle)]
        for share in SHARES:
            t = last.span.end_s + share * (now.span.start_s - last.span.end_s)
            times.append((f"to {now.pose} {t:.1f} s", t))
        shots += [Shot(f"{i}: {label}", performance.at(t)) for label, t in times]
    return shots


def sheet(scene: Scene, shots: list[Shot]) -> Image.Image:
    """Pictures in rows, each with its label."""
    rows = -(-len(shots) // COLUMNS)
    page = Image.new("RGB", (TILE[0] * COLUMNS, TILE[1] * rows))
    pen = ImageDraw.Draw(page)
    for i, shot in enumerate(track(shots, "drawing")):
        picture, _ = scene.still(shot.placed)
        corner = (i % COLUMNS * TILE[0], i // COLUMNS * TILE[1])
        page.paste(Image.fromarray(picture).resize(TILE, Image.Resampling.LANCZOS), corner)
        pen.text((corner[0] + 5, corner[1] + 3), shot.label, fill=(0, 0, 0))
    return page


def draw(given: argparse.Namespace) -> Image.Image:
    """The sheet that is asked for."""
    casting = replace(CASTS[given.cast], manner=Manner(seed=1, sway=0.0))
    pages = []
    for yaw_deg in (0.0,) if given.routine else (0.0, ASIDE_DEG):
        camera = replace(casting.camera, yaw_deg=yaw_deg + given.yaw)
        scene = Scene(replace(casting, camera=camera), body_data.pull(given.cache))
        if given.routine:
            routine = read_routine(ROUTINES / f"{given.routine}.toml")
            shots = of_routine(scene.perform(routine))
        else:
            left = [key for key in ASANAS if not key.endswith("_right")]
            shots = of_poses(scene, given.poses or left)
        pages.append(sheet(scene, shots))
        scene.close()
    page = Image.new("RGB", (pages[0].width, sum(p.height for p in pages)))
    for i, part in enumerate(pages):
        page.paste(part, (0, i * pages[0].height))
    return page


def main() -> None:
    """Draw the poses that are named, or all but the right sides of those that have two."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("poses", nargs="*", choices=[*ASANAS, []])
    parser.add_argument("--routine", choices=routine_names())
    parser.add_argument("--cast", choices=CASTS, default="instructor")
    parser.add_argument("--yaw", type=float, default=0.0, help="degrees to the person's left")
    parser.add_argument("--cache", type=Path, default=Settings().cache)
    given = parser.parse_args()
    draw(given).save(given.out)


if __name__ == "__main__":
    run(main)
