"""Signed joint angles in anatomical terms, and how sure they are.

All angles are in degrees and are taken in the body's own frames, so that turning the whole body
(yaw) leaves them alone; only the trunk's lean is measured against gravity, which the camera's y
axis stands in for. Frames are right-handed: left x up = forward.

Definitions (ISB's in words, Wu et al. 2002 and 2005, simplified to what 17 joints show):

- elbow and knee flexion: 0 straight, positive bent.
- hip flexion: thigh forward of the pelvis' downward axis positive; abduction: thigh outward
  positive.
- shoulder elevation: upper arm against the trunk's downward axis, 0 hanging, 180 overhead; plane:
  direction of the raised arm about the trunk, 0 sideways, 90 straight ahead.
- trunk forward and side lean: the pelvis-to-thorax line against gravity, forward and to the left
  positive; twist: the shoulder line against the hip line, turned to the left positive.
- neck forward and side: the head against the trunk's axis, forward and to the left positive.
"""

from enum import IntEnum
from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import H36M_BONES, JOINTS, H36m


class Angle(IntEnum):
    """Order of the columns of every array of angles."""

    LEFT_ELBOW_FLEXION = 0
    RIGHT_ELBOW_FLEXION = 1
    LEFT_KNEE_FLEXION = 2
    RIGHT_KNEE_FLEXION = 3
    LEFT_HIP_FLEXION = 4
    RIGHT_HIP_FLEXION = 5
    LEFT_HIP_ABDUCTION = 6
    RIGHT_HIP_ABDUCTION = 7
    LEFT_SHOULDER_ELEVATION = 8
    RIGHT_SHOULDER_ELEVATION = 9
    LEFT_SHOULDER_PLANE = 10
    RIGHT_SHOULDER_PLANE = 11
    TRUNK_FORWARD = 12
    TRUNK_SIDE = 13
    TRUNK_TWIST = 14
    NECK_FORWARD = 15
    NECK_SIDE = 16


_STEP_M: Final = np.float32(5e-3)
"""About what a joint is off by: a finer step takes a straight limb for sure."""
_STEPS: Final = (
    np.concatenate([np.zeros((JOINTS * 3, 1)), np.eye(JOINTS * 3) * _STEP_M], axis=1)
    .astype(np.float32)
    .reshape(3, JOINTS, -1)
)

TOGETHER: Final = 0.8
"""Correlation of the errors of two joints that a bone connects, along the same axis.

A joint that is off takes its neighbours along: an arm is read too far forward as a whole. Taken to
err each for itself, joints would make an elbow's angle twice as doubtful as it is. With this value
68 % of the errors of each angle lie within .74 to 1.11 of their stated deviation (the neck's to the
side within .59), over rendered people that the lifter has not learnt from.
"""


def _correlated() -> FloatArray:
    """(17, 17) C with C @ C.T the correlations of the joints' errors: less along more bones."""
    bones_between = np.full((JOINTS, JOINTS), np.inf)
    np.fill_diagonal(bones_between, 0)
    for parent, child in H36M_BONES:
        bones_between[parent, child] = bones_between[child, parent] = 1
    for via in range(JOINTS):  # Floyd and Warshall
        way = bones_between[:, [via]] + bones_between[[via]]
        bones_between = np.minimum(bones_between, way)
    return np.asarray(np.linalg.cholesky(TOGETHER**bones_between), np.float32)


_CORRELATED: Final = _correlated()


_LIMBS: Final = (
    (H36m.LEFT_SHOULDER, H36m.LEFT_ELBOW, H36m.LEFT_WRIST),
    (H36m.RIGHT_SHOULDER, H36m.RIGHT_ELBOW, H36m.RIGHT_WRIST),
    (H36m.LEFT_HIP, H36m.LEFT_KNEE, H36m.LEFT_ANKLE),
    (H36m.RIGHT_HIP, H36m.RIGHT_KNEE, H36m.RIGHT_ANKLE),
)
_FROM, _TO = np.array(
    [
        *((root, middle) for root, middle, _ in _LIMBS),
        *((middle, end) for _, middle, end in _LIMBS),
        (H36m.THORAX, H36m.HEAD),
        (H36m.RIGHT_SHOULDER, H36m.LEFT_SHOULDER),
        (H36m.RIGHT_HIP, H36m.LEFT_HIP),
        (H36m.PELVIS, H36m.THORAX),
    ]
).T
_UPPER, _LOWER = slice(0, 4), slice(4, 8)
_HEAD, _SHOULDERS, _HIPS, _TRUNK = range(8, 12)
"""Bones as `_angles` knows them: arms and thighs, the lower half of each, and the rest."""
_IN_FRAMES: Final = np.array([0, 1, _HEAD, 2, 3, _SHOULDERS])
"""The bones that are told in the frame of the thorax, then those in that of the pelvis."""
_OUTWARD: Final = np.array([1, -1], np.float32)
"""The sign of outward along the left axis, for the left limb and the right one."""


def joint_angles(joints: FloatArray) -> FloatArray:
    """Angles of poses.

    Args:
        joints: (..., 17, 3) H36M-17 in metres, camera axes x right, y down, z forward.

    Returns:
        (..., 17) degrees in the order of `Angle`; NaN where a joint is NaN.
    """
    angles = _angles(np.ascontiguousarray(np.moveaxis(joints, (-1, -2), (0, 1))))
    return np.ascontiguousarray(np.moveaxis(angles, 0, -1))


def angles_and_sigma(joints: FloatArray, sigma: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Angles of poses and how far they may be off: first-order propagation of the joints' spread.

    Joints that bones connect err together (`TOGETHER`), the axes each for itself. An angle that
    turns on a direction the lifter is unsure of (mostly depth) gets a large spread; so does one
    near a pole of its definition.

    Args:
        joints: (..., 17, 3) as for `joint_angles`.
        sigma: (..., 17, 3) or a shape that broadcasts to it; metres, one standard deviation.

    Returns:
        Two arrays (..., 17) in degrees in the order of `Angle`: the angles, and one standard
        deviation of each.
    """
    poses = joints.shape[:-2]
    here = joints.transpose(-1, -2, *range(len(poses)))[..., None]
    moved = _angles(here + _STEPS.reshape(3, JOINTS, *(1 for _ in poses), -1))
    angles = moved[..., 0]  # the first is not moved at all
    gradient = wrap_degrees(moved[..., 1:] - angles[..., None]) / _STEP_M
    gradient *= np.broadcast_to(sigma, joints.shape).swapaxes(-1, -2).reshape(*poses, -1)
    independent = gradient.reshape(-1, JOINTS) @ _CORRELATED
    independent *= independent
    squares = independent.reshape(gradient.shape).sum(axis=-1)
    return np.moveaxis(angles, 0, -1).copy(), np.moveaxis(np.sqrt(squares), 0, -1)


def wrap_degrees(angles: FloatArray) -> FloatArray:
    """Angles brought into -180..180, for differences of angles that go round."""
    wrapped: FloatArray = (angles + 180.0) % 360.0 - 180.0
    return wrapped


def _angles(joints: FloatArray) -> FloatArray:
    """(17, ...) degrees of (3, 17, ...) joints: so numpy has long rows to work on, not triples."""
    bones = _unit(joints.take(_TO, axis=1) - joints.take(_FROM, axis=1))
    trunk, hips = bones[:, _TRUNK], bones[:, _HIPS]
    # Frames of thorax and pelvis: the trunk is up in both, left is made square to it.
    up = trunk[:, None]
    across = bones[:, _SHOULDERS : _HIPS + 1]
    left = _unit(across - up * _dot(across, up))
    told = bones.take(_IN_FRAMES, axis=1).reshape(3, 2, 3, *joints.shape[2:])
    (arms_up, hips_up), (arms_left, hips_left), (arms_forward, hips_forward) = (
        _dot(told, axis[:, :, None]) for axis in (up, left, _cross(left, up))
    )
    outward = _OUTWARD.reshape(2, *(1 for _ in joints.shape[2:]))
    # The level frame of the pelvis: its left is the hips' line laid flat.
    flat = hips[::2] / np.maximum(np.hypot(hips[0], hips[2]), _TINY)

    out = np.empty((len(Angle), *joints.shape[2:]), np.float32)
    out[Angle.LEFT_ELBOW_FLEXION : Angle.LEFT_HIP_FLEXION] = _between(
        bones[:, _UPPER], bones[:, _LOWER]
    )
    out[Angle.LEFT_HIP_FLEXION : Angle.LEFT_HIP_ABDUCTION] = np.arctan2(
        hips_forward[:2], -hips_up[:2]
    )
    out[Angle.LEFT_HIP_ABDUCTION : Angle.LEFT_SHOULDER_ELEVATION] = _asin(outward * hips_left[:2])
    out[Angle.LEFT_SHOULDER_ELEVATION : Angle.LEFT_SHOULDER_PLANE] = np.arccos(
        np.clip(-arms_up[:2], -1.0, 1.0)
    )
    out[Angle.LEFT_SHOULDER_PLANE : Angle.TRUNK_FORWARD] = np.arctan2(
        arms_forward[:2], outward * arms_left[:2]
    )
    out[Angle.TRUNK_FORWARD] = np.arctan2(trunk[0] * flat[1] - trunk[2] * flat[0], -trunk[1])
    out[Angle.TRUNK_SIDE] = _asin(trunk[0] * flat[0] + trunk[2] * flat[1])
    out[Angle.TRUNK_TWIST] = np.arctan2(-hips_forward[2], hips_left[2])
    out[Angle.NECK_FORWARD] = np.arctan2(arms_forward[2], arms_up[2])
    out[Angle.NECK_SIDE] = _asin(arms_left[2])
    out *= np.float32(180 / np.pi)
    return out


_TINY: Final = np.float32(1e-9)
_NEXT, _LAST = np.array([1, 2, 0]), np.array([2, 0, 1])
"""The axis after each, and the one before."""


def _unit(v: FloatArray) -> FloatArray:
    """(3, ...) vectors of length 1."""
    length: FloatArray = np.maximum(np.sqrt(_dot(v, v)), _TINY)
    unit: FloatArray = v / length
    return unit


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """(...) of (3, ...) vectors."""
    product: FloatArray = np.add.reduce(a * b, axis=0)
    return product


def _cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """(3, ...) of (3, ...) vectors."""
    product: FloatArray = a.take(_NEXT, 0) * b.take(_LAST, 0) - a.take(_LAST, 0) * b.take(_NEXT, 0)
    return product


def _between(a: FloatArray, b: FloatArray) -> FloatArray:
    """Radians between unit vectors, unsigned; exact near 0, where acos is not."""
    cross = _cross(a, b)
    angle: FloatArray = np.arctan2(np.sqrt(_dot(cross, cross)), _dot(a, b))
    return angle


def _asin(x: FloatArray) -> FloatArray:
    angle: FloatArray = np.arcsin(np.clip(x, -1.0, 1.0))
    return angle
