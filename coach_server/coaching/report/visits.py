"""A student in a pose: half seconds of comparison, and the visits that they make up."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import JOINTS
from coach_server.coaching.corrections import EXPLAINED_BY, JOINT_OF, JUDGED_JOINTS
from coach_server.coaching.deviation import Deviation
from coach_server.coaching.report.timeline import Row

MOMENT_S: Final = 0.5
"""Deviations are averaged over this long: one frame's slip is nobody's fault."""

LEAST_MOMENT_S: Final = 0.2
"""With less than this judged a moment tells no worst deviation."""

REACHED_S: Final = 1.0
"""Who has kept still in a pose and was judged for this long has reached it."""


_OF_JOINT: Final = np.array(
    [[JOINT_OF[angle] == joint for angle in Angle] for joint in JUDGED_JOINTS]
)
"""(10, 17) which angles are a joint's."""


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


@dataclass(frozen=True, slots=True)
class Seen:
    """A judged frame beside its deviations.

    Attributes:
        routine_t: the matched instructor time; None where that is not known.
        joints: (17, 3) the student's; None where they are not known.
        mirrored: whether the student follows as in a mirror.
    """

    routine_t: float | None = None
    joints: FloatArray | None = None
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Shot:
    """The student in a moment.

    Attributes:
        t: when it began, seconds since the student's first frame.
        routine_t: the matched instructor time; None where that is not known.
        joints: (17, 3) H36M-17 metres, camera axes, the mean of its judged frames.
        mirrored: whether the student followed as in a mirror.
        off: names of the joints that were beyond their bands, the worst first; those that others
            explain are left out.
    """

    t: float
    routine_t: float | None
    joints: FloatArray
    mirrored: bool
    off: tuple[str, ...]


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
        posed_s: seconds in which the joints were known.
        joints: (17, 3) sums over those.
        seen: the last judged frame.
    """

    t: float
    visit: "Visit | None"
    judged_s: float = 0.0
    known_s: float = 0.0
    lag: float = 0.0
    seconds: FloatArray = field(default_factory=_zeros)
    degrees: FloatArray = field(default_factory=_zeros)
    band: FloatArray = field(default_factory=_zeros)
    posed_s: float = 0.0
    joints: FloatArray = field(default_factory=lambda: np.zeros((JOINTS, 3), np.float32))
    seen: Seen | None = None

    def add(
        self,
        passed_s: float,
        lag_s: float | None,
        measured: Deviation | None,
        seen: Seen | None = None,
    ) -> None:
        """Take in a frame that stands for `passed_s`."""
        if lag_s is not None:
            self.known_s += passed_s
            self.lag += passed_s * lag_s
        if measured is None:
            return
        self.judged_s += passed_s
        if seen is not None:
            self.seen = seen
            if seen.joints is not None:
                self.posed_s += passed_s
                self.joints += np.float32(passed_s) * seen.joints
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
        angle = Angle(int(self._unexplained().argmax()))
        return Worst(angle, float(degrees[angle]), float(band[angle]))

    def by_joint(self) -> FloatArray:
        """(10,) the greatest |degrees| / band of each of `JUDGED_JOINTS`; NaN where not judged."""
        degrees, band = self.means()
        excess = np.where(self.seconds > 0, np.abs(degrees) / band, np.nan)
        return np.asarray(np.fmax.reduce(np.where(_OF_JOINT, excess, np.nan), axis=1), np.float32)

    def shot(self) -> Shot | None:
        """The student in it; None where the joints are not known."""
        if self.seen is None or self.posed_s <= 0 or not np.isfinite(self.joints).all():
            return None
        excess = self._unexplained()
        worst_first = sorted(Angle, key=lambda angle: -excess[angle])
        return Shot(
            t=self.t,
            routine_t=self.seen.routine_t,
            joints=np.asarray(self.joints / np.float32(self.posed_s)),
            mirrored=self.seen.mirrored,
            off=tuple(dict.fromkeys(JOINT_OF[a] for a in worst_first if excess[a] >= 1.0)),
        )

    def _unexplained(self) -> FloatArray:
        """(17,) |degrees| / band; 0 where another deviation explains it."""
        degrees, band = self.means()
        excess = np.asarray(np.abs(degrees) / band, np.float32)
        for angle, causes in EXPLAINED_BY.items():
            if any(excess[cause] >= 1.0 for cause in causes):
                excess[angle] = 0.0
        return excess

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
            joints=self.by_joint(),
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
        shot: the student in that moment; None where the joints were not known.
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
    shot: Shot | None = None
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
            self.worst, self.shot = worst, moment.shot()
