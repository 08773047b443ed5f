"""What a practice is made up of: stays in poses, and what was corrected."""

from dataclasses import dataclass

from coach_server.coaching.cue import Direction, Joint, Side
from coach_server.coaching.report.names import name_of, off_by
from coach_server.coaching.report.visits import Worst


@dataclass(frozen=True, slots=True)
class PoseSequence:
    """One visit to a pose, or a pose that the film held and the student did not.

    Attributes:
        number: from 1, in the order of the practice.
        hold: index of the hold in the routine.
        name: of the pose.
        visit: which visit to this hold, from 1.
        t: when it began, seconds since the student's first frame.
        end_t: when it ended.
        routine_t: the same on the routine's clock.
        judged_s: seconds judged.
        reached: whether it was kept still and judged for a second or more.
        within: share of the judged time in which nothing was beyond its band; None where unknown.
        excess: mean of the greatest |degrees| / band; None where unknown.
        worst: what stood out most; None where unknown.
        raised, mended: cues.
        lag_s: the mean lag; None where unknown.
    """

    number: int
    hold: int
    name: str
    visit: int
    t: float
    end_t: float
    routine_t: float
    judged_s: float
    reached: bool
    within: float | None
    excess: float | None
    worst: Worst | None
    raised: int
    mended: int
    lag_s: float | None

    def as_dict(self) -> dict[str, object]:
        """As JSON holds it."""
        return {
            "number": self.number,
            "pose": self.name,
            "hold": self.hold,
            "visit": self.visit,
            "t": round(self.t, 2),
            "end_t": round(self.end_t, 2),
            "routine_t": round(self.routine_t, 2),
            "judged_s": round(self.judged_s, 2),
            "reached": self.reached,
            "within_share": _rounded(self.within, 3),
            "mean_excess": _rounded(self.excess, 3),
            "worst": None if self.worst is None else _worst(self.worst),
            "cues": {"raised": self.raised, "mended": self.mended},
            "lag_s": _rounded(self.lag_s, 2),
        }


@dataclass(frozen=True, slots=True)
class WorstMoment:
    """The half second of a sequence in which the student was furthest off, beyond tolerance.

    Attributes:
        t: when, seconds since the student's first frame.
        routine_t: the instructor time that it was compared with.
        sequence: number of the sequence.
        pose: its name.
        worst: what stood out.
        off: names of all joints that were off, such as `left_knee`, the worst first.
        mirrored: whether the student followed as in a mirror.
        joints: (17, 3) the student, H36M-17 metres, camera axes x right, y down, z forward.
    """

    t: float
    routine_t: float
    sequence: int
    pose: str
    worst: Worst
    off: tuple[str, ...]
    mirrored: bool
    joints: tuple[tuple[float, float, float], ...]

    def as_dict(self) -> dict[str, object]:
        """As JSON holds it."""
        return {
            "t": round(self.t, 2),
            "routine_t": round(self.routine_t, 2),
            "sequence": self.sequence,
            "pose": self.pose,
            **_worst(self.worst),
            "joints_names": list(self.off),
            "mirrored": self.mirrored,
            "joints": [list(joint) for joint in self.joints],
        }


@dataclass(frozen=True, slots=True)
class Correction:
    """All cues that asked for the same in the same words.

    Attributes:
        joint, side, direction: what was asked for.
        text: the words.
        raised, mended: how often.
        worst_deg: the greatest deviation at which it was raised, signed.
        poses: names of the poses in which it was raised.
    """

    joint: Joint
    side: Side
    direction: Direction
    text: str
    raised: int
    mended: int
    worst_deg: float
    poses: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """As JSON holds it."""
        return {
            "joint": str(self.joint),
            "side": str(self.side),
            "direction": str(self.direction),
            "text": self.text,
            "raised": self.raised,
            "mended": self.mended,
            "worst_deg": round(self.worst_deg, 1),
            "poses": list(self.poses),
        }


def _worst(worst: Worst) -> dict[str, object]:
    return {
        "angle": worst.angle.name.lower(),
        "name": name_of(worst.angle),
        "deviation_deg": round(worst.degrees, 1),
        "band_deg": round(worst.band, 1),
        "text": off_by(worst.angle, worst.degrees),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
