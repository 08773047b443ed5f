"""Lifts one student's keypoints with a network of VideoPose3D: causal, a column a frame.

A network may be asked twice, of the body as it is seen and of its mirror image, and the mean of the
two answers taken (section 5 of Pavllo et al. 2019): their errors are not the same, and who does a
pose to the other side is then read exactly as well. Both are rows of one run.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.pose import Pose
from coach_server.body.registration import mirrored_joints
from coach_server.body.skeleton import COCO_MIRROR, H36M_MIRROR, H36m
from coach_server.inference.batching.engine import Asking
from coach_server.inference.videopose.encoding import Encoding, encode
from coach_server.inference.videopose.first_guess import first_guess
from coach_server.inference.videopose.lift_engine import Lifted, LiftStep
from coach_server.inference.videopose.streams import Slots
from coach_server.inference.videopose.time_grid import TimeGrid

LIFTER_VERSION: Final = 2
"""Part of the fingerprint: raised whenever the same network is used otherwise."""
_SIDES: Final = np.array(COCO_MIRROR)
_JOINT_SIDES: Final = np.array(H36M_MIRROR)


class CausalLifter:
    """One student's stream through a network.

    Frames may come at any times; `time_grid` says what becomes of them. A picture of another size
    than the one before begins anew, since the two cannot be compared.

    Args:
        name: the engine's name.
        fingerprint: of the engine.
        place: at the network.
        slots: the rows there that are this student's: one, or two where it is asked of the mirror
            image as well.
        encoding: what it was trained on.
        left: is told when the student goes.
    """

    def __init__(
        self,
        name: str,
        fingerprint: str,
        place: Asking[LiftStep, Lifted],
        slots: Slots,
        encoding: Encoding,
        left: Callable[[], None] | None = None,
    ) -> None:
        self._name = name
        self._fingerprint = fingerprint
        self._encoding = encoding
        self._place = place
        self._slots = slots
        self._left = left
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
        try:
            return self._lift(keypoints, t)
        except BaseException:
            self.reset()  # how much of the frame the rings took in is not known
            raise

    def _lift(self, keypoints: Keypoints, t: float) -> Pose:
        before, self._before = self._before, keypoints
        if before is None or before.image_size != keypoints.image_size:
            self._grid.reset()
        placement = self._grid.place(t)
        frame = self._features(keypoints)
        begins = placement.begins or before is None
        if before is not None and not begins:
            for share in placement.between:
                between = self._features(_between(before, keypoints, share))
                self._place.ask(LiftStep(self._slots, between))
        joints, sigma = self._place.ask(
            LiftStep(self._slots, frame, begins=begins, again=placement.again)
        )
        answer, spread = joints[0], sigma[0]
        if len(self._slots) > 1:
            answer = (answer + mirrored_joints(joints[1])) / 2
            spread = (spread + sigma[1, _JOINT_SIDES]) / 2
        if self._encoding.corrects:
            answer += first_guess(keypoints.pixels, keypoints.depth, keypoints.image_size)
        answer[H36m.PELVIS] = 0  # the origin, by definition
        if np.isfinite(spread).all():
            spread[H36m.PELVIS] = 0
        return Pose(answer, spread)

    def reset(self) -> None:
        """Forget all frames: after a gap nothing of the past may show."""
        self._grid.reset()
        self._before = None

    def close(self) -> None:
        """Give the place and its rows back."""
        self._place.close()
        if self._left is not None:
            self._left()
            self._left = None

    def _features(self, keypoints: Keypoints) -> FloatArray:
        """(rows, F) what the network takes in."""
        points, depth, size = keypoints.pixels, keypoints.depth, keypoints.image_size
        if len(self._slots) > 1:
            image = points[_SIDES]
            image[:, 0] = size[0] - image[:, 0]
            points, depth = np.stack([points, image]), np.stack([depth, depth[_SIDES]])
        return np.atleast_2d(encode(self._encoding, points, depth, size))


def _between(first: Keypoints, second: Keypoints, share: float) -> Keypoints:
    """Keypoints on the straight way from one frame to another; without a detector's own 3D."""
    weight = np.float32(share)
    return Keypoints(
        first.points + (second.points - first.points) * weight,
        first.depth + (second.depth - first.depth) * weight,
        None,
        second.image_size,
    )
