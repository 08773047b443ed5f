"""A Keypoint R-CNN as a `KeypointDetector`, wherever the network itself runs."""

from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.skeleton import JOINTS
from coach_server.inference.batching.engine import Asking
from coach_server.inference.keypoint_rcnn.sighting import Sighting
from coach_server.inference.protocols import Frame, Rgb, frame_size

DECODER_VERSION: Final = 1
"""Part of the fingerprint: raised whenever the same network's answers are read differently."""
SOMEBODY: Final = 0.5
"""Score of a box from which there is a person in it; where nobody is, the surest box is some
furniture's."""
_EVEN: Final = 2.0
"""Logit of a keypoint that is as likely seen as not."""


class RcnnDetector:
    """Finds one person in every frame anew; what it keeps of a student is their place.

    Each frame is looked at as a whole, so that nobody is lost or confused by motion, and the
    surest person is the student. There is no depth in what it says.

    Args:
        name: the engine's name.
        fingerprint: of the engine.
        seat: the student's place at the network.
    """

    def __init__(self, name: str, fingerprint: str, seat: Asking[Frame, Sighting]) -> None:
        self._name = name
        self._fingerprint = fingerprint
        self._seat = seat

    @property
    def name(self) -> str:
        """The engine's name as `engines list` prints it."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same picture could give other keypoints."""
        return self._fingerprint

    def detect(self, rgb: Rgb) -> Keypoints | None:
        """Keypoints of the surest person, None where nobody is found.

        Raises:
            SupersededError: a newer frame of the student came before this one was looked at.
            EngineStuckError: the network hung in it, and has been replaced.
        """
        return self.detect_in(rgb)

    def detect_in(self, frame: Frame) -> Keypoints | None:
        """As `detect`, also of a frame as decoders give it."""
        sighting = self._seat.ask(frame)
        if not sighting.score >= SOMEBODY:
            return None
        size = frame_size(frame)
        points = np.empty((JOINTS, 3), np.float32)
        points[:, :2] = sighting.keypoints[:, :2] / size
        points[:, 2] = score_of(sighting.keypoints[:, 2])
        return Keypoints(points, np.full(JOINTS, np.nan, np.float32), None, size)

    def reset(self) -> None:
        """There is nobody to forget."""

    def close(self) -> None:
        """Give the place back."""
        self._seat.close()


def score_of(logits: FloatArray) -> FloatArray:
    """Scores 0..1 of keypoints from the peaks of their heatmaps.

    Neither zoo says how likely a keypoint is seen. Torchvision hands out the logit as it is;
    Detectron2 the softmax at the peak, which falls with the size of the body's blur and not with
    doubt alone. We take the logit through the logistic function, with the middle where hidden
    joints end and seen ones begin.
    """
    return np.asarray(1 / (1 + np.exp(-np.clip(logits - _EVEN, -80, 80))), np.float32)
