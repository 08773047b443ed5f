"""What angles, and deviations of them, are called among people."""

from dataclasses import dataclass
from typing import Final

from coach_server.body.angles import Angle


@dataclass(frozen=True, slots=True)
class AngleName:
    """An angle in words.

    Attributes:
        name: what it is called.
        part: the part of the body, where the direction is told as well.
        if_more, if_less: what is wrong where the student's angle is larger than the reference, or
            smaller; `{}` stands for the degrees.
    """

    name: str
    part: str
    if_more: str
    if_less: str


def _both_sides(
    left: Angle, right: Angle, name: str, part: str, if_more: str, if_less: str
) -> dict[Angle, AngleName]:
    return {
        left: AngleName(name.format("left"), part.format("left"), if_more, if_less),
        right: AngleName(name.format("right"), part.format("right"), if_more, if_less),
    }


_NAMES: Final[dict[Angle, AngleName]] = {
    **_both_sides(
        Angle.LEFT_ELBOW_FLEXION,
        Angle.RIGHT_ELBOW_FLEXION,
        "{} elbow",
        "{} elbow",
        "bent {} too much",
        "bent {} too little",
    ),
    **_both_sides(
        Angle.LEFT_KNEE_FLEXION,
        Angle.RIGHT_KNEE_FLEXION,
        "{} knee",
        "{} knee",
        "bent {} too much",
        "bent {} too little",
    ),
    **_both_sides(
        Angle.LEFT_HIP_FLEXION,
        Angle.RIGHT_HIP_FLEXION,
        "{} thigh, front to back",
        "{} thigh",
        "{} too far forward",
        "{} too far back",
    ),
    **_both_sides(
        Angle.LEFT_HIP_ABDUCTION,
        Angle.RIGHT_HIP_ABDUCTION,
        "{} thigh, in and out",
        "{} thigh",
        "{} too far out",
        "{} too far in",
    ),
    **_both_sides(
        Angle.LEFT_SHOULDER_ELEVATION,
        Angle.RIGHT_SHOULDER_ELEVATION,
        "{} arm, up and down",
        "{} arm",
        "{} too high",
        "{} too low",
    ),
    **_both_sides(
        Angle.LEFT_SHOULDER_PLANE,
        Angle.RIGHT_SHOULDER_PLANE,
        "{} arm, front to back",
        "{} arm",
        "{} too far forward",
        "{} too far back",
    ),
    Angle.TRUNK_FORWARD: AngleName(
        "trunk lean, front to back", "trunk", "{} too far forward", "{} too far back"
    ),
    Angle.TRUNK_SIDE: AngleName(
        "trunk lean, side to side", "trunk", "{} too far to the left", "{} too far to the right"
    ),
    Angle.TRUNK_TWIST: AngleName(
        "trunk twist", "trunk turned", "{} too far to the left", "{} too far to the right"
    ),
    Angle.NECK_FORWARD: AngleName(
        "head, front to back", "head", "{} too far forward", "{} too far back"
    ),
    Angle.NECK_SIDE: AngleName(
        "head tilt", "head", "{} too far to the left", "{} too far to the right"
    ),
}

PAIRS: Final[dict[Angle, str]] = {
    Angle.LEFT_ELBOW_FLEXION: "elbows",
    Angle.LEFT_KNEE_FLEXION: "knees",
    Angle.LEFT_HIP_FLEXION: "thighs, front to back",
    Angle.LEFT_HIP_ABDUCTION: "thighs, in and out",
    Angle.LEFT_SHOULDER_ELEVATION: "arms, up and down",
    Angle.LEFT_SHOULDER_PLANE: "arms, front to back",
}
"""Names of angles that there are two of, by the left one; the right one is the next `Angle`."""


def name_of(angle: Angle) -> str:
    """Such as "left knee" or "trunk twist"; the student's own side."""
    return _NAMES[angle].name


def part_of(angle: Angle) -> str:
    """Such as "left knee": the part of the body that it belongs to."""
    return _NAMES[angle].part


def off_by(angle: Angle, degrees: float) -> str:
    """A deviation (student minus reference) in words, such as "left knee bent 18° too little"."""
    entry = _NAMES[angle]
    off = (entry.if_more if degrees > 0 else entry.if_less).format(f"{abs(degrees):.0f}°")
    return f"{entry.part} {off}"
