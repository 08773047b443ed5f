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


_KEPT: Final = np.dtype(
    [
        ("slot", np.int32),
        ("excess", np.float32),
        ("angle", np.int8),
        ("degrees", np.float32),
        ("lag_s", np.float64),
        ("weight", np.float64),
        ("joints", np.float32, (len(JUDGED_JOINTS),)),
    ]
)
"""A `Row` as it is kept: of objects it would take five times the memory, for each student."""


class TimelineBuilder:
    """Collects rows, never more than `max_rows`."""

    def __init__(self, *, slot_s: float = SLOT_S, max_rows: int = MAX_ROWS) -> None:
        self.slot_s = slot_s
        self._kept = np.empty(max_rows, _KEPT)
        self._count = 0

    def add(self, t: float, row: Row) -> None:
        """Take in what began at `t`, no earlier than what was last taken in.

        What falls into the same slot becomes one row.
        """
        self._take(row, int(t // self.slot_s))

    def _take(self, row: Row, slot: int) -> None:
        last = self._row(self._count - 1) if self._count else None
        if last is not None and last.slot >= slot:
            self._put(self._count - 1, last.joined(row, last.slot))
        elif self._count < len(self._kept):
            self._put(self._count, replace(row, slot=slot))
            self._count += 1
        else:
            self._halve()
            self._take(row, slot // 2)

    def _halve(self) -> None:
        self.slot_s *= 2
        rows = [self._row(index) for index in range(self._count)]
        self._count = 0
        for row in rows:
            self._take(row, row.slot // 2)

    def _put(self, index: int, row: Row) -> None:
        self._kept[index] = (
            *(row.slot, row.excess, row.angle, row.degrees, row.lag_s, row.weight),
            row.joints,
        )

    def _row(self, index: int) -> Row:
        slot, excess, angle, degrees, lag_s, weight, joints = self._kept[index].tolist()
        return Row(slot, excess, angle, degrees, lag_s, weight, np.asarray(joints, np.float32))

    def rows(self) -> Timeline:
        """What there is."""
        kept = self._kept[: self._count]
        return Timeline(
            slot_s=self.slot_s,
            t=(kept["slot"] * self.slot_s).astype(np.float32),
            excess=kept["excess"].copy(),
            angle=kept["angle"].copy(),
            degrees=kept["degrees"].copy(),
            lag_s=kept["lag_s"].astype(np.float32),
            joints=kept["joints"].copy(),
        )
