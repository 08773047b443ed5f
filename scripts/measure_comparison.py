"""Measures how well two recorded films are compared.

    python -m scripts.measure_comparison set FOLDER      films of a set (`scripts.build_sets`)
    python -m scripts.measure_comparison pack NAME       practices filmed before, such as
                                                         blazepose-full-val

Time: how far the aligned moment is from the true one. Faults: whether joint and side of what was
put in are the first of all that stand out while it lasts. As filmed, and with the truth in place of
the detector's limbs (packs only) and of the joints, which says where it is lost; and with the true
times as well. Tracks of a set are kept in the cache, by their engines.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from rich.progress import Progress

from coach_server.inference.engines import Engines
from coach_server.inference.lifters import load_lifter
from coach_server.library.progress import FrameProgress
from scripts.command import filmed_people, run
from scripts.comparison_scores.people import WAYS, Person, of_pack, of_set
from scripts.comparison_scores.report import report
from scripts.comparison_scores.scores import PairScore, score


def main() -> None:
    """Measure and print."""
    given = filmed_people(__doc__)
    with Progress(transient=True) as bars:
        pairs = list(_pairs(given, bars))
        for way in WAYS:
            if scored := list(_scored(way, pairs, bars)):
                bars.console.print(report(way, scored), highlight=False, soft_wrap=True)
        timed = list(_scored(WAYS[0], pairs, bars, true_times=True))
        bars.console.print(report(f"{WAYS[0]}, true times", timed), highlight=False, soft_wrap=True)


def _pairs(given: argparse.Namespace, bars: Progress) -> Iterator[tuple[Person, Person]]:
    if given.what == "pack":
        yield from of_pack(
            given.source, given.cache, load_lifter(given.cache, given.lifter, "auto")
        )
        return
    engines = Engines.load(
        given.cache, keypoints=given.keypoints, lifter=given.lifter, device="auto"
    )
    marks = "-".join(mark.replace(":", "-") for mark in engines.fingerprints().values())

    def tracking(name: str) -> FrameProgress:
        bar = bars.add_task(f"tracking {name}")
        return lambda done, of: bars.update(bar, completed=done, total=of)

    kept = given.cache / "studio" / "comparison" / marks
    yield from of_set(Path(given.source), engines, kept, tracking)


def _scored(
    way: str, pairs: list[tuple[Person, Person]], bars: Progress, *, true_times: bool = False
) -> Iterator[PairScore]:
    bar = bars.add_task(f"comparing, {way}", total=len(pairs))
    for instructor, student in pairs:
        theirs, ours = instructor.track(way), student.track(way)
        if theirs is not None and ours is not None:
            yield score(instructor, student, theirs, ours, true_times=true_times)
        bars.advance(bar)
    bars.remove_task(bar)


if __name__ == "__main__":
    run(main)
