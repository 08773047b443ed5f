"""Bringing one body to face as another does: yaw only, since a lean must stay visible."""

from typing import Final, TypeAlias

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import H36M_BONES, H36M_MIRROR, HIP_LINE

LIMBS: Final = tuple(bone for bone in H36M_BONES if bone not in HIP_LINE)
"""The bones whose directions are compared: all but the short ones of the pelvis."""

_STARTS, _ENDS = np.array(LIMBS).T  # arrays: numpy makes one of a list at each use
_MIRROR: Final = np.array(H36M_MIRROR)


Horizontal: TypeAlias = tuple[FloatArray, FloatArray]
"""x and z of vectors in camera axes, (..., B) each."""


def limb_directions(joints: FloatArray) -> FloatArray:
    """Unit vectors along the limbs.

    Args:
        joints: (..., 17, 3) H36M-17 in metres, camera axes.

    Returns:
        (..., len(LIMBS), 3); NaN where a joint is NaN.
    """
    limbs = joints.take(_ENDS, axis=-2) - joints.take(_STARTS, axis=-2)
    length = np.sqrt(np.add.reduce(limbs * limbs, axis=-1, keepdims=True))
    directions: FloatArray = limbs / np.maximum(length, np.float32(1e-9))
    return directions


def turned_towards(moving: FloatArray, fixed: FloatArray) -> FloatArray:
    """`moving` turned about the vertical so that it faces as `fixed` does, in least squares.

    Args:
        moving: (N, B, 3) unit vectors of N candidates, camera axes (y is the vertical).
        fixed: (B, 3) unit vectors, or (N, B, 3): one for each.

    Returns:
        (N, B, 3).
    """
    turned = np.empty_like(moving)
    turned[..., 0], turned[..., 2] = facing(
        (moving[..., 0], moving[..., 2]), (fixed[..., 0], fixed[..., 2])
    )
    turned[..., 1] = moving[..., 1]
    return turned


def facing(moving: Horizontal, fixed: Horizontal) -> Horizontal:
    """The horizontal parts of `moving` turned to face as `fixed` does, as `turned_towards` does it.

    The yaw is closed form: the argument of the sum of conjugate products of the horizontal
    parts, read as complex numbers (Procrustes in the plane).
    """
    (x, z), (to_x, to_z) = moving, fixed
    cos = np.add.reduce(x * to_x + z * to_z, axis=-1, keepdims=True)
    sin = np.add.reduce(x * to_z - z * to_x, axis=-1, keepdims=True)
    length = np.maximum(np.hypot(cos, sin), np.float32(1e-9))
    cos /= length
    sin /= length
    return x * cos - z * sin, x * sin + z * cos


def mirrored_joints(joints: FloatArray) -> FloatArray:
    """The mirror image of poses: sides exchanged, the lateral axis negated; (..., 17, 3)."""
    image = joints.take(_MIRROR, axis=-2)
    image[..., 0] *= -1
    return image
