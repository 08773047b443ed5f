"""Prepare the demo routine from the rendered instructor, with the engines that serve by default.

    .venv/bin/python scripts/prepare_demo.py [--film INSTRUCTOR.mp4] [--chapters CHAPTERS.vtt]

Takes what `scripts/render_demo.py` left in the cache where nothing is named, and writes
static/demo/routine. Run it again whenever the default engines change: a routine whose engines are
not those in use is tracked anew at the first start, which costs half a minute.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from coach_server.cli.console import progress_bar
from coach_server.inference.engines import Engines
from coach_server.library.demo import DEMO_ID
from coach_server.library.prepare import prepare_routine
from coach_server.library.store import RoutineLibrary
from coach_server.resources import packaged
from coach_server.settings import Settings

TITLE = "Standing flow"


def main() -> None:
    """Prepare into a temporary library, then replace the shipped folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    settings = Settings()
    studio = settings.cache / "studio"
    parser.add_argument("--film", type=Path, default=studio / "instructor.mp4")
    parser.add_argument("--chapters", type=Path, default=studio / "chapters.vtt")
    arguments = parser.parse_args()
    with progress_bar() as progress, tempfile.TemporaryDirectory() as folder:
        engines = Engines.load(
            settings.cache,
            keypoints=settings.keypoints,
            lifter=settings.lifter,
            device="cpu",
            progress=progress,
        )
        library = RoutineLibrary(Path(folder))
        prepare_routine(
            library,
            arguments.film,
            engines,
            title=TITLE,
            chapters=arguments.chapters,
            routine_id=DEMO_ID,
            progress=progress,
        )
        shipped = packaged("static") / "demo" / "routine"
        shutil.rmtree(shipped, ignore_errors=True)
        shutil.copytree(library.open(DEMO_ID).folder, shipped)


main()
