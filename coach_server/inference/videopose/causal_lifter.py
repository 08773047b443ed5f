"""Lifts one student's keypoints with a network of VideoPose3D: causal, a column a frame."""

from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.pose import Pose
from coach_server.body.skeleton import H36m
from coach_server.inference.onnx_runtime import Model
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.encoding import Encoding, encode
from coach_server.inference.videopose.first_guess import first_guess
from coach_server.inference.videopose.streams import Streams
from coach_server.inference.videopose.time_grid import TimeGrid

LIFTER_VERSION: Final = 1
"""Part of the fingerprint: raised whenever the same network is used otherwise."""
_ONE: Final = np.zeros(1, np.intp)


class CausalLifter:
    """One student's stream through a network.

    Frames may come at any times; `time_grid` says what becomes of them. A picture of another size
    than the one before begins anew, since the two cannot be compared.

    Args:
        name: the engine's name.
        fingerprint: of the engine.
        model: the network's streaming form, loaded; shared by all students.
        architecture: of the network.
        encoding: what it was trained on.
    """

    def __init__(
        self,
        name: str,
        fingerprint: str,
        model: Model,
        architecture: Architecture,
        encoding: Encoding,
    ) -> None:
        self._name = name
        self._fingerprint = fingerprint
        self._encoding = encoding
        self._stream = Streams(model, architecture)
        self._grid = TimeGrid()
        self._before: Keypoints | None = None

    @property
    def name(self) -> str:
        """The engine's name as `engines list` prints it."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same keypoints could give another pose."""
        return self._fingerprint

    def lift(self, keypoints: Keypoints, t: float) -> Pose:
        """The pose at `t`, seconds on a clock that only goes forward; of this very frame."""
        before, self._before = self._before, keypoints
        if before is None or before.image_size != keypoints.image_size:
            self._grid.reset()
        placement = self._grid.place(t)
        frame = self._features(keypoints)
        if placement.begins or before is None:
            joints, sigma = self._stream.begin(_ONE, frame)
        else:
            for share in placement.between:
                self._stream.step(_ONE, self._features(_between(before, keypoints, share)))
            joints, sigma = self._stream.step(_ONE, frame, again=placement.again)
        if self._encoding.corrects:
            joints[0] += first_guess(keypoints.pixels, keypoints.depth, keypoints.image_size)
        joints[0, H36m.PELVIS] = 0  # the origin, by definition
        if np.isfinite(sigma).all():
            sigma[0, H36m.PELVIS] = 0
        return Pose(joints[0], sigma[0])

    def reset(self) -> None:
        """Forget all frames: after a gap nothing of the past may show."""
        self._grid.reset()
        self._before = None

    def _features(self, keypoints: Keypoints) -> FloatArray:
        """(1, F) what the network takes in."""
        return encode(self._encoding, keypoints.pixels, keypoints.depth, keypoints.image_size)[None]


def _between(first: Keypoints, second: Keypoints, share: float) -> Keypoints:
    """Keypoints on the straight way from one frame to another; without a detector's own 3D."""
    weight = np.float32(share)
    return Keypoints(
        first.points + (second.points - first.points) * weight,
        first.depth + (second.depth - first.depth) * weight,
        None,
        second.image_size,
    )
