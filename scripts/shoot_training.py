"""Shoots the training set of the lifter: `python -m scripts.shoot_training`.

Rendered people, moved by motion capture and through asanas, as the product's own detector sees
them. Sequences that are there already are left as they are: run it again to go on. Needs the
`studio` and a runtime extra, libegl1 and libgl1-mesa-dri, and the motion capture.
"""

import argparse
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import cv2
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from coach_server.errors import InputError
from coach_server.inference.blazepose.detector import BlazePose
from coach_server.inference.engines import Engines
from coach_server.settings import Settings
from scripts.command import keep_children_single, run
from scripts.studio import body_data
from scripts.studio.mocap import MocapFile, default_path
from scripts.studio.training import record
from scripts.studio.training.shooting import shoot
from scripts.studio.training.take import Takes

SEED: Final = 2026
MOST_JOBS: Final = 2
FRAMES: Final = 160
"""In a sequence on the average: how many sequences make up a number of frames."""
SOURCES: Final = MappingProxyType({"both": (0, 1), "mocap": (0, 2), "asanas": (1, 2)})
"""The first number, and the step to the next, of the sequences of a source."""


@cache
def _stage(cache_folder: Path, keypoints: str, seed: int) -> tuple[BlazePose, MocapFile, Takes]:
    """What a process needs for all of its sequences."""
    cv2.setNumThreads(1)
    settings = Settings()
    engines = Engines.load(cache_folder, keypoints=keypoints, lifter=settings.lifter, device="cpu")
    detector = engines.new_detector()
    if not isinstance(detector, BlazePose):
        raise InputError(f"{keypoints} does not say where it looks next.", hint="Use blazepose-*.")
    file = MocapFile(default_path())
    return detector, file, Takes(seed, file)


def _shoot(number: int, out: Path, cache_folder: Path, keypoints: str, seed: int) -> int:
    """Shoot one sequence into its file; how many frames it has."""
    detector, file, takes = _stage(cache_folder, keypoints, seed)
    shot = shoot(takes.draw(number), detector, body_data.pull(cache_folder), file)
    record.write(out / f"{number:06d}.npz", shot)
    return len(shot.found)


def missing(out: Path, count: int, source: str) -> list[int]:
    """The numbers of the sequences that are not there yet."""
    begin, step = SOURCES[source]
    return [n for n in range(begin, count, step) if not (out / f"{n:06d}.npz").exists()]


def shoot_all(
    numbers: list[int], out: Path, jobs: int, cache_folder: Path, keypoints: str, seed: int
) -> Iterator[int]:
    """Shoot sequences on `jobs` processes; yields the frames of each as it is done."""
    keep_children_single()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        given = (out, cache_folder, keypoints, seed)
        for done in as_completed([pool.submit(_shoot, n, *given) for n in numbers]):
            yield done.result()


def main() -> None:
    """Shoot what is missing."""
    settings = Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=100_000 // FRAMES + 25)
    parser.add_argument("--source", choices=SOURCES, default="both")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, choices=range(1, MOST_JOBS + 1), default=MOST_JOBS)
    parser.add_argument("--keypoints", default=settings.keypoints)
    parser.add_argument("--cache", type=Path, default=settings.cache)
    given = parser.parse_args()
    body_data.pull(given.cache)
    out = given.cache / "studio" / "training" / f"{given.keypoints}-{given.seed}"
    out.mkdir(parents=True, exist_ok=True)
    numbers = missing(out, given.sequences, given.source)
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*shown, TimeRemainingColumn()) as progress:
        task = progress.add_task("sequences", total=len(numbers))
        begun, frames = time.monotonic(), 0
        args = (out, given.jobs, given.cache, given.keypoints, given.seed)
        for count in shoot_all(numbers, *args):
            frames += count
            rate = frames / (time.monotonic() - begun)
            progress.update(task, advance=1, description=f"{frames} frames, {rate:.1f} a second")


if __name__ == "__main__":
    run(main)
