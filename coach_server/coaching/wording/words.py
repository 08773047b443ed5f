"""What a language's table holds, and how its sentences are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from coach_server.coaching.cue import Direction, Joint, Side
from coach_server.coaching.silence import Silence


class Amount(StrEnum):
    """How far the end of a limb is to go. Each language has a measure of the body for it."""

    HAND = "hand"  # about 10 cm
    TWO_HANDS = "two_hands"  # about 20 cm
    FOREARM = "forearm"  # about 40 cm, and beyond


class Form(StrEnum):
    """Which of the sentences for one part and direction: by how much, or how far."""

    LITTLE = "little"
    MORE = "more"  # by an amount, where the sentence has a place for it
    MUCH = "much"

    STRAIGHT = "straight"  # until straight, never forced
    SQUARE = "square"  # to ninety degrees ("right angle" would be heard as a side)
    LEVEL = "level"  # the thigh, with the floor
    HEIGHT = "height"  # the arm, at the height of the shoulder
    IN_LINE = "in_line"  # the same in a trunk that is not upright
    OVERHEAD = "overhead"
    AT_SIDE = "at_side"  # the arm, hanging
    AHEAD = "ahead"  # the arm, straight
    SIDEWAYS = "sideways"  # the arm, straight out

    ALIGNED = "aligned"  # shoulders above the hips, or square with them
    LESS = "less"  # back out of a lean or twist the other way
    LOW_LITTLE = "low_little"  # the chest is low already: folded, or face down
    LOW_MORE = "low_more"
    ARCHED = "arched"  # the instructor leans back
    HIPS = "hips"  # the instructor lies on the back: what moves is the hips


class Phrase(StrEnum):
    """What else the coach has to say."""

    JUDGING = "judging"  # the student is watched, and nothing is wrong
    WAITING = "waiting"  # the film waits for the student
    AT_EASE = "at_ease"  # asks for the stance that the coach calibrates by
    CALIBRATED = "calibrated"
    MIRRORED = "mirrored"
    SAME_SIDE = "same_side"


@dataclass(frozen=True, slots=True)
class Words:
    """One language.

    Attributes:
        cues: sentences by `key`; `{amount}` is the only placeholder.
        amounts: what stands for `{amount}`.
        named: a cue with the name of the pose: `{pose}` and `{cue}`.
        small_after_name: whether a sentence begins with a small letter behind a colon.
        praise: what is said in turn when a cue has been followed.
        silences: why the coach says nothing, and what to do about it.
        phrases: what else it says.
    """

    cues: Mapping[str, str]
    amounts: Mapping[Amount, str]
    named: str
    small_after_name: bool
    praise: tuple[str, ...]
    silences: Mapping[Silence, str]
    phrases: Mapping[Phrase, str]


def key(joint: Joint, side: Side, direction: Direction, form: Form) -> str:
    """What a sentence is called in the tables: `left_knee.bend.little`, `trunk.back.aligned`."""
    part = joint if side is Side.CENTER else f"{side}_{joint}"
    return f"{part}.{direction}.{form}"
