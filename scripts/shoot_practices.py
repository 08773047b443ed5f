"""Shoots what the coach is judged by: `python -m scripts.shoot_practices dev|val`.

Instructors and students of a set's bodies and rooms, as the product's own detector sees them.
Practices that are there already are left as they are: run it again to go on. `--pack` packs them
for git instead, where `coach bench cues` reads them. Needs the `studio` and a runtime extra,
libegl1 and libgl1-mesa-dri.
"""

import argparse
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from coach_server.settings import Settings
from scripts.command import keep_children_single, run
from scripts.shoot_trials import product_detector
from scripts.studio import body_data
from scripts.studio.practices.practice import practices, with_faults
from scripts.studio.practices.shooting import PACKS, shoot
from scripts.studio.sets import NUMBER_OF, SetName
from scripts.studio.training import record
from scripts.studio.trials.packing import pack

MOST_JOBS: Final = 2


def _shoot(split: SetName, name: str, out: Path, cache: Path, keypoints: str) -> None:
    """Shoot one practice, unless another process has done so."""
    if (out / f"{name}.npz").exists():
        return
    body = body_data.pull(cache)
    (practice,) = (p for p in practices(split) if p.name == name)
    shot = shoot(with_faults(practice, split, body), product_detector(cache, keypoints), body)
    record.write(out / f"{name}.npz", shot)


def shoot_all(
    split: SetName, names: list[str], out: Path, jobs: int, cache: Path, keypoints: str
) -> Iterator[None]:
    """Shoot practices on `jobs` processes; yields as each is done."""
    keep_children_single()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        futures = [pool.submit(_shoot, split, name, out, cache, keypoints) for name in names]
        for done in as_completed(futures):
            yield done.result()


def main() -> None:
    """Shoot what is missing, or pack."""
    settings = Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", choices=NUMBER_OF)
    parser.add_argument("--pack", action="store_true", help="pack what was shot for git")
    parser.add_argument("--only", nargs="+", default=[""], help="practices that begin like this")
    parser.add_argument("--jobs", type=int, choices=range(1, MOST_JOBS + 1), default=MOST_JOBS)
    parser.add_argument("--keypoints", default=settings.keypoints)
    parser.add_argument("--cache", type=Path, default=settings.cache)
    given = parser.parse_args()
    out = given.cache / "studio" / "practices" / f"{given.keypoints}-{given.split}"
    out.mkdir(parents=True, exist_ok=True)
    if given.pack:
        path = pack(out, PACKS)
        print(path.name, f"{path.stat().st_size / 1e6:.1f} MB")
        return
    body_data.pull(given.cache)
    chosen = [p.name for p in practices(given.split) if p.name.startswith(tuple(given.only))]
    names = [name for name in chosen if not (out / f"{name}.npz").exists()]
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*shown, TimeRemainingColumn()) as progress:
        task = progress.add_task("practices", total=len(names))
        for _ in shoot_all(given.split, names, out, given.jobs, given.cache, given.keypoints):
            progress.update(task, advance=1)


if __name__ == "__main__":
    run(main)
