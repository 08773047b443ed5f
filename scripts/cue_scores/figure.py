"""Bodies posed by joint angles: the exact inverse of `coach_server.body.angles.joint_angles`.

Camera axes: x right, y down, z forward. A figure of yaw 0 faces the camera, its left at +x.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle
from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import JOINTS, H36m

Array = NDArray[np.float64]

_LEFT: Final = np.array([1.0, 0.0, 0.0])
_UP: Final = np.array([0.0, -1.0, 0.0])
_FORWARD: Final = np.array([0.0, 0.0, -1.0])

THIGH_M, SHIN_M, HIP_M = 0.43, 0.42, 0.12
UPPER_ARM_M, FOREARM_M, SHOULDER_M = 0.28, 0.26, 0.18
TRUNK_M, HEAD_M = 0.48, 0.22
"""Lengths of a body with proportions 1; hips and shoulders are so far from the middle."""

TURNED_OUT_DEG: Final = (15.0, 70.0)
"""A thigh taken outward between these turns its knee outward: the shin of a lunge hangs down."""

IMAGE_SIZE: Final = (640, 480)
FOCAL_SHARE: Final = 0.7
"""Focal length as a share of the picture's width."""
DISTANCE_M: Final = 3.3
SCORE: Final = 0.95
COCO_FROM_H36M: Final = (9, 9, 9, 10, 10, 11, 14, 12, 15, 13, 16, 4, 1, 5, 2, 6, 3)
"""Joint that stands for each keypoint."""


@dataclass(frozen=True, slots=True)
class Proportions:
    """Lengths of a body's parts as multiples of the usual ones."""

    arm: float = 1.0
    leg: float = 1.0
    trunk: float = 1.0


USUAL: Final = Proportions()


def joints_of(
    angles: Array, proportions: Proportions = USUAL, yaw_deg: Array | float = 0.0
) -> FloatArray:
    """Joints of a body in some poses.

    Elbows bend the way they do in people, and knees as well, as far as the angles leave that open.

    Args:
        angles: (..., 17) degrees in the order of `Angle`.
        proportions: of the body.
        yaw_deg: (...) or a number; by which the body is turned to its left.

    Returns:
        (..., 17, 3) H36M-17 metres, camera axes, pelvis at the origin.
    """
    of = {angle: np.radians(angles[..., angle]) for angle in Angle}
    joints = np.zeros((*angles.shape[:-1], JOINTS, 3))
    up = _tilted((_LEFT, _UP, _FORWARD), of[Angle.TRUNK_FORWARD], of[Angle.TRUNK_SIDE])
    left = _unit(_LEFT - up * np.sum(up * _LEFT, axis=-1, keepdims=True))
    pelvis = (left, up, np.cross(left, up))
    cos, sin = (f(of[Angle.TRUNK_TWIST])[..., None] for f in (np.cos, np.sin))
    line = cos * pelvis[0] - sin * pelvis[2]
    thorax = (line, up, np.cross(line, up))

    joints[..., H36m.SPINE, :] = 0.5 * TRUNK_M * proportions.trunk * up
    top = TRUNK_M * proportions.trunk * up
    joints[..., H36m.THORAX, :] = top
    head = _tilted(thorax, of[Angle.NECK_FORWARD], of[Angle.NECK_SIDE])
    joints[..., H36m.NECK, :] = top + 0.55 * HEAD_M * head
    joints[..., H36m.HEAD, :] = top + HEAD_M * head
    for side, sign, hip, shoulder in (
        (0, 1.0, H36m.LEFT_HIP, H36m.LEFT_SHOULDER),
        (1, -1.0, H36m.RIGHT_HIP, H36m.RIGHT_SHOULDER),
    ):
        place = sign * HIP_M * np.broadcast_to(_LEFT, up.shape)
        bones = _leg(
            pelvis,
            sign,
            of[Angle(Angle.LEFT_HIP_FLEXION + side)],
            of[Angle(Angle.LEFT_HIP_ABDUCTION + side)],
            of[Angle(Angle.LEFT_KNEE_FLEXION + side)],
        )
        lengths = (THIGH_M * proportions.leg, SHIN_M * proportions.leg)
        _chain(joints, hip, place, bones, lengths)
        place = top + sign * SHOULDER_M * proportions.trunk * line
        bones = _arm(
            thorax,
            sign,
            of[Angle(Angle.LEFT_SHOULDER_ELEVATION + side)],
            of[Angle(Angle.LEFT_SHOULDER_PLANE + side)],
            of[Angle(Angle.LEFT_ELBOW_FLEXION + side)],
        )
        lengths = (UPPER_ARM_M * proportions.arm, FOREARM_M * proportions.arm)
        _chain(joints, shoulder, place, bones, lengths)
    return _turned(joints, np.asarray(yaw_deg, np.float64)).astype(np.float32)


def points_of(joints: FloatArray) -> FloatArray:
    """Keypoints of bodies before a camera at `DISTANCE_M`.

    Args:
        joints: (..., 17, 3) H36M-17 metres, camera axes, pelvis at the origin.

    Returns:
        (..., 17, 3) COCO-17 x, y as fractions of `IMAGE_SIZE`, score.
    """
    coco = joints[..., list(COCO_FROM_H36M), :]
    points = np.empty_like(coco)
    width, height = IMAGE_SIZE
    depth = coco[..., 2] + DISTANCE_M
    points[..., 0] = 0.5 + coco[..., 0] / depth * FOCAL_SHARE
    points[..., 1] = 0.5 + coco[..., 1] / depth * FOCAL_SHARE * width / height
    points[..., 2] = SCORE
    return points


def _tilted(axes: tuple[Array, Array, Array], forward: Array, side: Array) -> Array:
    """A direction that leans forward and sideways by so many radians from `axes`' up."""
    left, up, front = axes
    ahead = np.cos(forward)[..., None] * up + np.sin(forward)[..., None] * front
    return np.asarray(np.sin(side)[..., None] * left + np.cos(side)[..., None] * ahead)


def _leg(
    pelvis: tuple[Array, Array, Array], sign: float, flexion: Array, abduction: Array, knee: Array
) -> tuple[Array, Array]:
    """Directions of thigh and shin."""
    left, up, front = pelvis
    outward = sign * left
    ahead = -np.cos(flexion)[..., None] * up + np.sin(flexion)[..., None] * front
    thigh = np.sin(abduction)[..., None] * outward + np.cos(abduction)[..., None] * ahead
    backward = -np.sin(flexion)[..., None] * up - np.cos(flexion)[..., None] * front
    inward = np.sin(abduction)[..., None] * ahead - np.cos(abduction)[..., None] * outward
    low, high = np.radians(TURNED_OUT_DEG)
    turn = np.clip((abduction - low) / (high - low), 0.0, 1.0) * np.pi / 2
    bend = np.cos(turn)[..., None] * backward + np.sin(turn)[..., None] * inward
    return thigh, _bent(thigh, bend, knee)


def _arm(
    thorax: tuple[Array, Array, Array], sign: float, elevation: Array, plane: Array, elbow: Array
) -> tuple[Array, Array]:
    """Directions of upper arm and forearm."""
    left, up, front = thorax
    outward = sign * left
    aside = np.cos(plane)[..., None] * outward + np.sin(plane)[..., None] * front
    arm = -np.cos(elevation)[..., None] * up + np.sin(elevation)[..., None] * aside
    raising = np.sin(elevation)[..., None] * up + np.cos(elevation)[..., None] * aside
    ahead = -np.sin(plane)[..., None] * outward + np.cos(plane)[..., None] * front
    # a hanging arm bends forward, one held out upward
    turn = np.clip(1.0 - elevation / (np.pi / 2), 0.0, 1.0) * np.pi / 2
    bend = np.cos(turn)[..., None] * raising + np.sin(turn)[..., None] * ahead
    return arm, _bent(arm, bend, elbow)


def _bent(limb: Array, towards: Array, radians: Array) -> Array:
    """The next bone, `towards` being square to the limb."""
    return np.asarray(np.cos(radians)[..., None] * limb + np.sin(radians)[..., None] * towards)


def _chain(
    joints: Array,
    first: int,
    place: Array,
    bones: tuple[Array, Array],
    lengths: tuple[float, float],
) -> None:
    """Put a limb's three joints, which follow one another in H36M's order, in their places."""
    middle = place + lengths[0] * bones[0]
    joints[..., first, :] = place
    joints[..., first + 1, :] = middle
    joints[..., first + 2, :] = middle + lengths[1] * bones[1]


def _turned(joints: Array, yaw_deg: Array) -> Array:
    """About the vertical, to the body's left: what faced the camera then faces +x."""
    cos, sin = (f(np.radians(yaw_deg))[..., None] for f in (np.cos, np.sin))
    x, z = joints[..., 0], joints[..., 2]
    return np.stack([cos * x - sin * z, joints[..., 1], sin * x + cos * z], axis=-1)


def _unit(v: Array) -> Array:
    return np.asarray(v / np.linalg.norm(v, axis=-1, keepdims=True))
