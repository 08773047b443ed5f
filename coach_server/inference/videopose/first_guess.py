"""Joints as the keypoints alone have them: what our networks correct.

A network whose answer is the joints themselves has to carry every millimetre of its input through
all of its layers, and falls back on what bodies usually do instead. One that corrects a guess
passes on what is seen, and learns how it is wrong. The guess puts each keypoint on the ray of its
pixel, at the depth that the detector says, or at that of the hips where it says none.

How far away the body is follows from its size: an average adult's bones, less what depth takes of
them, are as long as they are seen (least squares). H36M's inner joints lie between those seen:
the thorax between the shoulders, the spine half-way to it, and the head about the ears.
"""

from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import JOINTS, LIMB_KEYPOINTS, Coco, H36m
from coach_server.inference.videopose.encoding import FOCAL

_BONES_M: Final = (
    (Coco.LEFT_SHOULDER, Coco.LEFT_ELBOW, 0.28),
    (Coco.RIGHT_SHOULDER, Coco.RIGHT_ELBOW, 0.28),
    (Coco.LEFT_ELBOW, Coco.LEFT_WRIST, 0.25),
    (Coco.RIGHT_ELBOW, Coco.RIGHT_WRIST, 0.25),
    (Coco.LEFT_HIP, Coco.LEFT_KNEE, 0.42),
    (Coco.RIGHT_HIP, Coco.RIGHT_KNEE, 0.42),
    (Coco.LEFT_KNEE, Coco.LEFT_ANKLE, 0.42),
    (Coco.RIGHT_KNEE, Coco.RIGHT_ANKLE, 0.42),
    (Coco.LEFT_SHOULDER, Coco.LEFT_HIP, 0.48),
    (Coco.RIGHT_SHOULDER, Coco.RIGHT_HIP, 0.48),
    (Coco.LEFT_SHOULDER, Coco.RIGHT_SHOULDER, 0.34),
    (Coco.LEFT_HIP, Coco.RIGHT_HIP, 0.20),
)
"""Two keypoints and how far apart they are on an average adult."""
_FROM: Final = np.array([bone[0] for bone in _BONES_M])
_TO: Final = np.array([bone[1] for bone in _BONES_M])
_SQUARED: Final = np.array([bone[2] for bone in _BONES_M], np.float32) ** 2
_LEAST_SEEN: Final = np.float32(0.25)
"""Depth takes at most the rest of the bones' squares: detectors say too much of it at times."""
_DISTANCE_M: Final = (0.5, 12.0)
_CROWN_M: Final = np.float32(0.12)
_SKULL_M: Final = np.float32(0.03)
"""From mid-ear to the crown, and down to where the skull sits on the neck."""
_NECK_M: Final = np.float32(0.05)
"""No ears are nearer to the shoulders."""
_LIMBS_TO: Final = np.array(list(LIMB_KEYPOINTS))
_LIMBS_FROM: Final = np.array(list(LIMB_KEYPOINTS.values()))
_LEFT_HIP: Final = slice(Coco.LEFT_HIP, Coco.LEFT_HIP + 1)
_RIGHT_HIP: Final = slice(Coco.RIGHT_HIP, Coco.RIGHT_HIP + 1)


def first_guess(points: FloatArray, depth: FloatArray, image_size: tuple[int, int]) -> FloatArray:
    """Joints of frames, each frame by itself.

    Args:
        points: (..., 17, 3) COCO-17: x, y in pixels of the upright frame, score 0..1.
        depth: (..., 17) metres from mid-hip along the camera axis, NaN where there is none.
        image_size: (width, height) in pixels.

    Returns:
        (..., 17, 3) H36M-17, metres, pelvis at the origin, camera axes; all finite. A keypoint
        that is not finite is taken to be in the middle of the others.
    """
    width, height = image_size
    middle = np.array([width, height], np.float32) / 2
    rays = np.asarray((points[..., :2] - middle) / (max(width, height) * FOCAL), np.float32)
    finite = np.isfinite(points).all(axis=-1, keepdims=True)
    if not finite.all():
        count = np.maximum(finite.sum(axis=-2, keepdims=True), 1)
        mean = np.where(finite, rays, 0).sum(axis=-2, keepdims=True) / count
        rays = np.asarray(np.where(finite, rays, mean), np.float32)
    away = np.where(np.isfinite(depth), depth, 0).astype(np.float32)
    distance = _distance(rays, away)[..., None]
    seen = np.empty((*rays.shape[:-1], 3), np.float32)
    seen[..., :2] = rays * (distance + away)[..., None]
    seen[..., 2] = away
    seen -= (seen[..., _LEFT_HIP, :] + seen[..., _RIGHT_HIP, :]) / 2
    return _h36m(seen)


def _distance(rays: FloatArray, away: FloatArray) -> FloatArray:
    """(...) metres to the hips of (..., 17, 2) rays in focal lengths and (..., 17) depths."""
    across = rays.take(_FROM, axis=-2) - rays.take(_TO, axis=-2)
    deep = away.take(_FROM, axis=-1) - away.take(_TO, axis=-1)
    left = np.maximum((_SQUARED - deep * deep).sum(axis=-1), _LEAST_SEEN * _SQUARED.sum())
    length = np.maximum((across * across).sum(axis=(-2, -1)), np.float32(1e-9))
    distance = np.sqrt(left / length)
    return np.asarray(np.clip(distance, *_DISTANCE_M), np.float32)


def _h36m(seen: FloatArray) -> FloatArray:
    """(..., 17, 3) H36M-17 of (..., 17, 3) COCO-17 about mid-hip, metres."""
    joints = np.zeros((*seen.shape[:-2], JOINTS, 3), np.float32)
    joints[..., _LIMBS_TO, :] = seen.take(_LIMBS_FROM, axis=-2)
    thorax = (seen[..., Coco.LEFT_SHOULDER, :] + seen[..., Coco.RIGHT_SHOULDER, :]) / 2
    ears = (seen[..., Coco.LEFT_EAR, :] + seen[..., Coco.RIGHT_EAR, :]) / 2
    down = thorax - ears
    down /= np.maximum(np.sqrt((down * down).sum(axis=-1, keepdims=True)), _NECK_M)
    joints[..., H36m.THORAX, :] = thorax
    joints[..., H36m.SPINE, :] = thorax / 2
    joints[..., H36m.NECK, :] = ears + _SKULL_M * down
    joints[..., H36m.HEAD, :] = ears - _CROWN_M * down
    return joints
