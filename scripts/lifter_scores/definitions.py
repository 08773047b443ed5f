"""Where sources put joints otherwise than the truth does: constant places in the body's own axes.

A detector's hip is a point of the skin, the truth's the joint of the bones. So that definitions do
not decide, each source is given its own constant offset of each joint, fitted on `dev`: metres
along left, up and forward of the pelvis that it sees itself.
"""

from collections.abc import Sequence

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import H36m


def body_axes(joints: FloatArray) -> FloatArray:
    """(..., 3, 3) rows left, up, forward of the pelvis of (..., 17, 3) joints."""
    left = joints[..., H36m.LEFT_HIP, :] - joints[..., H36m.RIGHT_HIP, :]
    up = joints[..., H36m.THORAX, :] - joints[..., H36m.PELVIS, :]
    up = up / np.maximum(np.linalg.norm(up, axis=-1, keepdims=True), 1e-9)
    left = left - up * np.sum(left * up, axis=-1, keepdims=True)
    left = left / np.maximum(np.linalg.norm(left, axis=-1, keepdims=True), 1e-9)
    return np.stack([left, up, np.cross(left, up)], axis=-2)


def fitted(pairs: Sequence[tuple[FloatArray, FloatArray]]) -> FloatArray:
    """(17, 3) offsets in the body's axes, of pairs of (N, 17, 3) joints said and true."""
    said, true = (np.concatenate([pair[i] for pair in pairs]) for i in (0, 1))
    along = np.einsum("nij,nkj->nki", body_axes(said), true - said)
    return np.asarray(np.median(along, axis=0), np.float32)


def moved(joints: FloatArray, offsets: FloatArray) -> FloatArray:
    """(..., 17, 3) joints where the truth has them, the pelvis at the origin."""
    out = joints + np.einsum("...ij,ki->...kj", body_axes(joints), offsets)
    return np.asarray(out - out[..., :1, :], np.float32)
