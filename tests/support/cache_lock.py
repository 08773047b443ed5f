"""One process at a time fills the user's cache, where several run tests at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from coach_server.settings import Settings


@contextmanager
def filling_the_cache() -> Iterator[None]:
    """Waits until no other process is in such a block; what it has fetched is there then."""
    cache = Settings().cache
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "tests.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go of with the file
        yield
