"""Turns a person on the spot, so that a camera before them sees them from any side."""

from dataclasses import dataclass, replace

from scripts.studio.motion import Motion
from scripts.studio.placed import Placed
from scripts.studio.rotations import about
from scripts.studio.stance import UP


@dataclass(frozen=True, slots=True)
class Turned:
    """A motion turned as a whole about the middle of the mat.

    Attributes:
        motion: what is done.
        heading_deg: which way it now faces, where it faced the front: 90 is the person's own left.
    """

    motion: Motion
    heading_deg: float

    @property
    def end_s(self) -> float:
        """When it is over, seconds."""
        return self.motion.end_s

    def at(self, t: float) -> Placed:
        """The body at a time, seconds from the start."""
        placed, by = self.motion.at(t), about(UP, self.heading_deg)
        return replace(
            placed,
            stance=placed.stance.turned(by),
            pelvis=by @ placed.pelvis,
            ankles=placed.ankles @ by.T,
        )
