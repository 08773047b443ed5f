"""A correction as it leaves the coach: one JSON object a line in files and on the channel."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Joint(StrEnum):
    """What a cue is about."""

    ELBOW = "elbow"
    KNEE = "knee"
    HIP = "hip"
    SHOULDER = "shoulder"
    TRUNK = "trunk"
    NECK = "neck"


class Side(StrEnum):
    """The student's own, anatomical side."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    CENTER = "center"


class Direction(StrEnum):
    """What the student should do."""

    RAISE = "raise"
    LOWER = "lower"
    BEND = "bend"
    STRAIGHTEN = "straighten"
    FORWARD = "forward"
    BACK = "back"
    OUT = "out"
    IN = "in"
    LEAN_LEFT = "lean_left"
    LEAN_RIGHT = "lean_right"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"


class CueState(StrEnum):
    """A cue is raised once and, when the student has mended it, fixed once."""

    RAISED = "raised"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class CueEvent:
    """One event in a cue's life.

    Attributes:
        id: the same for the `raised` and the `fixed` event of one cue, 1 upwards.
        t: seconds since the student's first frame.
        routine_t: the matched instructor time, seconds on the routine's clock.
        joint, side, direction: what to correct, on which side, and which way.
        deviation_deg: student minus reference, signed by the joint angle's definition
            (`body.angles`).
        text: the sentence shown.
        state: `raised` or `fixed`.
        spoken: whether the page is to say it aloud.
    """

    id: int
    t: float
    routine_t: float
    joint: Joint
    side: Side
    direction: Direction
    deviation_deg: float
    text: str
    state: CueState
    spoken: bool

    def as_dict(self) -> dict[str, str | int | float | bool]:
        """The event as JSON holds it: times to the millisecond, degrees to a tenth."""
        fields = asdict(self)
        fields.update(
            t=round(self.t, 3),
            routine_t=round(self.routine_t, 3),
            deviation_deg=round(self.deviation_deg, 1),
            joint=str(self.joint),
            side=str(self.side),
            direction=str(self.direction),
            state=str(self.state),
        )
        return fields
