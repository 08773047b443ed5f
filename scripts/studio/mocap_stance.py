"""Stances from the joints of motion capture, all frames of a slice at a time.

Limbs point as the joints say. What the joints do not say is made plausible: how an almost straight
limb is turned about itself, where hands point that touch the floor, and the feet.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.ndimage import gaussian_filter1d

from coach_server.body.skeleton import H36m
from scripts.studio.rotations import Array, unit
from scripts.studio.stance import Stance

LEFT_EAR, RIGHT_EAR = 19, 20
FRAMES: Final = ("pelvis", "chest", "head")
DIRECTIONS: Final = (
    "upper_arm",
    "forearm",
    "hand",
    "inner_elbow",
    "thigh",
    "shin",
    "toes",
    "soles",
)

NOSE_BELOW_EARS_DEG: Final = 10.0
"""How far the studio's people have the nose below the ears when they look straight ahead."""
SMOOTHED: Final = 5.0
"""Standard deviation in frames over which the turn of a straight limb about itself is found."""
DOUBT: Final = 0.04
"""Squared sine of flexion below which the usual turn of a limb is believed more than its own."""
STRAIGHT: Final = (0.05, 0.2)
"""Sine of flexion from which a limb is opened in a plane of its own, and then wholly."""
ARM_REST, ELBOW_REST = ((1.0, -0.3, 0.3), (-1.0, -0.3, 0.3)), (0.0, 0.0, 1.0)
"""An arm in the middle of its range, left and right, and where the hollow of its elbow faces."""
LEG_REST, KNEE_REST = (0.0, -1.0, 0.0), (1.0, 0.0, 0.0)
"""A leg that hangs, and the axis that its knee bends about."""

HAND_M: Final = 0.17
TOES_M: Final = 0.19
"""From the ankle forward to the tip."""
CLEAR_M: Final = 0.03
"""Wrists and ankles are as far above what touches the floor of hand and foot."""
RELAXED_DEG: Final = 18.0
"""How far a foot in the air points away from the shin, beyond square."""
ANKLE_DEG: Final = (-35.0, 85.0)
"""The range of that."""
UPRIGHT: Final = (0.35, 0.75)
"""How much of the shin's length is height, from which a low foot begins to stand and stands."""
TUCKED: Final = (0.35, 0.65)
"""The same, from which toes that would be below the floor are less pointed, and are tucked."""
TURN: Final = 2.0 * np.pi
LOW_M: Final = (0.10, 0.04)
"""Height of the ankle above where it is in standing, from which a foot begins to stand, stands."""
ENDS_SMOOTHED: Final = 1.5
"""Standard deviation in frames over which it is smoothed how hands and feet give way."""


@dataclass(frozen=True, slots=True)
class Stances:
    """Stances over time.

    Attributes:
        frames: (T, 3, 3, 3) the rotations named in `FRAMES`.
        directions: (T, 8, 2, 3) the unit vectors named in `DIRECTIONS`, left and right.
        standing: (T, 2) from 0 to 1, how much a foot stands flat on the floor.
    """

    frames: Array
    directions: Array
    standing: Array

    def at(self, frame: float) -> Stance:
        """The stance at a frame or between two; before the first it is the first, and so on."""
        last = len(self.frames) - 1
        place = min(max(frame, 0.0), last)
        before = min(int(place), max(last - 1, 0))
        after, share = min(before + 1, last), place - before
        turns = self.frames[before] + share * (self.frames[after] - self.frames[before])
        ways = unit(
            self.directions[before] + share * (self.directions[after] - self.directions[before])
        )
        turns = _frames(turns[..., 0], turns[..., 1])
        fields = dict(zip(FRAMES, turns, strict=True)) | dict(zip(DIRECTIONS, ways, strict=True))
        return Stance(**fields)


def stances(
    joints: Array, heights: Array, *, straighten_elbows_deg: float, straighten_knees_deg: float
) -> Stances:
    """The stances that joints show.

    Args:
        joints: (T, 21, 3) metres, axes of a `Stance`.
        heights: (T, 21) of the joints above where the lowest is when the body stands or lies.
        straighten_elbows_deg: elbows are opened by so much, bent where it is below 0.
        straighten_knees_deg: the same for knees.
    """
    j = joints
    pelvis = _frames(
        j[:, H36m.LEFT_HIP] - j[:, H36m.RIGHT_HIP], j[:, H36m.SPINE] - j[:, H36m.PELVIS]
    )
    chest = _frames_by_up(
        j[:, H36m.LEFT_SHOULDER] - j[:, H36m.RIGHT_SHOULDER], j[:, H36m.THORAX] - j[:, H36m.SPINE]
    )
    upper_arm = _segments(j, H36m.LEFT_SHOULDER, H36m.LEFT_ELBOW)
    forearm = _segments(j, H36m.LEFT_ELBOW, H36m.LEFT_WRIST)
    thigh = _segments(j, H36m.LEFT_HIP, H36m.LEFT_KNEE)
    shin = _segments(j, H36m.LEFT_KNEE, H36m.LEFT_ANKLE)
    arm_rest = unit(ARM_REST)
    elbow = hinges(chest, upper_arm, forearm, arm_rest, np.cross(arm_rest, ELBOW_REST))
    knee = hinges(pelvis, thigh, shin, np.array([LEG_REST] * 2), np.array([KNEE_REST] * 2))
    forearm = straightened(upper_arm, forearm, elbow, straighten_elbows_deg)
    shin = straightened(thigh, shin, knee, straighten_knees_deg)
    ankles = heights[:, [H36m.LEFT_ANKLE, H36m.RIGHT_ANKLE]]
    toes, soles, standing = _feet(shin, knee, ankles)
    wrists = heights[:, [H36m.LEFT_WRIST, H36m.RIGHT_WRIST]]
    hand = _hands(forearm, pelvis, wrists)
    inner_elbow = np.cross(elbow, upper_arm)
    return Stances(
        np.stack([pelvis, chest, _heads(j)], axis=1),
        np.stack([upper_arm, forearm, hand, inner_elbow, thigh, shin, toes, soles], axis=1),
        standing,
    )


def hinges(body: Array, upper: Array, lower: Array, rest: Array, rest_hinge: Array) -> Array:
    """The axes that elbows or knees bend about, steady also where a limb is all but straight.

    Args:
        body: (T, 3, 3) the frame that the limbs hang on.
        upper: (T, 2, 3) unit vectors.
        lower: (T, 2, 3) unit vectors.
        rest: (2, 3) an upper segment in the middle of its range, axes of `body`.
        rest_hinge: (2, 3) its axis.

    Returns:
        (T, 2, 3) unit vectors square to `upper`; `upper` x `lower` where that says enough.
    """
    usual = unit(rest_hinge - rest * np.sum(rest * rest_hinge, axis=-1, keepdims=True))
    usual = _swung(usual, unit(rest), np.einsum("tij,tsi->tsj", body, upper))
    usual = np.einsum("tij,tsj->tsi", body, usual)
    aside = np.cross(upper, usual)
    own = np.cross(upper, lower)
    turn = np.sum(own * usual, axis=-1) + 1j * np.sum(own * aside, axis=-1)
    turn = gaussian_filter1d(turn * np.abs(turn), SMOOTHED, axis=0, mode="nearest") + DOUBT
    turn /= np.maximum(np.abs(turn), 1e-9)
    return unit(turn.real[..., None] * usual + turn.imag[..., None] * aside)


def straightened(upper: Array, lower: Array, hinge: Array, degrees: float) -> Array:
    """Lower segments (T, 2, 3) with their joints opened by so many degrees, never past straight.

    Below 0 they are bent. An angle changes in the plane of the limb, or about its `hinge` where
    the limb is too straight to have one.
    """
    if degrees == 0.0:
        return lower
    along = np.sum(upper * lower, axis=-1, keepdims=True)
    square = lower - along * upper
    sine = np.linalg.norm(square, axis=-1, keepdims=True)
    certain = _ramp(sine, STRAIGHT)
    away = unit(certain * unit(square) + (1.0 - certain) * np.cross(hinge, upper))
    flexion = np.clip(np.arctan2(sine, along) - np.radians(degrees), 0.0, np.radians(160.0))
    moved: Array = upper * np.cos(flexion) + away * np.sin(flexion)
    return moved


def _segments(joints: Array, first: H36m, second: H36m) -> Array:
    """(T, 2, 3) unit vectors from joint to joint, given those of the left side."""
    right = {
        H36m.LEFT_SHOULDER: H36m.RIGHT_SHOULDER,
        H36m.LEFT_ELBOW: H36m.RIGHT_ELBOW,
        H36m.LEFT_WRIST: H36m.RIGHT_WRIST,
        H36m.LEFT_HIP: H36m.RIGHT_HIP,
        H36m.LEFT_KNEE: H36m.RIGHT_KNEE,
        H36m.LEFT_ANKLE: H36m.RIGHT_ANKLE,
    }
    ends = joints[:, [second, right[second]]] - joints[:, [first, right[first]]]
    return unit(ends)


def _frames(left: Array, up: Array) -> Array:
    """(..., 3, 3) with columns left, up, forward; `up` is made square to `left`."""
    x = unit(left)
    z = unit(np.cross(x, up))
    return np.stack([x, np.cross(z, x), z], axis=-1)


def _frames_by_up(left: Array, up: Array) -> Array:
    """The same, `left` made square to `up`."""
    y = unit(up)
    z = unit(np.cross(left, y))
    return np.stack([np.cross(y, z), y, z], axis=-1)


def _heads(joints: Array) -> Array:
    """(T, 3, 3) heads that face as the faces of the joints do."""
    ears = joints[:, [LEFT_EAR, RIGHT_EAR]]
    left = unit(ears[:, 0] - ears[:, 1])
    face = unit(joints[:, H36m.NECK] - ears.mean(axis=1))
    up = np.cross(face, left)
    drop = np.radians(NOSE_BELOW_EARS_DEG)
    return _frames(left, up * np.cos(drop) + face * np.sin(drop))


def _swung(v: Array, start: Array, ends: Array) -> Array:
    """`v` (2, 3) carried along the shortest arcs from `start` (2, 3) to `ends` (T, 2, 3)."""
    w = np.cross(start, ends)
    cos = np.sum(start * ends, axis=-1, keepdims=True)
    first = np.cross(w, v)
    carried: Array = v + first + np.cross(w, first) / np.maximum(1.0 + cos, 1e-3)
    return carried


def _feet(shin: Array, hinge: Array, ankles: Array) -> tuple[Array, Array, Array]:
    """Where feet point, which way is up for them, and how much they stand.

    A low foot below an upright shin stands flat; one in the air hangs. Toes that would be below the
    floor give way: up where the shin is steep, as in a plank, else back, as where one lies prone.

    Args:
        shin: (T, 2, 3) unit vectors.
        hinge: (T, 2, 3) unit vectors, as from `hinges`.
        ankles: (T, 2) heights above where they are in standing.
    """
    square = unit(np.cross(hinge, -shin))
    standing = _ramp(-shin[..., 1], UPRIGHT) * _ramp(ankles, LOW_M)
    flat = np.arctan2(square[..., 1], -shin[..., 1])
    low, high = np.radians(ANKLE_DEG)
    pitch = np.radians(RELAXED_DEG)
    pitch = pitch + standing * (np.clip(flat, low, high) - pitch)
    highest = np.arctan2(shin[..., 1], square[..., 1])
    steep = np.hypot(shin[..., 1], square[..., 1])
    room = (np.maximum(ankles, 0.0) + CLEAR_M) / TOES_M
    most = np.arccos(np.clip(-room / np.maximum(steep, 1e-6), -1.0, 1.0))
    behind = square[..., 1] < 0
    tucked = np.minimum(pitch, np.where(behind & (highest > 0), highest - TURN, highest) + most)
    pointed = np.maximum(pitch, np.where(behind & (highest < 0), highest + TURN, highest) - most)
    pitch = pointed + _ramp(-shin[..., 1], TUCKED) * (tucked - pointed)
    pitch = gaussian_filter1d(np.clip(pitch, low, high), ENDS_SMOOTHED, axis=0, mode="nearest")
    cos, sin = np.cos(pitch)[..., None], np.sin(pitch)[..., None]
    return cos * square + sin * shin, sin * square - cos * shin, standing


def _hands(forearm: Array, pelvis: Array, wrists: Array) -> Array:
    """Hands go on from their forearms, but bend where they would go through the floor.

    Args:
        forearm: (T, 2, 3) unit vectors.
        pelvis: (T, 3, 3) its frames.
        wrists: (T, 2) heights above where the lowest joint is.
    """
    level = np.array((1.0, 0.0, 1.0))
    up, forward = pelvis[:, None, :, 1], pelvis[:, None, :, 2]
    fingers = level * (forearm + 0.5 * (up + forward * up[..., 1:2]))
    drop = np.clip((np.maximum(wrists, 0.0) + CLEAR_M) / HAND_M, 0.0, 1.0)
    lowest = np.minimum(-drop, 0.0)
    bent = unit(fingers) * np.sqrt(1.0 - drop**2)[..., None]
    bent[..., 1] = lowest
    through = _ramp(lowest - forearm[..., 1], (0.0, 0.15))[..., None]
    given_way = through * (bent - forearm)
    return unit(forearm + gaussian_filter1d(given_way, ENDS_SMOOTHED, axis=0, mode="nearest"))


def _ramp(x: Array, ends: tuple[float, float]) -> Array:
    """From 0 to 1 while `x` goes from one end to the other, smoothly."""
    share = np.clip((x - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)
