"""Known faults of students: what a coach should have said, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from coach_server.coaching.corrections import correction
from coach_server.coaching.cue import Direction, Joint, Side
from scripts.cue_scores.poses import LEAST, MOST
from scripts.cue_scores.routines import Score

COUNTS_FROM_DEG: Final = 12.5
"""Smaller faults are neither missed nor false when cued."""
SIZES_DEG: Final = (10.0, 15.0, 20.0, 30.0)
ONE_IN: Final = 0.3
"""Share of the poses that have a fault."""
ENTERED_S: Final = 1.0
"""On the way into a pose a fault comes on within this time, and goes within it on the way out."""
MENDED_IN: Final = 0.5
"""Share of the faults in long enough holds that are mended while they last."""
LONG_S: Final = 6.0
MENDED_AFTER_S, MENDING_S = 3.2, 0.7
OFF_AXIS_DEG: Final = 42.0
"""An arm nearer to the trunk's axis has no plane that could be wrong."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One joint that is off in one pose; seconds are those of the student.

    Attributes:
        angle: the one that is off.
        degrees: student minus instructor.
        joint, side, direction: the cue that mends it.
        start: when the student begins to go wrong, on the way into the pose.
        arrived: when the pose is reached with the fault.
        end: when it is over: mended, or the pose is left.
        mended: when it is mended, where it is; the mending has taken `MENDING_S`.
        seen: whether the camera can tell it.
        meant: whether it was put in; what a body does otherwise by its build is neither missed
            nor false when cued.
        also: degrees of other angles that follow from it.
        tags: what it is reported by, beside its size and its angle.
    """

    angle: Angle
    degrees: float
    joint: Joint
    side: Side
    direction: Direction
    start: float
    arrived: float
    end: float
    mended: float | None = None
    seen: bool = True
    meant: bool = True
    also: Mapping[Angle, float] = field(default_factory=lambda: MappingProxyType({}))
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def counts(self) -> bool:
        """Whether it is missed when nothing is said."""
        return self.meant and self.seen and abs(self.degrees) >= COUNTS_FROM_DEG

    @property
    def labels(self) -> tuple[str, ...]:
        """What recall is told by."""
        size = min(SIZES_DEG, key=lambda degrees: abs(degrees - abs(self.degrees)))
        angle = self.angle.name.lower().removeprefix("left_").removeprefix("right_")
        tags = (f"{name} {value}" for name, value in self.tags.items())
        return ("all", f"{size:.0f}", f"angle {angle}", *tags)


@dataclass(frozen=True, slots=True)
class Slip:
    """A fault as it is planned; seconds are those of the routine.

    Attributes:
        hold: index of the pose.
        angle: the one that is off.
        degrees: by how much.
        mending_s: when the student begins to mend it; None where it stays.
    """

    hold: int
    angle: Angle
    degrees: float
    mending_s: float | None = None

    def cue(self, reference: np.ndarray) -> tuple[Joint, Side, Direction]:
        """What mends it, (17,) degrees of the pose being the reference."""
        return correction(self.angle, self.degrees, float(reference[self.angle]))


def possible(pose: np.ndarray, angle: Angle, degrees: float) -> bool:
    """Whether a body in a pose (17,) can have an angle off by so much, and it shows."""
    if not LEAST[angle] <= pose[angle] + degrees <= MOST[angle]:
        return False
    if angle in (Angle.LEFT_SHOULDER_PLANE, Angle.RIGHT_SHOULDER_PLANE):
        elevation = pose[angle - 2]
        return bool(OFF_AXIS_DEG <= elevation <= 180.0 - OFF_AXIS_DEG)
    return True


def slips(score: Score, rng: np.random.Generator) -> tuple[Slip, ...]:
    """Faults in `ONE_IN` of the poses, of all angles and sizes alike."""
    holds = rng.permutation(np.arange(1, len(score.poses)))[: round(ONE_IN * len(score.poses))]
    drawn = []
    for hold in sorted(int(h) for h in holds):
        while True:
            angle = Angle(int(rng.integers(len(Angle))))
            degrees = float(rng.choice((-1, 1)) * rng.choice(SIZES_DEG))
            if possible(score.poses[hold], angle, degrees):
                break
        long = score.ends[hold] - score.starts[hold] >= LONG_S
        mending = float(score.starts[hold]) + MENDED_AFTER_S
        mends = long and rng.random() < MENDED_IN
        drawn.append(Slip(hold, angle, degrees, mending if mends else None))
    return tuple(drawn)


def habit(score: Score, angle: Angle, degrees: float) -> tuple[Slip, ...]:
    """The same fault in every pose in which it is possible, the first included."""
    return tuple(
        Slip(hold, angle, degrees)
        for hold, pose in enumerate(score.poses)
        if possible(pose, angle, degrees)
    )
