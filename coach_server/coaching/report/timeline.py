"""How far off a student was over the time of a practice, in bounded memory."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.coaching.corrections import JUDGED_JOINTS

SLOT_S: Final = 0.5
"""A row of the timeline stands for this long, until there are too many."""

MAX_ROWS: Final = 2000
"""Then slots are made twice as long and rows that fall into the same one become one."""


def unknown_joints() -> FloatArray:
    """(10,) a row in which no joint was judged."""
    return np.full(len(JUDGED_JOINTS), np.nan, np.float32)


@dataclass(frozen=True, slots=True)
class Row:
    """One slot.

    Attributes:
        slot: its number: it begins at `slot` times the slots' length.
        excess: the greatest |degrees| / band of all angles; NaN where nothing was judged.
        angle: column of that angle, -1 where nothing was judged.
        degrees: that angle's deviation, student minus reference; NaN where nothing was judged.
        lag_s: the mean lag; NaN where it was not known.
        weight: seconds behind `lag_s`.
        joints: (10,) the greatest |degrees| / band of the angles of each of `JUDGED_JOINTS`; NaN
            where it was not judged.
    """

    slot: int = 0
    excess: float = float("nan")
    angle: int = -1
    degrees: float = float("nan")
    lag_s: float = float("nan")
    weight: float = 0.0
    joints: FloatArray = field(default_factory=unknown_joints, compare=False)

    def joined(self, other: "Row", slot: int) -> "Row":
        """Both as one row: the worse deviation, the mean lag."""
        worse = self if not other.excess > self.excess and self.angle >= 0 else other
        weight = self.weight + other.weight
        lags = [row.lag_s * row.weight for row in (self, other) if row.weight > 0]
        lag_s = sum(lags) / weight if weight > 0 else float("nan")
        joints = np.fmax(self.joints, other.joints)
        return Row(slot, worse.excess, worse.angle, worse.degrees, lag_s, weight, joints)


@dataclass(frozen=True, slots=True)
class Timeline:
    """R rows in order; slots of which nothing is known are left out.

    Attributes:
        slot_s: how long a row stands for.
        t: (R,) seconds since the student's first frame, at which the rows begin.
        excess: (R,) the greatest |degrees| / band; NaN where nothing was judged.
        angle: (R,) column of that angle (`body.angles.Angle`), -1 where nothing was judged.
        degrees: (R,) that angle's deviation, student minus reference.
        lag_s: (R,) seconds; NaN where it was not known.
        joints: (R, 10) the same as `excess` of each of `JUDGED_JOINTS`, whether or not another
            joint explains it; NaN where it was not judged.
    """

    slot_s: float
    t: NDArray[np.float32]
    excess: NDArray[np.float32]
    angle: NDArray[np.int8]
    degrees: NDArray[np.float32]
    lag_s: NDArray[np.float32]
    joints: NDArray[np.float32]


class TimelineBuilder:
    """Collects rows, never more than `max_rows`."""

    def __init__(self, *, slot_s: float = SLOT_S, max_rows: int = MAX_ROWS) -> None:
        self.slot_s = slot_s
        self._max_rows = max_rows
        self._rows: list[Row] = []

    def add(self, t: float, row: Row) -> None:
        """Take in what began at `t`, no earlier than what was last taken in.

        What falls into the same slot becomes one row.
        """
        slot = int(t // self.slot_s)
        if self._rows and self._rows[-1].slot >= slot:
            last = self._rows.pop()
            self._rows.append(last.joined(row, last.slot))
        else:
            self._rows.append(replace(row, slot=slot))
        while len(self._rows) > self._max_rows:
            self._halve()

    def _halve(self) -> None:
        self.slot_s *= 2
        rows, self._rows = self._rows, []
        for row in rows:
            slot = row.slot // 2
            if self._rows and self._rows[-1].slot == slot:
                self._rows[-1] = self._rows[-1].joined(row, slot)
            else:
                self._rows.append(replace(row, slot=slot))

    def rows(self) -> Timeline:
        """What there is."""
        rows = self._rows
        return Timeline(
            slot_s=self.slot_s,
            t=np.array([row.slot * self.slot_s for row in rows], np.float32),
            excess=np.array([row.excess for row in rows], np.float32),
            angle=np.array([row.angle for row in rows], np.int8),
            degrees=np.array([row.degrees for row in rows], np.float32),
            lag_s=np.array([row.lag_s for row in rows], np.float32),
            joints=np.array([row.joints for row in rows], np.float32).reshape(
                len(rows), len(JUDGED_JOINTS)
            ),
        )
