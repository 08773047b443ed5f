"""What the maintainers' commands share: errors in one line, and processes that keep to one core."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from coach_server.errors import InputError
from coach_server.settings import Settings

SINGLE: Final = ("LP_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""What keeps a process on one core; read when the libraries are loaded."""


def run(main: Callable[[], None]) -> None:
    """Run a command to its end; what its user can mend is said in one line."""
    try:
        main()
    except InputError as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)
        sys.exit(error.exit_code)


def filmed_people(description: str | None) -> argparse.Namespace:
    """The arguments of a command that measures on a set of films, or on a pack of practices.

    Attributes of what is given: `what` (set or pack), `source`, `keypoints`, `lifter`, `cache`.
    """
    settings = Settings()
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["set", "pack"])
    parser.add_argument("source", help="folder of a set, or a pack's name")
    parser.add_argument("--keypoints", default=settings.keypoints)
    parser.add_argument("--lifter", default=settings.lifter)
    parser.add_argument("--cache", type=Path, default=settings.cache)
    return parser.parse_args()


def keep_children_single() -> None:
    """Keep each process that is started from now on to one core."""
    os.environ.update(dict.fromkeys(SINGLE, "1"))
