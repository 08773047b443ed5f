"""What the maintainers' commands share: errors in one line, and processes that keep to one core."""

import os
import sys
from collections.abc import Callable
from typing import Final

from coach_server.errors import InputError

SINGLE: Final = ("LP_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""What keeps a process on one core; read when the libraries are loaded."""


def run(main: Callable[[], None]) -> None:
    """Run a command to its end; what its user can mend is said in one line."""
    try:
        main()
    except InputError as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)
        sys.exit(error.exit_code)


def keep_children_single() -> None:
    """Keep each process that is started from now on to one core."""
    os.environ.update(dict.fromkeys(SINGLE, "1"))
