"""The sentences: segment and direction, in words a body understands, on the student's own side."""

from typing import Final

from coach_server.coaching.cue import Direction, Joint, Side

PRAISE: Final = "Good, that's it."
"""Said once when a cue has been followed."""

_ONE_SIDE: Final[dict[tuple[Joint, Direction], str]] = {
    (Joint.ELBOW, Direction.STRAIGHTEN): "Straighten your {side} arm",
    (Joint.ELBOW, Direction.BEND): "Bend your {side} elbow more",
    (Joint.KNEE, Direction.STRAIGHTEN): "Straighten your {side} leg",
    (Joint.KNEE, Direction.BEND): "Bend your {side} knee more",
    (Joint.HIP, Direction.RAISE): "Lift your {side} leg higher",
    (Joint.HIP, Direction.LOWER): "Lower your {side} leg a little",
    (Joint.HIP, Direction.FORWARD): "Bring your {side} leg further forward",
    (Joint.HIP, Direction.BACK): "Take your {side} leg further back",
    (Joint.HIP, Direction.OUT): "Open your {side} leg further out",
    (Joint.HIP, Direction.IN): "Bring your {side} leg further in",
    (Joint.SHOULDER, Direction.RAISE): "Raise your {side} arm",
    (Joint.SHOULDER, Direction.LOWER): "Lower your {side} arm",
    (Joint.SHOULDER, Direction.FORWARD): "Bring your {side} arm forward",
    (Joint.SHOULDER, Direction.BACK): "Take your {side} arm back",
}

_BOTH_SIDES: Final[dict[tuple[Joint, Direction], str]] = {
    (Joint.ELBOW, Direction.STRAIGHTEN): "Straighten both arms",
    (Joint.ELBOW, Direction.BEND): "Bend both elbows more",
    (Joint.KNEE, Direction.STRAIGHTEN): "Straighten both legs",
    (Joint.KNEE, Direction.BEND): "Bend both knees more",
    (Joint.HIP, Direction.RAISE): "Lift both legs higher",
    (Joint.HIP, Direction.LOWER): "Lower both legs a little",
    (Joint.HIP, Direction.FORWARD): "Bring both legs further forward",
    (Joint.HIP, Direction.BACK): "Push your hips further back",
    (Joint.HIP, Direction.OUT): "Step your feet further apart",
    (Joint.HIP, Direction.IN): "Bring your feet closer together",
    (Joint.SHOULDER, Direction.RAISE): "Raise both arms",
    (Joint.SHOULDER, Direction.LOWER): "Lower both arms",
    (Joint.SHOULDER, Direction.FORWARD): "Bring both arms forward",
    (Joint.SHOULDER, Direction.BACK): "Take both arms back",
}

_CENTER: Final[dict[tuple[Joint, Direction], str]] = {
    (Joint.TRUNK, Direction.FORWARD): "Lean further forward",
    (Joint.TRUNK, Direction.BACK): "Lift your chest and come up a little",
    (Joint.TRUNK, Direction.LEAN_LEFT): "Lean further to your left",
    (Joint.TRUNK, Direction.LEAN_RIGHT): "Lean further to your right",
    (Joint.TRUNK, Direction.TURN_LEFT): "Turn your chest to your left",
    (Joint.TRUNK, Direction.TURN_RIGHT): "Turn your chest to your right",
    (Joint.NECK, Direction.FORWARD): "Bring your head forward",
    (Joint.NECK, Direction.BACK): "Lift your head",
    (Joint.NECK, Direction.LEAN_LEFT): "Tilt your head to your left",
    (Joint.NECK, Direction.LEAN_RIGHT): "Tilt your head to your right",
}

_SHOULDER_HEIGHT_DEG: Final = (75.0, 105.0)
_OVERHEAD_DEG: Final = 150.0


def sentence(joint: Joint, side: Side, direction: Direction, reference_deg: float) -> str:
    """The sentence for a correction; an arm is told how high where that has a name.

    Args:
        joint: what is to move.
        side: the student's own.
        direction: which way.
        reference_deg: the instructor's angle, degrees.
    """
    if side is Side.CENTER:
        return _CENTER[joint, direction]
    table = _BOTH_SIDES if side is Side.BOTH else _ONE_SIDE
    words = table[joint, direction].format(side=side.value)
    if joint is Joint.SHOULDER and direction in (Direction.RAISE, Direction.LOWER):
        words += _height(reference_deg, direction)
    return words


def _height(reference_deg: float, direction: Direction) -> str:
    low, high = _SHOULDER_HEIGHT_DEG
    if low <= reference_deg <= high:
        return " to shoulder height"
    if reference_deg > _OVERHEAD_DEG and direction is Direction.RAISE:
        return " all the way up"
    return " higher" if direction is Direction.RAISE else " a little"
