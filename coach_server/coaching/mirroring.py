"""On which side a student follows: the same, or as in a mirror; told by what they do."""

from typing import Final

from coach_server.body.keypoints import FloatArray
from coach_server.coaching.alignment import Match
from coach_server.coaching.lag import LagFilter
from coach_server.coaching.resampled import Resampled

CERTAIN: Final = 12.0
"""Log of the odds from which the other side is followed: asymmetric poses count, others do not."""

MOST: Final = 30.0
"""Log of the odds that is kept at the most: who turns round in mid-practice is followed soon."""

FORGETTING_S: Final = 60.0


class MirrorFollower:
    """Follows a student on both sides at once until it is plain which of them it is.

    Args:
        same: the routine with the student's left as the instructor's left.
        mirrored: the same as in a mirror.

    Attributes:
        mirrored: whether it is the mirror, as far as is known.
    """

    def __init__(self, same: Resampled, mirrored: Resampled) -> None:
        self._filters = (LagFilter(same), LagFilter(mirrored))
        self.mirrored = False
        self._odds = 0.0
        self._t: float | None = None

    def reset(self) -> None:
        """Forget the lag, but not the side."""
        for one in self._filters:
            one.reset()

    def step(
        self, directions: FloatArray, speed: float, t: float, player_t: float, *, still: bool
    ) -> Match | None:
        """As `LagFilter.step`, of the side that is followed; `mirrored` says which."""
        same, other = (
            one.step(directions, speed, t, player_t, still=still) for one in self._filters
        )
        passed = 0.0 if self._t is None else min(t - self._t, 1.0)
        self._t = t
        if same is not None and other is not None:
            gained = self._filters[1].evidence - self._filters[0].evidence
            faded = self._odds * (1.0 - passed / FORGETTING_S)
            self._odds = min(max(faded + gained, -MOST), MOST)
            if abs(self._odds) > CERTAIN:
                self.mirrored = self._odds > 0
        return other if self.mirrored else same
