"""Measures how well the holds of instructors are found.

    python -m scripts.measure_holds set FOLDER      films of a set (`scripts.build_sets`)
    python -m scripts.measure_holds pack NAME       practices filmed before, such as
                                                    blazepose-full-val

A hold is found where both its ends are within `WITHIN_S` of the true ones; F1 of all. As filmed,
and with the true joints (and the pictures of them where there is a pack), which says whether it is
lost in seeing or in telling. The figure stays in its last pose to the end of a film, and so does
that hold. Tracks of a set are kept in the cache, by their engines.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from rich.progress import Progress, TaskID

from coach_server.coaching.holds import Hold, find_holds
from coach_server.coaching.track import Track
from coach_server.inference.engines import Engines
from coach_server.inference.lifters import load_lifter
from coach_server.library.track_file import load_track, save_track
from coach_server.library.tracking import track_film
from scripts.command import filmed_people, run
from scripts.cue_scores.films import EXACT_M, PLAIN, TRUE_JOINTS, Way, routine_of
from scripts.cue_scores.practices import INSTRUCTOR, practices
from scripts.studio import truth_file

WITHIN_S: Final = 0.4


@dataclass(frozen=True, slots=True)
class Instructor:
    """One film: its true holds, and its track in each way of seeing it."""

    name: str
    holds: tuple[Hold, ...]
    tracks: dict[str, Track]


@dataclass(frozen=True, slots=True)
class Tally:
    """Holds that are found with both ends, that were said to be there, and that are there."""

    right: int = 0
    said: int = 0
    true: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.right + other.right, self.said + other.said, self.true + other.true)

    def __str__(self) -> str:
        f1 = 2 * self.right / max(self.said + self.true, 1)
        return f"F1 {f1:.3f} ({self.right} of {self.true}, {self.said} said)"


def main() -> None:
    """Measure and print."""
    given = filmed_people(__doc__)
    tallies: dict[str, Tally] = {}
    with Progress(transient=True) as bars:
        for one in _of_pack(given) if given.what == "pack" else _of_set(given, bars):
            for way, track in one.tracks.items():
                tally = tallied(find_holds(track), one.holds)
                tallies[way] = tallies.get(way, Tally()) + tally
                bars.console.print(f"{one.name:32} {way:12} {tally}", highlight=False)
        for way, tally in tallies.items():
            bars.console.print(f"{'all':32} {way:12} {tally}", highlight=False)


def tallied(said: tuple[Hold, ...], true: tuple[Hold, ...]) -> Tally:
    """How many of the true holds were found; each that was said counts for one."""
    left = list(said)
    right = 0
    for hold in true:
        found = next((one for one in left if _is_same(one, hold)), None)
        if found is not None:
            left.remove(found)
            right += 1
    return Tally(right, len(said), len(true))


def _is_same(one: Hold, other: Hold) -> bool:
    return abs(one.start_s - other.start_s) <= WITHIN_S and abs(one.end_s - other.end_s) <= WITHIN_S


def _of_set(given: argparse.Namespace, bars: Progress) -> Iterator[Instructor]:
    engines = Engines.load(
        given.cache, keypoints=given.keypoints, lifter=given.lifter, device="auto"
    )
    marks = "-".join(mark.replace(":", "-") for mark in engines.fingerprints().values())
    kept = given.cache / "studio" / "comparison" / marks
    for path in sorted(Path(given.source).glob(f"*.{INSTRUCTOR}.json")):
        truth = truth_file.read(path)
        tracked = kept / f"{truth.name}.npz"
        if not tracked.exists():
            kept.mkdir(parents=True, exist_ok=True)
            bar = bars.add_task(f"tracking {truth.name}", total=len(truth.tracks.time_s))
            track = track_film(
                path.with_suffix(".mp4"),
                engines.new_detector(),
                engines.new_lifter(),
                partial(_advance, bars, bar),
            )
            save_track(track, tracked)
        seen = load_track(tracked)
        holds = [Hold(hold.start, hold.end) for hold in truth.holds]
        joints = truth.tracks.camera - truth.tracks.camera[:, :1]
        exact = replace(
            seen,
            joints=np.asarray(joints, np.float32),
            joints_sigma=np.full_like(seen.joints, EXACT_M),
        )
        yield Instructor(truth.name, _to_the_end(holds, seen), {PLAIN: seen, TRUE_JOINTS: exact})


def _advance(bars: Progress, bar: TaskID, done: int, _of: int | None) -> None:
    bars.update(bar, completed=done)


def _of_pack(given: argparse.Namespace) -> Iterator[Instructor]:
    lifter = load_lifter(given.cache, given.lifter, "auto")
    for practice in practices(given.source, given.cache):
        if practice.role == INSTRUCTOR:
            tracks = {
                way: routine_of(Way(way, lifter), practice).track for way in (PLAIN, TRUE_JOINTS)
            }
            holds = [Hold(hold["start"], hold["end"]) for hold in practice.truth["holds"]]
            yield Instructor(practice.name, _to_the_end(holds, tracks[PLAIN]), tracks)


def _to_the_end(holds: list[Hold], track: Track) -> tuple[Hold, ...]:
    last = float(track.time_s[-1])
    return (*holds[:-1], Hold(holds[-1].start_s, max(holds[-1].end_s, last)))


if __name__ == "__main__":
    run(main)
