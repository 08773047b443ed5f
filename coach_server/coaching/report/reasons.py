"""Why nothing was judged, and what to do about it, in words."""

from dataclasses import dataclass
from typing import Final

from coach_server.coaching.silence import Silence


@dataclass(frozen=True, slots=True)
class Reason:
    """A silence among people.

    Attributes:
        name: what was the matter.
        remedy: what to do so that it is not next time; "" where nothing is wrong with it.
    """

    name: str
    remedy: str = ""


REASONS: Final[dict[Silence, Reason]] = {
    Silence.NO_PERSON: Reason("nobody in view", "Stand where the camera sees you"),
    Silence.OUT_OF_FRAME: Reason(
        "not wholly in the picture", "Step back until your whole body is in the picture"
    ),
    Silence.TOO_NEAR: Reason(
        "too near the camera", "Step back until your whole body is in the picture"
    ),
    Silence.OCCLUDED: Reason(
        "partly hidden", "Clear what stands between you and the camera, or turn on more light"
    ),
    Silence.SIDES_UNSURE: Reason(
        "left and right not told apart", "Face the camera, with light from the front"
    ),
    Silence.SEVERAL_PEOPLE: Reason(
        "somebody else in view", "Practise where nobody else walks through the picture"
    ),
    Silence.NOT_FOLLOWING: Reason(
        "in another pose than the instructor",
        "Take up the instructor's pose, or let the video wait for you",
    ),
    Silence.PAUSED: Reason("the video stood still"),
    Silence.MOVING: Reason("moving between poses"),
}


def reason_name(reason: str) -> str:
    """The words for a reason as the report holds it; the reason itself where there are none."""
    try:
        return REASONS[Silence(reason)].name
    except (KeyError, ValueError):
        return reason.replace("_", " ")
