"""Bringing one body to face as another does: yaw only, since a lean must stay visible."""

from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import H36M_BONES, H36M_MIRROR, HIP_LINE

LIMBS: Final = tuple(bone for bone in H36M_BONES if bone not in HIP_LINE)
"""The bones whose directions are compared: all but the short ones of the pelvis."""

_STARTS: Final = [start for start, _ in LIMBS]
_ENDS: Final = [end for _, end in LIMBS]


def limb_directions(joints: FloatArray) -> FloatArray:
    """Unit vectors along the limbs.

    Args:
        joints: (..., 17, 3) H36M-17 in metres, camera axes.

    Returns:
        (..., len(LIMBS), 3); NaN where a joint is NaN.
    """
    limbs = joints[..., _ENDS, :] - joints[..., _STARTS, :]
    length = np.sqrt(np.sum(limbs * limbs, axis=-1, keepdims=True))
    directions: FloatArray = limbs / np.maximum(length, np.float32(1e-9))
    return directions


def turned_towards(moving: FloatArray, fixed: FloatArray) -> FloatArray:
    """`moving` turned about the vertical so that it faces as `fixed` does, in least squares.

    The yaw is closed form: the argument of the sum of conjugate products of the horizontal
    parts, read as complex numbers (Procrustes in the plane).

    Args:
        moving: (N, B, 3) unit vectors of N candidates, camera axes (y is the vertical).
        fixed: (B, 3) unit vectors, or (N, B, 3): one for each.

    Returns:
        (N, B, 3).
    """
    x, z = moving[..., 0], moving[..., 2]
    cos = np.sum(x * fixed[..., 0] + z * fixed[..., 2], axis=-1, keepdims=True)
    sin = np.sum(x * fixed[..., 2] - z * fixed[..., 0], axis=-1, keepdims=True)
    length = np.maximum(np.hypot(cos, sin), np.float32(1e-9))
    cos, sin = cos / length, sin / length
    turned = np.empty_like(moving)
    turned[..., 0] = x * cos - z * sin
    turned[..., 1] = moving[..., 1]
    turned[..., 2] = x * sin + z * cos
    return turned


def mirrored_joints(joints: FloatArray) -> FloatArray:
    """The mirror image of poses: sides exchanged, the lateral axis negated; (..., 17, 3)."""
    image = joints[..., H36M_MIRROR, :].copy()
    image[..., 0] *= -1
    return image
