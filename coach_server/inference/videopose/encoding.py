"""Keypoints as the numbers that a network takes in: the same code in training and live.

Two of the encodings are ours. Per joint, in COCO's order:

====== ========================================================================================
x, y   from the reference, in units of half the body's box (the longer side of what encloses it)
score  as the detector says it
depth  the detector's, in units of half a metre, away positive; 0 where there is none
known  1 where there is a depth, 0 where there is none
====== ========================================================================================

then for the whole body x and y of the reference on the ray through the camera, that is in units of
the focal length from the middle of the picture, and the logarithm of the box in focal lengths. The
first says from which side the body is seen, the second how far away it is. Where the body is in
the picture, its size there and the size of the picture so change these three numbers alone. The
focal length is not known: it is taken to be that of an average laptop.

The reference is the middle of the box (`box`) or mid-hip (`hip`), and what the network
answers is a correction of `first_guess`. The third encoding, `picture`, is that of the authors of
VideoPose3D: x and y in the picture, scaled by half its width, and no more; what it answers are the
joints themselves.

A joint that is not finite is put on the reference, with a score of 0.
"""

from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import JOINTS, Coco

Mask: TypeAlias = NDArray[np.bool_]

ENCODING_VERSION: Final = 2
"""Raised whenever the same keypoints are encoded differently: weights have to be trained anew."""
FOCAL: Final = 0.87
"""Focal length in units of the picture's longer side: 60 degrees, the middle of laptop cameras."""
_DEPTH_UNIT_M: Final = 0.5
_SMALLEST: Final = 0.02
"""A box is at least this share of the picture's longer side: noise is not blown up to a body."""
_PER_JOINT: Final = 5
_HIPS: Final = np.array([Coco.LEFT_HIP, Coco.RIGHT_HIP])


class Encoding(StrEnum):
    """Which numbers."""

    BOX = "box"
    HIP = "hip"
    PICTURE = "picture"

    @property
    def features(self) -> int:
        """How many numbers a frame."""
        return JOINTS * 2 if self is Encoding.PICTURE else JOINTS * _PER_JOINT + 3

    @property
    def corrects(self) -> bool:
        """Whether a network's answer is to be added to `first_guess`."""
        return self is not Encoding.PICTURE


def encode(
    encoding: Encoding, points: FloatArray, depth: FloatArray, image_size: tuple[int, int]
) -> FloatArray:
    """Features of frames.

    Args:
        encoding: which.
        points: (..., 17, 3) COCO-17: x, y in pixels of the upright frame, score 0..1.
        depth: (..., 17) metres from mid-hip along the camera axis, NaN where there is none.
        image_size: (width, height) in pixels.

    Returns:
        (..., encoding.features), all finite.
    """
    width, height = image_size
    finite = np.asarray(np.isfinite(points).all(axis=-1))
    if encoding is Encoding.PICTURE:
        return _in_picture(points, finite, width, height)
    # From the middle of the picture, in units of its longer side.
    middle = np.array([width, height], np.float32) / 2
    places = np.asarray((points[..., :2] - middle) / max(width, height), np.float32)
    low, high = _box(places, finite)
    size = np.maximum((high - low).max(axis=-1), _SMALLEST)
    reference = (low + high) / 2
    if encoding is Encoding.HIP:
        hips_known = finite[..., _HIPS].all(axis=-1, keepdims=True)
        reference = np.where(hips_known, places[..., _HIPS, :].mean(axis=-2), reference)
    out = np.zeros((*points.shape[:-2], encoding.features), np.float32)
    joints = out[..., : JOINTS * _PER_JOINT].reshape(*points.shape[:-2], JOINTS, _PER_JOINT)
    around = (places - reference[..., None, :]) / (size[..., None, None] / 2)
    known = finite & np.isfinite(depth)
    joints[..., :2] = np.where(finite[..., None], around, 0)
    joints[..., 2] = np.where(finite, points[..., 2], 0)
    joints[..., 3] = np.where(known, depth, 0) / np.float32(_DEPTH_UNIT_M)
    joints[..., 4] = known
    out[..., : JOINTS * _PER_JOINT] = joints.reshape(*points.shape[:-2], -1)
    out[..., -3:-1] = reference / FOCAL
    out[..., -1] = np.log(size / FOCAL)
    return out


def _box(places: FloatArray, finite: Mask) -> tuple[FloatArray, FloatArray]:
    """Lower and upper corner (..., 2) of what encloses the finite joints; the middle without."""
    beyond = np.float32(np.inf)
    low = np.where(finite[..., None], places, beyond).min(axis=-2)
    high = np.where(finite[..., None], places, -beyond).max(axis=-2)
    anything = finite.any(axis=-1, keepdims=True)
    return np.where(anything, low, 0), np.where(anything, high, 0)


def _in_picture(points: FloatArray, finite: Mask, width: int, height: int) -> FloatArray:
    middle = np.array([width, height], np.float32) / 2
    scaled = np.where(finite[..., None], points[..., :2] - middle, 0) / np.float32(width / 2)
    return scaled.reshape(*points.shape[:-2], -1).astype(np.float32)
