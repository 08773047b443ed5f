"""Renders the demo films and their truth into `static/demo/`.

The instructor and the chapters go to the cache, from where `scripts/prepare_demo.py` makes the
routine. Run from the repository's root: `python -m scripts.render_demo`. Needs the `studio` and a
runtime extra, and on Debian and Ubuntu the packages libegl1 and libgl1-mesa-dri. About five minutes
a film on one core.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.progress import track

from coach_server.settings import Settings
from scripts.command import run
from scripts.studio import body_data
from scripts.studio.casts import CASTS
from scripts.studio.film import FilmWriter
from scripts.studio.routine import DEMO
from scripts.studio.scene import Scene
from scripts.studio.truth import film_truth, tracks

FPS: Final = 30
CRF: Final = 22
TAIL_S: Final = 0.5
"""A film goes on for so long after the last pose."""
INSTRUCTOR: Final = "instructor"
OUT: Final = Path(__file__).parents[1] / "static" / "demo"


def studio(cache: Path) -> Path:
    """What the studio keeps between its runs."""
    return cache / "studio"


def render(name: str, out: Path, cache: Path) -> dict[str, Any]:
    """Render one film; its joints go to the cache, its holds and faults are returned."""
    casting = CASTS[name]
    folder = studio(cache) if name == INSTRUCTOR else out
    scene = Scene(casting, body_data.pull(cache))
    performance = scene.perform(DEMO)
    duration = performance.end_s + TAIL_S
    size = (casting.camera.width, casting.camera.height)
    frames = []
    with FilmWriter(folder / f"{name}.mp4", size, FPS, CRF) as film:
        shots = scene.frames(performance, FPS, duration)
        for picture, truth in track(shots, name, total=round(duration * FPS)):
            film.write(picture)
            frames.append(truth)
    scene.close()
    known_frames = tracks(frames, FPS, casting.camera)
    np.savez_compressed(studio(cache) / f"{name}.npz", allow_pickle=False, **known_frames)
    known = film_truth(performance, DEMO, casting.camera)
    return {**known, "frames": len(frames), "fps": FPS}


def main() -> None:
    """Render all films, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", nargs="*", choices=[*CASTS, []], help="all where none is named")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--cache", type=Path, default=Settings().cache)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    path = given.out / "truth.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    for name in given.films or CASTS:
        known[name] = render(name, given.out, given.cache)
        path.write_text(json.dumps(known, indent=1) + "\n")
    (studio(given.cache) / "chapters.vtt").write_text(DEMO.chapters())


if __name__ == "__main__":
    run(main)
