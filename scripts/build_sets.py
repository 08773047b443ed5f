"""Builds a set of films with their truth, for benchmarks: `python -m scripts.build_sets dev|val`.

The films lie in the cache (`studio/sets/NAME-SEED`), each as `studio/FORMAT.md` describes. Films
that are there are left as they are: run it again to go on. Needs the `studio` extra, libegl1 and
libgl1-mesa-dri, and for the clips the motion capture.
"""

import argparse
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from functools import cache
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Final

import cv2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from coach_server.errors import InputError
from coach_server.settings import Settings
from scripts.command import keep_children_single, run
from scripts.studio import body_data
from scripts.studio.faults import Fault
from scripts.studio.mocap import MocapFile, default_path
from scripts.studio.set_films import Plan, plan_set, shoot
from scripts.studio.sets import NUMBER_OF, Film, films_of

SEED: Final = 2026
FPS, QUICK_FPS = 15, 2
MOST_JOBS: Final = 2
POLL_S: Final = 0.5
"""How often the progress bar asks how far the processes are."""


class _Counter:
    """In a process that films: the number of frames of all processes."""

    frames: "Synchronized[int]"


def motion_capture() -> MocapFile | None:
    """The clips, None where they are not at hand."""
    try:
        return _read_clips(default_path())
    except InputError:
        return None


@cache
def _read_clips(path: Path) -> MocapFile:
    return MocapFile(path)


def folder_of(cache_folder: Path, split: str, seed: int, *, quick: bool = False) -> Path:
    """Where a set lies."""
    name = f"{split}-{seed}" + ("-quick" if quick else "")
    return cache_folder / "studio" / "sets" / name


def build(
    plan: Plan, films: list[Film], folder: Path, body_folder: Path, jobs: int
) -> Iterator[int]:
    """Make films on `jobs` processes; yields now and then how many frames there are so far."""
    keep_children_single()
    context = multiprocessing.get_context("spawn")
    frames = context.Value("q", 0)
    with ProcessPoolExecutor(jobs, context, _prepare, (frames,)) as pool:
        waiting: set[Future[None]] = {
            pool.submit(_shoot, film, plan.faults.get(film.name, ()), plan.fps, folder, body_folder)
            for film in films
        }
        while waiting:
            done, waiting = wait(waiting, POLL_S)
            for future in done:
                future.result()
            yield frames.value


def _prepare(frames: "Synchronized[int]") -> None:
    _Counter.frames = frames
    cv2.setNumThreads(1)


def _shoot(
    film: Film, faults: tuple[Fault, ...], fps: int, folder: Path, body_folder: Path
) -> None:
    def count() -> None:
        with _Counter.frames.get_lock():
            _Counter.frames.value += 1

    motions = motion_capture() if film.role == "clip" else None
    shoot(film, faults, fps, folder, body_folder, motions, count)


def show(films: list[Film], fps: int) -> None:
    """Print what would be made."""
    table = Table("film", "shows", "picture", "minutes", "frames")
    for film in films:
        picture = "16:9" if film.wide else "4:3"
        seconds = film.about_s
        table.add_row(
            film.name, film.role, picture, f"{seconds / 60:.1f}", str(round(seconds * fps))
        )
    total = sum(film.about_s for film in films)
    table.add_section()
    table.add_row(f"{len(films)} films", "", "", f"{total / 60:.1f}", str(round(total * fps)))
    Console().print(table)


def main() -> None:
    """Build what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", choices=NUMBER_OF)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, choices=range(1, MOST_JOBS + 1), default=MOST_JOBS)
    parser.add_argument("--fps", type=int, help=f"{FPS}, or {QUICK_FPS} where it is to be quick")
    parser.add_argument("--films", nargs="+", default=[""], help="only those that begin like this")
    parser.add_argument("--quick", action="store_true", help="a short film of each kind")
    parser.add_argument("--list", action="store_true", help="say what would be made")
    parser.add_argument("--cache", type=Path, default=Settings().cache)
    given = parser.parse_args()
    fps = given.fps or (QUICK_FPS if given.quick else FPS)
    all_films = films_of(given.split, given.seed, motion_capture(), quick=given.quick)
    chosen = [film for film in all_films if film.name.startswith(tuple(given.films))]
    if given.list:
        show(chosen, fps)
        return
    folder = folder_of(given.cache, given.split, given.seed, quick=given.quick)
    folder.mkdir(parents=True, exist_ok=True)
    body_folder = body_data.pull(given.cache)
    with Console().status("choosing faults"):
        plan = plan_set(given.split, given.seed, fps, all_films, folder, body_folder)
    films = [film for film in plan.missing(folder) if film in chosen]
    total = round(sum(film.about_s for film in films) * fps)
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*shown, TimeRemainingColumn(elapsed_when_finished=True)) as progress:
        task = progress.add_task(f"{len(films)} films", total=total)
        for frames in build(plan, films, folder, body_folder, given.jobs):
            progress.update(task, completed=min(frames, total))
        progress.update(task, completed=total)
    print(f"{len(all_films) - len(plan.missing(folder))} of {len(all_films)} films are in {folder}")


if __name__ == "__main__":
    run(main)
