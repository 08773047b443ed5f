"""A routine's poster: the instructor in a pose."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from coach_server.video.still import save_still


class Stretch(Protocol):
    """From when to when, seconds."""

    @property
    def start_s(self) -> float:
        """When it begins."""

    @property
    def end_s(self) -> float:
        """When it ends."""


def save_poster(film: Path, holds: Sequence[Stretch], duration_s: float, target: Path) -> None:
    """Write a still from the middle of the second hold (the first is mostly standing at ease).

    Raises:
        MediaError: the film cannot be read, or the picture not written.
    """
    at_s = duration_s / 2
    if holds:
        hold = holds[min(1, len(holds) - 1)]
        at_s = (hold.start_s + hold.end_s) / 2
    save_still(film, at_s, target)
