"""Which deviations are the greatest over a stretch of time."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle
from coach_server.coaching.comparing.comparison import Comparison
from coach_server.coaching.corrections import EXPLAINED_BY
from coach_server.coaching.cues import LEAVE

JUDGED: Final = 0.3
"""An angle is told of a stretch if it could be judged for this share of it."""


class StandsOut(NamedTuple):
    """An angle over a stretch.

    Attributes:
        angle: which.
        degrees: median, student minus instructor.
        excess: median, in allowances.
    """

    angle: Angle
    degrees: float
    excess: float


def standing_out(comparison: Comparison, rows: NDArray[np.intp]) -> tuple[StandsOut, ...]:
    """The angles that were judged in some frames, the one furthest over its allowance first.

    What follows from an angle nearer the core that is itself (nearly) beyond its allowance is left
    out, as the coach would leave it unsaid.
    """
    found = {}
    for angle in Angle:
        judged = rows[comparison.judged[rows, angle]]
        if len(judged) and len(judged) >= JUDGED * len(rows):
            degrees = float(np.median(comparison.degrees[judged, angle]))
            excess = float(np.median(comparison.excess[judged, angle]))
            found[angle] = StandsOut(angle, degrees, excess)
    named = [
        one
        for angle, one in found.items()
        if not any(
            cause in found and found[cause].excess >= LEAVE for cause in EXPLAINED_BY.get(angle, ())
        )
    ]
    return tuple(sorted(named, key=lambda one: -one.excess))
