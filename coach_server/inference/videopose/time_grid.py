"""Frames that come when they like, on the even grid of time that a network was trained on.

A network knows of time only that its columns are a thirtieth of a second apart. So time is cut into
slots of that length, counted from where a student began, and each frame goes to the slot whose
middle is nearest:

- a frame in the slot after the last one's is the next column;
- one in the same slot, as a camera of 60 frames a second brings, takes the place of the last one;
- slots that were passed over, as with 15 frames a second or where frames were dropped, are filled
  with what lies between the two frames at the slots' times;
- after more than `BRIDGE_S` without a frame, nothing is known of what was between: the student
  begins anew, as though they had kept still for ever in the pose that is seen now. So nothing of
  the past shows, and nothing is made up. The same holds where the clock goes backwards.

So an answer is always of the newest frame and never waits for another one; the columns before it
are off by half a slot at the most.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

FPS: Final = 30.0
"""Slots a second: what the training data has."""
BRIDGE_S: Final = 0.25
"""The longest time between two frames across which a body's way can be guessed."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What becomes of a frame.

    Attributes:
        begins: nothing before it counts.
        again: it takes the place of the frame before it.
        between: for each slot that was passed over, which share of the way from the frame before
            to this one its middle is.
    """

    begins: bool = False
    again: bool = False
    between: tuple[float, ...] = ()


class TimeGrid:
    """The slots of one student."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """The next frame begins."""
        self._origin = 0.0
        self._last: float | None = None
        self._slot = 0

    def place(self, t: float) -> Placement:
        """Take in the time of the next frame, in seconds."""
        last = self._last
        self._last = t
        if last is None or not 0 <= t - last <= BRIDGE_S:
            self._origin, self._slot = t, 0
            return Placement(begins=True)
        before, self._slot = self._slot, round((t - self._origin) * FPS)
        if self._slot == before:
            return Placement(again=True)
        passed = self._origin + np.arange(before + 1, self._slot) / FPS
        return Placement(between=tuple(((passed - last) / (t - last)).tolist()))
