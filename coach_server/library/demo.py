"""The routine that is there from the first start."""

import shutil
from pathlib import Path
from typing import Final

from coach_server.errors import InputError
from coach_server.library.store import RoutineLibrary, StoredRoutine
from coach_server.resources import packaged

DEMO_ID: Final = "demo"
"""Its id."""

STUDENTS: Final = ("right", "faults")
"""The rendered students who can practise it in place of a camera."""


def demo_folder() -> Path:
    """The prepared routine as the product ships it."""
    return packaged("static") / "demo" / "routine"


def install_demo(library: RoutineLibrary) -> None:
    """Put the demo routine into the library, where it is not there yet or is an older one.

    Raises:
        InputError: the library's folder cannot be written.
    """
    library.recover()
    if _is_current(library):
        return
    with library.writing(DEMO_ID) as folder:
        for file in demo_folder().iterdir():
            shutil.copyfile(file, folder / file.name)


def _is_current(library: RoutineLibrary) -> bool:
    """Whether the library's demo is the shipped one, whatever people have made of it since."""
    try:
        installed = library.open(DEMO_ID)
    except InputError:
        return False
    shipped = StoredRoutine(demo_folder())
    return installed.video.is_file() and installed.meta.created_at == shipped.meta.created_at
