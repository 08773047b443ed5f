"""Measures how well the product's detector sees the studio's people.

    python -m scripts.measure_keypoints stills        stills of all poses, from three sides
    python -m scripts.measure_keypoints films FOLDER  the films of a set, as build_sets makes them
    python -m scripts.measure_keypoints time          what one film takes, on one core
    python -m scripts.measure_keypoints report        the tables of all that; --out FILE keeps them

What the detector said is kept in the cache (`studio/keypoints/ENGINE`) and not asked again: run it
again to go on, and delete that folder where the studio or a film is another than it was. Stills
that fail lie there as pictures, with the truth and the answer drawn in. Needs the `studio` and a
runtime extra, libegl1 and libgl1-mesa-dri.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Final

from PIL import Image
from rich.progress import track

from coach_server.inference.engines import Engines
from coach_server.settings import Settings
from scripts.command import run
from scripts.keypoint_scores import films, report, sightings, stills
from scripts.keypoint_scores.drawing import drawn
from scripts.keypoint_scores.scores import score
from scripts.keypoint_scores.sightings import Sightings, joined
from scripts.keypoint_scores.timing import time_film
from scripts.studio import body_data, truth_file
from scripts.studio.sets import films_of

SEED: Final = 2026
FPS: Final = 15
RIGHT: Final = ".right"
"""How the names of those films of a set end in which someone follows a routine well."""
TIMED: Final = "standing_flow.instructor"
"""A routine of more than three minutes, 640x480."""


class Measuring:
    """One engine's answers, and where they are kept.

    Args:
        cache: folder of models, body data and answers.
        keypoints: the engine.
    """

    def __init__(self, cache: Path, keypoints: str) -> None:
        lifter = Settings().lifter
        self._cache = cache
        self._engines = Engines.load(cache, keypoints=keypoints, lifter=lifter, device="cpu")
        self._engine = self._engines.fingerprints()["keypoints"]
        self._folder = cache / "studio" / "keypoints" / self._engine.replace(":", "-")
        self._failing = self._folder / "failing"
        self._failing.mkdir(parents=True, exist_ok=True)

    def look_at_stills(self) -> None:
        """Take the stills of every body whose answers are not kept yet, and look at them."""
        body_folder = body_data.pull(self._cache)
        for body in range(stills.BODIES):
            path = self._folder / f"stills-{body}.npz"
            if not path.exists():
                of_body = [still for still in stills.all_stills() if still.body == body]
                shots = stills.take(of_body, body, body_folder)
                shown = track(shots, f"body {body + 1} of {stills.BODIES}", len(of_body))
                sightings.write(path, joined([self._look(shot) for shot in shown]))

    def watch_films(self, folder: Path) -> None:
        """Watch those films of a set that are right, if their answers are not kept yet."""
        for path in sorted(folder.glob(f"*{RIGHT}.json")):
            kept = self._folder / f"film-{path.stem.removesuffix(RIGHT)}.npz"
            if not kept.exists():
                truth = truth_file.read(path)
                frames = films.pictures(path.with_suffix(".mp4"))
                shown = track(frames, truth.name, len(truth.tracks.time_s))
                sightings.write(kept, films.watch(truth, shown, self._engines))

    def time_film(self) -> None:
        """Shoot a film to see how long that takes on one core."""
        os.environ["LP_NUM_THREADS"] = "1"  # read when the renderer is made
        film = next(film for film in films_of("dev", SEED, None) if film.name == TIMED)
        timed = time_film(film, FPS, body_data.pull(self._cache))
        (self._folder / "time.json").write_text(json.dumps(timed, indent=1) + "\n", "utf-8")

    def report(self) -> str:
        """The tables of what has been measured; the figures go beside the answers as JSON."""
        measured: dict[str, Sightings] = {}
        told = [report.introduction(self._engine)]
        if taken := self._kept("stills-"):
            measured["stills"] = joined(list(taken.values()))
            told.append(report.stills_section(measured["stills"], report.reasons("stills")))
        if watched := self._kept("film-"):
            measured["films"] = joined(list(watched.values()))
            told.append(report.films_section(watched, report.reasons("films")))
        if (timed := self._folder / "time.json").exists():
            told.append(report.time_section(json.loads(timed.read_text("utf-8"))))
        results = json.dumps(report.figures(measured), indent=1) + "\n"
        (self._folder / "results.json").write_text(results, "utf-8")
        return "\n".join(told)

    def _look(self, shot: stills.Shot) -> Sightings:
        seen = stills.look(shot, self._engines.new_detector())
        if report.fails(score(seen)):
            answer = seen.detected[0] if seen.found[0] else None
            picture = Image.fromarray(drawn(shot.picture, shot.keypoints, answer))
            picture.save(self._failing / f"{shot.still.pose}_{shot.still.number}.png")
        return seen

    def _kept(self, prefix: str) -> dict[str, Sightings]:
        """What follows the prefix in a file's name -> the answers in it."""
        paths = sorted(self._folder.glob(f"{prefix}*.npz"))
        return {path.stem.removeprefix(prefix): sightings.read(path) for path in paths}


def main() -> None:
    """Measure, or tell what was measured."""
    settings = Settings()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["stills", "films", "time", "report"])
    parser.add_argument("folder", nargs="?", type=Path, help="of the set, for films")
    parser.add_argument("--out", type=Path, help="where the report goes; else it is printed")
    parser.add_argument("--keypoints", default=settings.keypoints)
    parser.add_argument("--cache", type=Path, default=settings.cache)
    given = parser.parse_args()
    if (given.what == "films") != (given.folder is not None):
        parser.error("films need the folder of their set, and nothing else does")
    measuring = Measuring(given.cache, given.keypoints)
    if given.what == "stills":
        measuring.look_at_stills()
    elif given.what == "films":
        measuring.watch_films(given.folder)
    elif given.what == "time":
        measuring.time_film()
    elif given.out:
        given.out.write_text(measuring.report(), "utf-8")
    else:
        print(measuring.report())


if __name__ == "__main__":
    run(main)
