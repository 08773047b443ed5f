"""Shoots what lifters are judged by: `python -m scripts.shoot_trials dev|val`.

People of a set's bodies and rooms as the product's own detector sees them. Trials that are there
already are left as they are: run it again to go on. `--pack` packs them for git instead, where
`coach bench lifter` reads them. Needs the `studio` and a runtime extra, libegl1, libgl1-mesa-dri.
"""

import argparse
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Final

import cv2
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from coach_server.errors import InputError
from coach_server.inference.blazepose.detector import BlazePose
from coach_server.inference.engines import Engines
from coach_server.settings import Settings
from scripts.command import keep_children_single, run
from scripts.studio import body_data
from scripts.studio.sets import NUMBER_OF, SetName
from scripts.studio.training import record
from scripts.studio.trials.packing import pack
from scripts.studio.trials.shooting import shoot_fault, shoot_routine
from scripts.studio.trials.trial import (
    FAULTS_OF,
    can_be_done,
    fault_trial,
    routine_trials,
    still_trials,
)

MOST_JOBS: Final = 2


@cache
def product_detector(cache_folder: Path, keypoints: str) -> BlazePose:
    """What a process looks with."""
    cv2.setNumThreads(1)
    lifter = Settings().lifter
    engines = Engines.load(cache_folder, keypoints=keypoints, lifter=lifter, device="cpu")
    detector = engines.new_detector()
    if not isinstance(detector, BlazePose):
        raise InputError(f"{keypoints} does not say where it looks next.", hint="Use blazepose-*.")
    return detector


def _shoot(split: SetName, name: str, number: int, out: Path, cache: Path, keypoints: str) -> str:
    """Shoot one trial; says why where it cannot be."""
    detector, body = product_detector(cache, keypoints), body_data.pull(cache)
    done = [*routine_trials(split), *still_trials(split)]
    if not name.startswith("fault"):
        shots = shoot_routine(done[number], detector, body)
    else:
        try:
            trial = fault_trial(split, number, body)
        except InputError as error:
            return f"{name}: {error.message}"
        if not can_be_done(trial, body):
            return f"{name}: the instructor cannot do {trial.pose}."
        shots = shoot_fault(trial, detector, body)
    for file, shot in shots:
        if not (path := out / f"{file}.npz").exists():
            record.write(path, shot)
    (out / f"{name}.done").touch()
    return ""


def missing(split: SetName, out: Path, only: tuple[str, ...]) -> list[tuple[str, int]]:
    """Names and numbers of the trials that are not there yet, of those that begin like `only`."""
    done = [*routine_trials(split), *still_trials(split)]
    trials = [(f"fault-{i:03d}", i) for i in range(FAULTS_OF[split])]
    trials += [(trial.name, i) for i, trial in enumerate(done)]
    left = [(name, i) for name, i in trials if not (out / f"{name}.done").exists()]
    return [(name, i) for name, i in left if name.startswith(only)]


def shoot_all(
    split: SetName,
    trials: list[tuple[str, int]],
    out: Path,
    jobs: int,
    cache: Path,
    keypoints: str,
) -> Iterator[str]:
    """Shoot trials on `jobs` processes; yields what is to be said of each as it is done."""
    keep_children_single()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        given = (out, cache, keypoints)
        futures = [pool.submit(_shoot, split, name, i, *given) for name, i in trials]
        for done in as_completed(futures):
            yield done.result()


def main() -> None:
    """Shoot what is missing, or pack."""
    settings = Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", choices=NUMBER_OF)
    parser.add_argument("--pack", action="store_true", help="pack what was shot for git")
    parser.add_argument("--only", nargs="+", default=[""], help="trials that begin like this")
    parser.add_argument("--jobs", type=int, choices=range(1, MOST_JOBS + 1), default=MOST_JOBS)
    parser.add_argument("--keypoints", default=settings.keypoints)
    parser.add_argument("--cache", type=Path, default=settings.cache)
    given = parser.parse_args()
    out = given.cache / "studio" / "trials" / f"{given.keypoints}-{given.split}"
    out.mkdir(parents=True, exist_ok=True)
    if given.pack:
        path = pack(out)
        print(path.name, f"{path.stat().st_size / 1e6:.1f} MB")
        return
    body_data.pull(given.cache)
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*shown, TimeRemainingColumn()) as progress:
        trials = missing(given.split, out, tuple(given.only))
        task = progress.add_task("trials", total=len(trials))
        args = (out, given.jobs, given.cache, given.keypoints)
        for said in shoot_all(given.split, trials, *args):
            progress.update(task, advance=1)
            if said:
                progress.console.print(said)


if __name__ == "__main__":
    run(main)
