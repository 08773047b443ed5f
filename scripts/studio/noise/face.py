"""Where the face is on a body of which no more is known than its H36M-17 joints.

Those have the axis of the head, from the base of the skull to the crown, but not its turn about
it. The turn is found so that the face fits best to what was detected; noise draws it again.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.skeleton import Coco, H36m
from scripts.studio.noise.aspect import Aspect
from scripts.studio.rotations import Array, unit

FACE: Final = slice(Coco.NOSE, Coco.RIGHT_EAR + 1)
LIMBS: Final = (
    H36m.LEFT_SHOULDER,
    H36m.RIGHT_SHOULDER,
    H36m.LEFT_ELBOW,
    H36m.RIGHT_ELBOW,
    H36m.LEFT_WRIST,
    H36m.RIGHT_WRIST,
    H36m.LEFT_HIP,
    H36m.RIGHT_HIP,
    H36m.LEFT_KNEE,
    H36m.RIGHT_KNEE,
    H36m.LEFT_ANKLE,
    H36m.RIGHT_ANKLE,
)
"""The H36M-17 joints that COCO-17 has after the face, in its order."""

AVERAGE: Final = np.array(
    [[0.0, 0.2, 0.8], [0.22, 0.42, 0.65], [-0.22, 0.42, 0.65], [0.5, 0.3, 0.1], [-0.5, 0.3, 0.1]]
)
"""(5, 3) nose, eyes and ears: left, up and forward of the base of the skull, in head lengths."""
TURNS: Final = np.radians(np.arange(-100.0, 101.0, 5.0))
"""Which turns of the head are tried, positive to the left."""
ROUNDS: Final = 4
FAR: Final = 0.05
"""Body lengths: a face detected further off than this pulls no more than at this distance."""
NEAR_M: Final = 0.06
"""What was detected further off says nothing of the shape of a face."""


def keypoints_in_space(joints: NDArray[np.floating[Any]], face: Array, turn: Array) -> Array:
    """COCO-17 (..., 17, 3), axes and unit of the joints.

    Args:
        joints: (..., 17, 3) H36M-17.
        face: (5, 3) as `AVERAGE`.
        turn: (...) of the head, radians to the left.
    """
    points = np.empty(joints.shape)
    points[..., FACE, :] = _face(np.asarray(joints, np.float64), face, turn)
    points[..., FACE.stop :, :] = joints[..., LIMBS, :]
    return points


def find_turns(seen: Array, joints: Array, face: Array, aspect: Aspect, focal_px: Array) -> Array:
    """(T,) the turns of the head with which a face fits best.

    Args:
        seen: (T, 5, 2) the face as detected, pixels from the middle of the picture.
        joints: (T, 17, 3) H36M-17 from the camera.
        face: (5, 3) as `AVERAGE`.
        aspect: of the joints.
        focal_px: (T,) focal length.
    """
    costs = np.empty((len(TURNS), len(seen)))
    for i, turn in enumerate(TURNS):
        points = _face(joints, face, np.full(len(seen), turn))
        off = focal_px[:, None, None] * points[..., :2] / points[..., 2:] - seen
        squares = np.sum(off**2, axis=-1) / aspect.body_px[:, None] ** 2
        costs[i] = np.minimum(squares, FAR**2).sum(axis=1)
    turns: Array = TURNS[costs.argmin(axis=0)]
    return turns


def fit_face(seen: Array, joints: Array, aspect: Aspect, focal_px: Array) -> Array:
    """(5, 3) the face that fits best to detected ones; as `find_turns`, found frames only."""
    face = AVERAGE
    scale = focal_px[:, None] / joints[:, H36m.NECK, 2:]
    at_neck = joints[:, None, H36m.NECK, :2] / joints[:, None, H36m.NECK, 2:]
    for _ in range(ROUNDS):
        frames = _head_frames(joints, find_turns(seen, joints, face, aspect, focal_px))
        off = (seen - focal_px[:, None, None] * at_neck) / scale[..., None]
        fitted = np.array([_fit_point(frames[..., :2, :], off[:, i], face[i]) for i in range(5)])
        face = (fitted + fitted[[0, 2, 1, 4, 3]] * (-1.0, 1.0, 1.0)) / 2.0
    return face


def _fit_point(frames: Array, off: Array, before: Array) -> Array:
    """(3,) the point of heads (T, 2, 3) that lies at offsets (T, 2), the far ones left out."""
    near = np.linalg.norm(frames @ before - off, axis=1) < NEAR_M
    if not near.any():
        return before
    point, *_ = np.linalg.lstsq(frames[near].reshape(-1, 3), off[near].ravel(), rcond=None)
    return np.asarray(point, np.float64)


def _face(joints: Array, face: Array, turn: Array) -> Array:
    frames = _head_frames(joints, turn)
    neck = joints[..., None, H36m.NECK, :]
    points: Array = neck + np.einsum("...ij,kj->...ki", frames, face)
    return points


def _head_frames(joints: Array, turn: Array) -> Array:
    """(..., 3, 3) columns left, up and forward of heads, each as long as the head."""
    along = joints[..., H36m.HEAD, :] - joints[..., H36m.NECK, :]
    up = unit(along)
    chest = joints[..., H36m.LEFT_SHOULDER, :] - joints[..., H36m.RIGHT_SHOULDER, :]
    ahead = unit(np.cross(unit(chest), up))
    left = np.cross(up, ahead)
    cosine, sine = np.cos(turn)[..., None], np.sin(turn)[..., None]
    turned_ahead = cosine * ahead + sine * left
    turned_left = cosine * left - sine * ahead
    frames = np.stack([turned_left, up, turned_ahead], axis=-1)
    lengths: Array = np.linalg.norm(along, axis=-1)
    scaled: Array = frames * lengths[..., None, None]
    return scaled
