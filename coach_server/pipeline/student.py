"""One student's frames to cues."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from coach_server.body.keypoints import Keypoints
from coach_server.body.pose import Pose
from coach_server.coaching.cue import CueEvent


class Silence(StrEnum):
    """Why the coach says nothing at present."""

    NO_PERSON = "no_person"
    OUT_OF_FRAME = "out_of_frame"
    SIDES_UNSURE = "sides_unsure"
    NOT_FOLLOWING = "not_following"
    PAUSED = "paused"
    MOVING = "moving"


@dataclass(frozen=True, slots=True)
class FrameResult:
    """What one frame of the student gave.

    Attributes:
        t: seconds since the student's first frame.
        keypoints: None where nobody was found.
        pose: None where nobody was found.
        routine_t: the matched instructor time in seconds; None where there is no match.
        lag_s: player's time minus matched time, positive behind; None where there is no match.
        deviations: degrees, student minus reference, of the worst angle of each joint, by names
            such as `left_knee`, `trunk`.
        cues: what is new with this frame.
        silence: why nothing can be said now; None while the student is being judged.
    """

    t: float
    keypoints: Keypoints | None
    pose: Pose | None
    routine_t: float | None
    lag_s: float | None
    deviations: Mapping[str, float]
    cues: tuple[CueEvent, ...]
    silence: Silence | None
