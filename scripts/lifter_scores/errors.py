"""Distances and angles between joints said and true."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import angles_and_sigma, joint_angles, wrap_degrees
from coach_server.body.keypoints import FloatArray

POLE_SIGMA_M: Final = 0.01
POLE_DEG: Final = 10.0
"""An angle is judged where an error of a centimetre in all joints moves it by less than this: near
a pole of its definition, such as the plane of an arm that hangs, it says nothing."""


def mpjpe_mm(joints: FloatArray, truth: FloatArray) -> FloatArray:
    """(N,) mean distance of joints, protocol 1 of Human3.6M."""
    return np.asarray(1000 * np.linalg.norm(joints - truth, axis=-1).mean(axis=-1))


def pmpjpe_mm(joints: FloatArray, truth: FloatArray) -> FloatArray:
    """(N,) the same after the similarity that fits best, protocol 2 of Human3.6M."""
    return mpjpe_mm(aligned(joints, truth), truth)


def aligned(poses: FloatArray, truth: FloatArray) -> FloatArray:
    """(N, 17, 3) poses moved, turned and scaled onto the truth in least squares (Procrustes)."""
    middle, middle_truth = poses.mean(axis=1, keepdims=True), truth.mean(axis=1, keepdims=True)
    centred, centred_truth = poses - middle, truth - middle_truth
    u, stretch, v = np.linalg.svd(np.einsum("nji,njk->nik", centred, centred_truth))
    stretch[:, 2] *= np.sign(np.linalg.det(u @ v))
    u[:, :, 2] *= np.sign(np.linalg.det(u @ v))[:, None]
    scale = stretch.sum(axis=1) / (centred**2).sum(axis=(1, 2))
    moved = scale[:, None, None] * (centred @ (u @ v)) + middle_truth
    return np.asarray(moved, np.float32)


def angle_errors(joints: FloatArray, truth: FloatArray) -> FloatArray:
    """(N, 17) signed degrees, said minus true; NaN where the angle is not judged."""
    errors = wrap_degrees(joint_angles(joints) - joint_angles(truth))
    return np.where(judged(truth), errors, np.float32(np.nan))


def judged(truth: FloatArray) -> NDArray[np.bool_]:
    """(..., 17) which angles of true poses mean something."""
    _, sigma = angles_and_sigma(truth, np.full((17, 3), POLE_SIGMA_M, np.float32))
    return np.asarray(sigma < POLE_DEG)
