"""Whether one side of the body lags behind the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from coach_server.coaching.report.names import PAIRS
from coach_server.coaching.report.visits import LEAST_MOMENT_S, Visit

FEWEST_POSES: Final = 3
"""In fewer poses a difference is chance."""

MARGIN_DEG: Final = 3.0
"""A smaller difference, on average, nobody sees."""

TELLS_DEG: Final = 2.0
"""A pose in which the sides differ by this speaks for one of them."""

OUTVOTED: Final = 3.0
"""So many times as many poses must speak for a side as speak against it."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The two of a pair of angles against each other.

    Attributes:
        left: the left one of the two.
        left_deg, right_deg: how far each was beyond its band, degrees, the mean over the poses.
        poses: in how many both were judged.
        is_real: whether the difference is more than chance.
    """

    left: Angle
    left_deg: float
    right_deg: float
    poses: int
    is_real: bool

    @property
    def difference_deg(self) -> float:
        """Left minus right: positive where the left side was worse."""
        return self.left_deg - self.right_deg

    @property
    def worse(self) -> Angle:
        """The one of the two that was further off."""
        return self.left if self.difference_deg > 0 else Angle(self.left + 1)

    def as_dict(self) -> dict[str, object]:
        """As JSON holds it."""
        return {
            "joints": PAIRS[self.left],
            "left_deg": round(self.left_deg, 1),
            "right_deg": round(self.right_deg, 1),
            "left_minus_right_deg": round(self.difference_deg, 1),
            "poses": self.poses,
            "real": self.is_real,
        }


def balance(visits: Sequence[Visit]) -> tuple[Balance, ...]:
    """Every pair that was judged on both sides, over visits to poses that were reached."""
    if not visits:
        return ()
    seconds = np.array([visit.seconds for visit in visits])
    beyond = np.array([visit.beyond for visit in visits]) / np.maximum(seconds, 1e-6)
    judged = seconds >= LEAST_MOMENT_S
    found = []
    for left in PAIRS:
        both = judged[:, left] & judged[:, left + 1]
        poses = int(both.sum())
        if poses == 0:
            continue
        sides = beyond[both][:, [left, left + 1]]
        difference = sides[:, 0] - sides[:, 1]
        mean = float(difference.mean())
        votes = np.sign(mean) * difference
        speak = int((votes >= TELLS_DEG).sum())
        against = int((votes <= -TELLS_DEG).sum())
        found.append(
            Balance(
                left=left,
                left_deg=float(sides[:, 0].mean()),
                right_deg=float(sides[:, 1].mean()),
                poses=poses,
                is_real=abs(mean) >= MARGIN_DEG and speak >= max(FEWEST_POSES, OUTVOTED * against),
            )
        )
    return tuple(found)
