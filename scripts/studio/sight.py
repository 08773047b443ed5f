"""Whether a camera can tell one pose of a body from another, by the truth."""

from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.skeleton import LIMB_KEYPOINTS, Coco, H36m
from scripts.studio.visibility import VISIBLE

SEEN_SHARE: Final = 0.02
SEEN_DEPTH_M: Final = 0.05
"""A change can be seen where a joint that is not hidden moves in the picture by this share of the
body's height, or by this much in depth."""
_TOLD_BY: Final = {**LIMB_KEYPOINTS, H36m.HEAD: Coco.NOSE, H36m.NECK: Coco.NOSE}
"""Joint -> the keypoint that tells whether it can be seen."""

Joints = NDArray[np.floating[Any]]


def can_be_seen(before: Joints, after: Joints, flags: NDArray[np.uint8], focal_px: float) -> bool:
    """Whether a change of pose can be seen.

    Args:
        before: (17, 3) H36M-17, metres from the camera, camera axes.
        after: as `before`.
        flags: (N, 17) COCO's flags in N moments; a joint counts that can be seen in all of them.
        focal_px: pixels.
    """
    joints = list(_TOLD_BY)
    open_to_sight = (flags[:, list(_TOLD_BY.values())] == VISIBLE).all(axis=0)
    first, second = before[joints], after[joints]
    pixels = [place[:, :2] / place[:, 2:] * focal_px for place in (first, second)]
    aside = np.linalg.norm(pixels[1] - pixels[0], axis=1)
    height = stature_m(before) * focal_px / float(before[H36m.PELVIS, 2])
    moved = (aside >= SEEN_SHARE * height) | (np.abs(second - first)[:, 2] >= SEEN_DEPTH_M)
    return bool((moved & open_to_sight).any())


def stature_m(joints: Joints) -> float:
    """Height of a body (17, 3), whatever it does: ankle to crown along its bones."""
    chain = (H36m.RIGHT_ANKLE, H36m.RIGHT_KNEE, H36m.RIGHT_HIP)
    legs = [np.linalg.norm(joints[a] - joints[b]) for a, b in pairwise(chain)]
    above = (H36m.PELVIS, H36m.THORAX, H36m.NECK, H36m.HEAD)
    upper = [np.linalg.norm(joints[a] - joints[b]) for a, b in pairwise(above)]
    return float(sum(legs) + sum(upper))
