"""The routine that is there from the first start."""

import shutil
from pathlib import Path
from typing import Final

from coach_server.library.store import RoutineLibrary
from coach_server.resources import packaged

DEMO_ID: Final = "demo"
"""Its id."""

STUDENTS: Final = ("right", "faults")
"""The rendered students who can practise it in place of a camera."""


def demo_folder() -> Path:
    """The prepared routine as the product ships it."""
    return packaged("static") / "demo" / "routine"


def install_demo(library: RoutineLibrary) -> None:
    """Put the demo routine into the library where it is not there yet.

    Raises:
        InputError: the library's folder cannot be written.
    """
    if any(meta.id == DEMO_ID for meta in library.summaries()):
        return
    with library.writing(DEMO_ID) as folder:
        for file in demo_folder().iterdir():
            shutil.copyfile(file, folder / file.name)
