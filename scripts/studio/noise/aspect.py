"""How a body stands to the camera: what the errors of a detector depend on.

Vertical is the picture's: nobody knows the camera's pitch, and laptops have little of it.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from coach_server.body.skeleton import H36m
from scripts.studio.rotations import Array, unit

VIEWS: Final = (
    "front",
    "front left",
    "left",
    "back left",
    "back",
    "back right",
    "right",
    "front right",
)
"""Which way people face, 45 degrees apart; `front left`: to the camera, turned to their left."""
POSTURES: Final = ("upright", "inclined", "low", "inverted")
"""Trunk upright; inclined; pelvis low, as in sitting and lying; head below the pelvis."""
CELLS: Final = len(VIEWS) * len(POSTURES)
"""Every posture in every view, views of one posture side by side."""

INCLINED_DEG: Final = 35.0
LOW: Final = 0.6
"""Height of the pelvis above the lowest joint, in legs."""
HEAD_DOWN: Final = -0.2
"""Height of the shoulders above the pelvis, in trunks, below which a body is inverted."""
SMOOTHED: Final = 9
"""Frames over which one posture turns into another."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """How bodies stand to the camera over time; leading axes `...`, then frames T.

    Attributes:
        up: (..., T, 2) unit vectors in the picture (x right, y down) along the trunk, upwards.
        body_m: (..., T) leg and trunk, metres: the unit of errors in the picture.
        body_px: (..., T) the same at the pelvis' depth, in pixels.
        yaw: (..., T) radians, 0 facing the camera, positive turned to their left.
        posture: (..., T) index into `POSTURES`.
    """

    up: Array
    body_m: Array
    body_px: Array
    yaw: Array
    posture: NDArray[np.intp]

    def upright(self, vectors: Array) -> Array:
        """Vectors (..., T, K, 2 or 3), camera axes, to across (right), along the trunk (up), z."""
        return _turned(vectors, self.up)

    def in_picture(self, vectors: Array) -> Array:
        """What `upright` turned, turned back."""
        return _turned(vectors, self.up)

    def cells(self) -> NDArray[np.intp]:
        """(..., T) the nearest of the `CELLS`."""
        views = np.round(self.yaw * (len(VIEWS) / (2.0 * np.pi))).astype(np.intp) % len(VIEWS)
        cells: NDArray[np.intp] = self.posture * len(VIEWS) + views
        return cells

    def view_weights(self) -> Array:
        """(..., T, 8) how near each view is: two neighbours share a frame."""
        steps = self.yaw[..., None] * (len(VIEWS) / (2.0 * np.pi)) - np.arange(len(VIEWS))
        apart = np.abs((steps + len(VIEWS) / 2.0) % len(VIEWS) - len(VIEWS) / 2.0)
        weights: Array = np.maximum(1.0 - apart, 0.0)
        return weights

    def cell_weights(self) -> Array:
        """(..., T, CELLS) the same of every cell; postures fade into each other."""
        postures = np.eye(len(POSTURES))[self.posture]
        postures = uniform_filter1d(postures, SMOOTHED, axis=-2, mode="nearest")
        weights: Array = postures[..., :, None] * self.view_weights()[..., None, :]
        return weights.reshape(*weights.shape[:-2], CELLS)


def aspect(joints: NDArray[np.floating[Any]], focal_px: Array | float) -> Aspect:
    """The aspect of bodies.

    Args:
        joints: (..., T, 17, 3) H36M-17 as the studio has it, metres from the camera, camera axes.
        focal_px: (...) focal length in pixels.
    """
    bodies = np.asarray(joints, np.float64)
    trunk = bodies[..., H36m.THORAX, :] - bodies[..., H36m.PELVIS, :]
    leg_m = _length_m(bodies, H36m.LEFT_KNEE, H36m.LEFT_HIP)
    leg_m = leg_m + _length_m(bodies, H36m.LEFT_ANKLE, H36m.LEFT_KNEE)
    body_m = leg_m + _length_m(bodies, H36m.THORAX, H36m.PELVIS)
    up = _up_in_picture(bodies)
    left = bodies[..., H36m.LEFT_SHOULDER, :] - bodies[..., H36m.RIGHT_SHOULDER, :]
    left = left + bodies[..., H36m.LEFT_HIP, :] - bodies[..., H36m.RIGHT_HIP, :]
    across = _turned(left[..., None, :], up)[..., 0, 0]
    lowest = bodies[..., 1].max(axis=-1) - bodies[..., H36m.PELVIS, 1]
    rise = -unit(trunk)[..., 1]
    posture = np.where(rise < np.cos(np.radians(INCLINED_DEG)), 1, 0)
    posture = np.where(lowest < LOW * leg_m, 2, posture)
    posture = np.where(rise < HEAD_DOWN, 3, posture)
    focal = np.asarray(focal_px, np.float64)[..., None]
    return Aspect(
        up=up,
        body_m=np.broadcast_to(body_m, bodies.shape[:-2]),
        body_px=focal * body_m / bodies[..., H36m.PELVIS, 2],
        yaw=np.arctan2(left[..., 2], across),
        posture=posture,
    )


def project(points: Array, focal_px: Array | float, size: Array) -> Array:
    """Pixels (..., T, K, 2) of points (..., T, K, 3) in camera axes; size (..., 2) in pixels."""
    focal = np.asarray(focal_px, np.float64)[..., None, None, None]
    pixels: Array = focal * points[..., :2] / points[..., 2:] + size[..., None, None, :] / 2.0
    return pixels


def _up_in_picture(bodies: Array) -> Array:
    shoulders, pelvis = (bodies[..., i, :] for i in (H36m.THORAX, H36m.PELVIS))
    along = shoulders[..., :2] / shoulders[..., 2:] - pelvis[..., :2] / pelvis[..., 2:]
    length = np.linalg.norm(along, axis=-1, keepdims=True)
    up: Array = along / np.maximum(length, 1e-9)
    return np.where(length > 0.0, up, (0.0, -1.0))


def _turned(vectors: Array, up: Array) -> Array:
    """Vectors (..., K, 2 or 3) with x and y taken across and along `up`: its own inverse."""
    ux, uy = up[..., None, 0], up[..., None, 1]
    x, y = vectors[..., 0], vectors[..., 1]
    turned = [-uy * x + ux * y, ux * x + uy * y, *np.moveaxis(vectors[..., 2:], -1, 0)]
    return np.stack(turned, axis=-1)


def _length_m(bodies: Array, to: H36m, begin: H36m) -> Array:
    """(..., 1) the length of a bone, the same in all frames but for rounding."""
    lengths = np.linalg.norm(bodies[..., to, :] - bodies[..., begin, :], axis=-1)
    length: Array = np.median(lengths, axis=-1, keepdims=True)
    return length
