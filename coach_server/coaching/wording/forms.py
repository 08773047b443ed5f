"""Which sentence a correction gets: by how much, or how far where that has a name.

An angle from a camera is good to some degrees, so the classes are coarse. Nothing here ever asks
for much of a neck, a twist or a bend backwards.
"""

from typing import Final

from coach_server.coaching.cue import Direction, Joint, Side
from coach_server.coaching.wording.measures import is_little
from coach_server.coaching.wording.words import Form

_STRAIGHT_DEG: Final = 20.0
"""A limb bent less than this in the instructor is meant straight."""

_SQUARE_DEG: Final = (82.0, 98.0)
_LEVEL_DEG: Final = (75.0, 105.0)
_AHEAD_DEG: Final = (75.0, 105.0)
_SIDEWAYS_DEG: Final = (-15.0, 15.0)
_OVERHEAD_DEG: Final = 155.0
_AT_SIDE_DEG: Final = 20.0

_ALIGNED_DEG: Final = (-8.0, 8.0)
"""A trunk or head off by less than this in the instructor is meant straight."""

_LOW_DEG: Final = 50.0
"""With the trunk further forward than this one folds or lies face down: the chest is low."""

_ON_BACK_DEG: Final = (-135.0, -60.0)
"""With the trunk further back than this one lies on it; beyond, one hangs head down."""

_LITTLE_DEG: Final = 20.0
_MUCH_DEG: Final = 35.0

_UPRIGHT_DEG: Final = 25.0
_TO_THE_LEFT: Final = (Direction.LEAN_LEFT, Direction.TURN_LEFT)
_SIDEWARD_LEAN: Final = (Direction.LEAN_LEFT, Direction.LEAN_RIGHT)


def is_upright(trunk_forward_deg: float, trunk_side_deg: float) -> bool:
    """Whether with this trunk an arm square to it is at the height of the shoulder."""
    return abs(trunk_forward_deg) < _UPRIGHT_DEG and abs(trunk_side_deg) < _UPRIGHT_DEG


def form(
    joint: Joint,
    side: Side,
    direction: Direction,
    reference_deg: float,
    deviation_deg: float,
    *,
    upright: bool,
) -> Form:
    """The form of the sentence; arguments as for `wording.sentence`."""
    off = abs(deviation_deg)
    if joint is Joint.TRUNK:
        return _trunk(direction, reference_deg, off)
    if joint is Joint.NECK:
        return _neck(direction, reference_deg, off)
    if direction is Direction.STRAIGHTEN:
        return _straighten(reference_deg, off)
    if joint is Joint.HIP and side is Side.BOTH and direction not in (Direction.IN, Direction.OUT):
        return Form.LITTLE if off < _LITTLE_DEG else Form.MORE
    if is_little(joint, side, direction, deviation_deg):
        return Form.LITTLE
    if direction is Direction.BEND:
        return Form.SQUARE if _within(reference_deg, _SQUARE_DEG) else Form.MORE
    if joint is Joint.HIP:
        lifts = direction in (Direction.RAISE, Direction.LOWER)
        return Form.LEVEL if lifts and upright and _within(reference_deg, _LEVEL_DEG) else Form.MORE
    return _arm(direction, reference_deg, upright=upright)


def _straighten(reference_deg: float, off: float) -> Form:
    if off < _LITTLE_DEG:
        return Form.LITTLE
    if reference_deg < _STRAIGHT_DEG:
        return Form.STRAIGHT
    return Form.SQUARE if _within(reference_deg, _SQUARE_DEG) else Form.MORE


def _arm(direction: Direction, reference_deg: float, *, upright: bool) -> Form:
    if direction is Direction.FORWARD:
        return Form.AHEAD if _within(reference_deg, _AHEAD_DEG) else Form.MORE
    if direction is Direction.BACK:
        return Form.SIDEWAYS if _within(reference_deg, _SIDEWAYS_DEG) else Form.MORE
    if _within(reference_deg, _LEVEL_DEG):
        return Form.HEIGHT if upright else Form.IN_LINE
    if direction is Direction.RAISE:
        return Form.OVERHEAD if reference_deg > _OVERHEAD_DEG else Form.MORE
    return Form.AT_SIDE if reference_deg < _AT_SIDE_DEG else Form.MORE


def _trunk(direction: Direction, reference_deg: float, off: float) -> Form:
    little = off < _LITTLE_DEG
    if _within(reference_deg, _ALIGNED_DEG):
        return Form.ALIGNED
    if direction is Direction.FORWARD:
        if _within(reference_deg, _ON_BACK_DEG):
            return Form.HIPS
        if reference_deg > _LOW_DEG or reference_deg < _ON_BACK_DEG[0]:
            return Form.LOW_LITTLE if little else Form.LOW_MORE
        return Form.LESS if reference_deg < 0 else _lean(off)
    if direction is Direction.BACK:
        if _within(reference_deg, _ON_BACK_DEG):
            return Form.HIPS
        if _ON_BACK_DEG[1] < reference_deg < 0:
            return Form.ARCHED
        return Form.LITTLE if little else Form.MORE
    if (direction in _TO_THE_LEFT) != (reference_deg > 0):
        return Form.LESS
    if direction in _SIDEWARD_LEAN:
        return _lean(off)
    return Form.LITTLE if little else Form.MORE


def _lean(off: float) -> Form:
    if off < _LITTLE_DEG:
        return Form.LITTLE
    return Form.MORE if off < _MUCH_DEG else Form.MUCH


def _neck(direction: Direction, reference_deg: float, off: float) -> Form:
    if direction in _SIDEWARD_LEAN:
        further = (direction in _TO_THE_LEFT) == (reference_deg > 0)
        if _within(reference_deg, _ALIGNED_DEG) or not further:
            return Form.LESS
    return Form.LITTLE if off < _LITTLE_DEG else Form.MORE


def _within(degrees: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= degrees <= limits[1]
