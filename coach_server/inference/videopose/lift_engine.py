"""The lifter's network as a `BatchEngine`: frames of several students in one run.

What it keeps of each lies in the rows of `Streaming`, by slots that are lent out here. An engine
that took the place of one that hung knows nobody: the first it hears of a student begins anew.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.errors import FullError
from coach_server.inference.videopose.streams import Slots

Lifted: TypeAlias = tuple[FloatArray, FloatArray]
"""(rows, 17, 3) joints in metres, and (rows, 17, 3) one standard deviation of each coordinate."""

_RETRY_S: Final = 5


class Streaming(Protocol):
    """A network that goes from frame to frame, and keeps of many students what it needs."""

    def begin(self, slots: Slots, frames: FloatArray) -> Lifted:
        """As `step`, but as though each slot had seen nothing but its frame for ever."""

    def step(self, slots: Slots, frames: FloatArray, *, again: bool = False) -> Lifted:
        """Take in a frame of each slot; `again`: in place of the newest one."""


@dataclass(frozen=True, slots=True)
class LiftStep:
    """One frame of one student.

    Attributes:
        slots: the student's rows.
        frames: (rows, F) features.
        begins: whether nothing before it counts.
        again: whether it takes the place of the frame before.
    """

    slots: Slots
    frames: FloatArray
    begins: bool = False
    again: bool = False


class SlotPool:
    """Rows that are lent to students; for any thread.

    Args:
        capacity: how many there are.
    """

    def __init__(self, capacity: int) -> None:
        self._free = list(range(capacity))[::-1]
        self._lock = threading.Lock()

    def lend(self, count: int) -> Slots:
        """So many free rows; a student's first frame begins in them, whoever had them before.

        Raises:
            FullError: there are not so many.
        """
        with self._lock:
            if len(self._free) < count:
                raise FullError("no place at the lifter is free", retry_after_s=_RETRY_S)
            return np.array([self._free.pop() for _ in range(count)], np.intp)

    def give_back(self, slots: Slots) -> None:
        """Rows that a student needs no more."""
        with self._lock:
            self._free.extend(slots.tolist())


class LiftEngine:
    """Runs the frames of several students at once.

    Args:
        streaming: what keeps their rows.
        most: frames that a run takes.
    """

    def __init__(self, streaming: Streaming, most: int) -> None:
        self._streaming = streaming
        self._most = most
        self._known: set[int] = set()

    @property
    def most(self) -> int:
        """As `BatchEngine.most`."""
        return self._most

    def run(self, items: Sequence[LiftStep]) -> list[Lifted]:
        """As `BatchEngine.run`; what is done alike is done together."""
        for item in items:
            if item.begins:  # whoever had its rows before is known no more, whatever fails below
                self._known.difference_update(item.slots.tolist())
        answers: dict[int, Lifted] = {}
        kinds: dict[tuple[bool, bool], list[int]] = {}
        for number, item in enumerate(items):
            begins = item.begins or not self._known.issuperset(item.slots.tolist())
            kinds.setdefault((begins, item.again and not begins), []).append(number)
        for (begins, again), numbers in kinds.items():
            slots = np.concatenate([items[n].slots for n in numbers])
            frames = np.concatenate([items[n].frames for n in numbers])
            if begins:
                joints, sigma = self._streaming.begin(slots, frames)
                self._known.update(slots.tolist())
            else:
                joints, sigma = self._streaming.step(slots, frames, again=again)
            at = 0
            for n in numbers:
                rows = slice(at, at + len(items[n].slots))
                answers[n] = joints[rows], sigma[rows]
                at = rows.stop
        return [answers[number] for number in range(len(items))]
