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
from numpy.typing import NDArray

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


_UP: Final = np.array([0.0, -1.0, 0.0], np.float32)
_STEP_M: Final = 5e-3  # about what a joint is off by: a finer step takes a straight limb for sure
_STEPS: Final = (
    np.concatenate([np.zeros((1, JOINTS * 3)), np.eye(JOINTS * 3) * _STEP_M])
    .astype(np.float32)
    .reshape(-1, JOINTS, 3)
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


def joint_angles(joints: FloatArray) -> FloatArray:
    """Angles of poses.

    Args:
        joints: (..., 17, 3) H36M-17 in metres, camera axes x right, y down, z forward.

    Returns:
        (..., 17) degrees in the order of `Angle`; NaN where a joint is NaN.
    """
    out = np.empty((*joints.shape[:-2], len(Angle)), np.float32)
    hip_line = _bone(joints, H36m.RIGHT_HIP, H36m.LEFT_HIP)
    shoulder_line = _bone(joints, H36m.RIGHT_SHOULDER, H36m.LEFT_SHOULDER)
    trunk = _bone(joints, H36m.PELVIS, H36m.THORAX)
    pelvis = _frame(hip_line, trunk)
    thorax = _frame(shoulder_line, trunk)

    for side, sign, (hip, knee, ankle), (shoulder, elbow, wrist) in (
        (0, 1, (H36m.LEFT_HIP, H36m.LEFT_KNEE, H36m.LEFT_ANKLE), _ARM_LEFT),
        (1, -1, (H36m.RIGHT_HIP, H36m.RIGHT_KNEE, H36m.RIGHT_ANKLE), _ARM_RIGHT),
    ):
        upper_arm = _bone(joints, shoulder, elbow)
        thigh = _bone(joints, hip, knee)
        out[..., Angle.LEFT_ELBOW_FLEXION + side] = _between(upper_arm, _bone(joints, elbow, wrist))
        out[..., Angle.LEFT_KNEE_FLEXION + side] = _between(thigh, _bone(joints, knee, ankle))
        left, up, forward = (_dot(thigh, axis) for axis in pelvis)
        out[..., Angle.LEFT_HIP_FLEXION + side] = _atan2(forward, -up)
        out[..., Angle.LEFT_HIP_ABDUCTION + side] = _asin(sign * left)
        left, up, forward = (_dot(upper_arm, axis) for axis in thorax)
        out[..., Angle.LEFT_SHOULDER_ELEVATION + side] = _acos(-up)
        out[..., Angle.LEFT_SHOULDER_PLANE + side] = _atan2(forward, sign * left)

    level_left, up_axis, level_forward = _frame(
        hip_line - _UP * _dot(hip_line, _UP)[..., None], _UP
    )
    out[..., Angle.TRUNK_FORWARD] = _atan2(_dot(trunk, level_forward), _dot(trunk, up_axis))
    out[..., Angle.TRUNK_SIDE] = _asin(_dot(trunk, level_left))
    out[..., Angle.TRUNK_TWIST] = _atan2(
        -_dot(shoulder_line, pelvis[2]), _dot(shoulder_line, pelvis[0])
    )
    head = _bone(joints, H36m.THORAX, H36m.HEAD)
    left, up, forward = (_dot(head, axis) for axis in thorax)
    out[..., Angle.NECK_FORWARD] = _atan2(forward, up)
    out[..., Angle.NECK_SIDE] = _asin(left)
    return out


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
    moved = joint_angles(joints[..., None, :, :] + _STEPS)  # the first is not moved at all
    angles = moved[..., 0, :]
    gradient = wrap_degrees(moved[..., 1:, :] - angles[..., None, :]) / _STEP_M
    weights = np.broadcast_to(sigma, joints.shape).reshape(*joints.shape[:-2], -1, 1)
    shape = (*joints.shape[:-2], JOINTS, 3 * len(Angle))
    independent = _CORRELATED.T @ (gradient * weights).reshape(shape)
    squares = (independent**2).sum(axis=-2).reshape(*joints.shape[:-2], 3, len(Angle))
    return angles, np.sqrt(squares.sum(axis=-2))


def wrap_degrees(angles: FloatArray) -> FloatArray:
    """Angles brought into -180..180, for differences of angles that go round."""
    wrapped: FloatArray = (angles + 180.0) % 360.0 - 180.0
    return wrapped


_ARM_LEFT: Final = (H36m.LEFT_SHOULDER, H36m.LEFT_ELBOW, H36m.LEFT_WRIST)
_ARM_RIGHT: Final = (H36m.RIGHT_SHOULDER, H36m.RIGHT_ELBOW, H36m.RIGHT_WRIST)


def _unit(v: FloatArray) -> FloatArray:
    length: FloatArray = np.maximum(np.sqrt(_dot(v, v)), np.float32(1e-9))
    unit: FloatArray = v / length[..., None]
    return unit


def _bone(joints: FloatArray, start: int, end: int) -> FloatArray:
    """Unit vectors from one joint to another."""
    return _unit(joints[..., end, :] - joints[..., start, :])


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    # np.sum spends most of its time in checks at this size
    product: FloatArray = np.einsum("...k,...k->...", a, b)
    return product


def _cross(a: FloatArray, b: FloatArray) -> FloatArray:
    # np.cross spends most of its time in checks at this size
    out = np.empty(np.broadcast_shapes(a.shape, b.shape), np.float32)
    for i, (j, k) in enumerate(((1, 2), (2, 0), (0, 1))):
        out[..., i] = a[..., j] * b[..., k] - a[..., k] * b[..., j]
    return out


def _frame(left: FloatArray, up: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Orthonormal (left, up, forward): `up` as given, `left` made square to it."""
    up = _unit(up)
    left = _unit(left - up * _dot(left, up)[..., None])
    return left, up, _cross(left, up)


def _between(a: FloatArray, b: FloatArray) -> FloatArray:
    """Unsigned angle between unit vectors; exact near 0, where acos is not."""
    cross = _cross(a, b)
    return _atan2(np.sqrt(_dot(cross, cross)), _dot(a, b))


def _atan2(y: FloatArray, x: FloatArray) -> FloatArray:
    angle: NDArray[np.float32] = np.degrees(np.arctan2(y, x))
    return angle


def _asin(x: FloatArray) -> FloatArray:
    angle: NDArray[np.float32] = np.degrees(np.arcsin(np.clip(x, -1.0, 1.0)))
    return angle


def _acos(x: FloatArray) -> FloatArray:
    angle: NDArray[np.float32] = np.degrees(np.arccos(np.clip(x, -1.0, 1.0)))
    return angle
