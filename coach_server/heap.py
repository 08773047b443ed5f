"""Memory that was freed goes back to the system.

glibc keeps what its busiest moment took, and gives each thread a heap of its own: without this a
server of students who come and go holds half as much again as it uses, and a little more each hour.
"""

import ctypes
from collections.abc import Callable


def _found() -> Callable[[int], int] | None:
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):  # another C library
        return None
    return trim


_trim = _found()


def give_back() -> None:
    """Give freed memory back, of all threads (malloc_trim(3)); takes some milliseconds."""
    if _trim is not None:
        _trim(0)
