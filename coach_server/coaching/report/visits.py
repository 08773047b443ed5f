"""A student in a pose: half seconds of comparison, and the visits that they make up."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from coach_server.body.keypoints import FloatArray
from coach_server.coaching.corrections import EXPLAINED_BY
from coach_server.coaching.deviation import Deviation
from coach_server.coaching.report.timeline import Row

MOMENT_S: Final = 0.5
"""Deviations are averaged over this long: one frame's slip is nobody's fault."""

LEAST_MOMENT_S: Final = 0.2
"""With less than this judged a moment tells no worst deviation."""

REACHED_S: Final = 1.0
"""Who has kept still in a pose and was judged for this long has reached it."""


def _zeros() -> FloatArray:
    return np.zeros(len(Angle), np.float32)


@dataclass(frozen=True, slots=True)
class Worst:
    """The deviation that stood out.

    Attributes:
        angle: which.
        degrees: student minus reference.
        band: what was tolerated, degrees.
    """

    angle: Angle
    degrees: float
    band: float

    @property
    def excess(self) -> float:
        """|degrees| / band."""
        return abs(self.degrees) / self.band


@dataclass(slots=True)
class Moment:
    """Up to `MOMENT_S` of frames in one pose, or in none.

    Attributes:
        t: when it began, seconds since the student's first frame.
        visit: the visit that it belongs to; None outside of poses.
        judged_s: seconds judged.
        known_s: seconds in which the lag was known.
        seconds: (17,) seconds in which each angle was judged.
        degrees, band: (17,) sums over those seconds.
        lag: sum over `known_s`.
    """

    t: float
    visit: "Visit | None"
    judged_s: float = 0.0
    known_s: float = 0.0
    lag: float = 0.0
    seconds: FloatArray = field(default_factory=_zeros)
    degrees: FloatArray = field(default_factory=_zeros)
    band: FloatArray = field(default_factory=_zeros)

    def add(self, passed_s: float, lag_s: float | None, measured: Deviation | None) -> None:
        """Take in a frame that stands for `passed_s`."""
        if lag_s is not None:
            self.known_s += passed_s
            self.lag += passed_s * lag_s
        if measured is None:
            return
        self.judged_s += passed_s
        share = np.where(measured.judged, np.float32(passed_s), np.float32(0.0))
        self.seconds += share
        self.degrees += share * np.where(measured.judged, measured.degrees, 0.0)
        self.band += share * np.where(measured.judged, measured.band, 0.0)

    def means(self) -> tuple[FloatArray, FloatArray]:
        """(17,) mean degrees and mean bands; where nothing was judged 0 and 1."""
        seen = self.seconds > 0
        over = np.where(seen, self.seconds, np.float32(1.0))
        band = np.where(seen, self.band / over, np.float32(1.0))
        return np.asarray(self.degrees / over), np.asarray(band, np.float32)

    def worst(self) -> Worst | None:
        """What stood out; what another deviation explains does not. None where too short."""
        if self.judged_s < LEAST_MOMENT_S or not self.seconds.any():
            return None
        degrees, band = self.means()
        excess = np.abs(degrees) / band
        for angle, causes in EXPLAINED_BY.items():
            if any(excess[cause] >= 1.0 for cause in causes):
                excess[angle] = 0.0
        angle = Angle(int(excess.argmax()))
        return Worst(angle, float(degrees[angle]), float(band[angle]))

    def row(self) -> Row | None:
        """The moment in the timeline; None where nothing is known of it."""
        worst = self.worst()
        if worst is None and self.known_s == 0:
            return None
        lag_s = self.lag / self.known_s if self.known_s > 0 else float("nan")
        if worst is None:
            return Row(lag_s=lag_s, weight=self.known_s)
        return Row(
            excess=worst.excess,
            angle=int(worst.angle),
            degrees=worst.degrees,
            lag_s=lag_s,
            weight=self.known_s,
        )


@dataclass(slots=True)
class Visit:
    """One stay in a pose.

    Attributes:
        hold: index of the hold.
        began_t: first judged frame, seconds since the student's first frame.
        routine_t: the same on the routine's clock; None where that is not known.
        last_t: last one.
        judged_s: seconds judged.
        within_s: seconds of moments in which nothing was beyond its band.
        counted_s: seconds of all moments that tell a worst deviation.
        excess: sum of their greatest |degrees| / band over `counted_s`.
        worst: of all moments.
        lag, known_s: sum of the lag over the seconds in which it was known.
        seconds: (17,) seconds in which each angle was judged.
        beyond: (17,) sum over those of how many degrees it was beyond its band.
        raised, mended: cues.
    """

    hold: int
    began_t: float
    routine_t: float | None
    last_t: float
    judged_s: float = 0.0
    within_s: float = 0.0
    counted_s: float = 0.0
    excess: float = 0.0
    worst: Worst | None = None
    lag: float = 0.0
    known_s: float = 0.0
    seconds: FloatArray = field(default_factory=_zeros)
    beyond: FloatArray = field(default_factory=_zeros)
    raised: int = 0
    mended: int = 0

    @property
    def reached(self) -> bool:
        """Whether the pose was held and judged long enough."""
        return self.judged_s >= REACHED_S

    def take(self, moment: Moment) -> None:
        """Take in a moment of this visit that is over."""
        self.lag += moment.lag
        self.known_s += moment.known_s
        degrees, band = moment.means()
        self.seconds += moment.seconds
        self.beyond += moment.seconds * np.maximum(np.abs(degrees) - band, 0.0)
        worst = moment.worst()
        if worst is None:
            return
        self.counted_s += moment.judged_s
        self.excess += moment.judged_s * worst.excess
        if worst.excess < 1.0:
            self.within_s += moment.judged_s
        if self.worst is None or worst.excess > self.worst.excess:
            self.worst = worst
