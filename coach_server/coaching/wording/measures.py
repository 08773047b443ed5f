"""How far the end of a limb has to go for a deviation in degrees: what a student can see."""

import math
from typing import Final

from coach_server.coaching.cue import Direction, Joint, Side
from coach_server.coaching.wording.words import Amount

_FOREARM_M: Final = 0.25
_ARM_M: Final = 0.55
_SHIN_M: Final = 0.42
_THIGH_M: Final = 0.42
_LEG_M: Final = 0.7
"""Between the knee's way and that of a straight leg's foot (.85): a thigh does not tell which."""

_SWUNG_ARM_M: Final = 0.45
"""An arm that is moved about the trunk is seldom square to it."""

_LIFTS: Final = (Direction.RAISE, Direction.LOWER)
_PARTS: Final = (Direction.IN, Direction.OUT)

_HAND_FROM_M: Final = 0.08
_TWO_HANDS_FROM_M: Final = 0.15
_FOREARM_FROM_M: Final = 0.32


def way_m(joint: Joint, side: Side, direction: Direction, deviation_deg: float) -> float:
    """The way of a limb's end in metres, of somebody of middling size."""
    reach = _reach_m(joint, direction)
    ways = 2 if side is Side.BOTH and joint is Joint.HIP and direction in _PARTS else 1
    return ways * 2 * reach * math.sin(math.radians(min(abs(deviation_deg), 180.0)) / 2)


def is_little(joint: Joint, side: Side, direction: Direction, deviation_deg: float) -> bool:
    """Whether the way is less than a hand's width."""
    return way_m(joint, side, direction, deviation_deg) < _HAND_FROM_M


def amount(joint: Joint, side: Side, direction: Direction, deviation_deg: float) -> Amount:
    """The way as a measure of the body."""
    way = way_m(joint, side, direction, deviation_deg)
    if way < _TWO_HANDS_FROM_M:
        return Amount.HAND
    return Amount.TWO_HANDS if way < _FOREARM_FROM_M else Amount.FOREARM


def _reach_m(joint: Joint, direction: Direction) -> float:
    if joint is Joint.ELBOW:
        return _FOREARM_M
    if joint is Joint.KNEE:
        return _SHIN_M
    if joint is Joint.HIP:
        return _THIGH_M if direction in _LIFTS else _LEG_M
    return _ARM_M if direction in _LIFTS else _SWUNG_ARM_M
