"""What moves a body through a film: a performance of a routine, or a clip of motion capture."""

from typing import Protocol

from scripts.studio.placed import Placed


class Motion(Protocol):
    """One person's way through time."""

    @property
    def end_s(self) -> float:
        """When it is over, seconds; it begins at 0."""

    def at(self, t: float) -> Placed:
        """The body at a time, seconds from the start."""
