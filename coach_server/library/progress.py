"""Several stages of work as one progress that never goes back."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from coach_server.inference.protocols import Progress

FrameProgress: TypeAlias = Callable[[int, int | None], None]
"""Called after each frame with how many are done, and how many there are where that is known."""

WHOLE: Final = 1000
"""Parts that all of the work is counted in."""


def silent(stage: str, done: int, total: int | None) -> None:
    """Tells nobody."""
    del stage, done, total


class Staged:
    """Work in stages whose shares are known beforehand.

    Args:
        progress: is told the stage, and how many parts of `WHOLE` are done over all.
        shares: of each stage in the order they come, by name; they add up to 1.
    """

    def __init__(self, progress: Progress, shares: Mapping[str, float]) -> None:
        self._progress = progress
        self._shares = shares
        self._done = 0

    def stage(self, name: str) -> FrameProgress:
        """Begin a stage; gives what to tell of how far it is.

        Where a stage does not know its end, nothing of it counts until the next one begins.
        """
        names = list(self._shares)
        before = sum(self._shares[earlier] for earlier in names[: names.index(name)])
        self._tell(name, before)

        def step(done: int, of: int | None) -> None:
            if of:
                self._tell(name, before + self._shares[name] * min(done / of, 1.0))

        return step

    def _tell(self, name: str, share: float) -> None:
        self._done = max(self._done, round(share * WHOLE))
        self._progress(name, self._done, WHOLE)
