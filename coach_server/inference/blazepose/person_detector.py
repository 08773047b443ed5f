"""Where in a frame are people: the first network of BlazePose, run only when nobody is tracked."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.inference.blazepose.crop import Crop
from coach_server.inference.blazepose.roi import Roi
from coach_server.inference.protocols import Rgb
from coach_server.inference.runtime import LoadedModel

INPUT: Final = 224
_GRIDS: Final = ((8, 2), (16, 2), (32, 6))
"""(stride, anchors a cell) of each level of the network."""
ANCHORS: Final = sum((INPUT // stride) ** 2 * count for stride, count in _GRIDS)
_THRESHOLD: Final = 0.3
"""Score from which somebody is there: .3 finds 26 of 27 people, .5 25."""
_LOGIT_THRESHOLD: Final = math.log(_THRESHOLD / (1 - _THRESHOLD))
_SAME_PERSON_IOU: Final = 0.3


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a frame: how sure the network is (0..1), and the region around the body."""

    score: float
    roi: Roi


class PersonDetector:
    """Finds the people in a frame, on buffers of its own.

    Args:
        model: the loaded `blazepose-detector`.
    """

    def __init__(self, model: LoadedModel) -> None:
        self._runner = model.runner(
            {"image": (1, INPUT, INPUT, 3)},
            {"boxes": (1, ANCHORS, 12), "scores": (1, ANCHORS, 1)},
        )
        self._letterbox = Crop(INPUT, cv2.BORDER_CONSTANT)
        self._anchors = _anchors()

    @property
    def most(self) -> int:
        """As `BatchEngine.most`."""
        return 1

    def run(self, items: Sequence[Rgb]) -> list[list[Person]]:
        """As `BatchEngine.run`: everybody in each frame."""
        return [self.find(rgb) for rgb in items]

    def find(self, rgb: Rgb) -> list[Person]:
        """Everybody in the frame, the surest first."""
        height, width = rgb.shape[:2]
        # The whole frame as an upright region: letterboxed, black outside.
        frame = Roi(width / 2, height / 2, float(max(width, height)), 0.0).from_crop(INPUT)
        image = self._runner.inputs["image"][0]
        letterbox = self._letterbox.cut(rgb, frame)
        np.multiply(letterbox, np.float32(2 / 255), out=image, dtype=np.float32)
        image -= np.float32(1)
        self._runner.run()
        return self._people(frame)

    def _people(self, frame: NDArray[np.float64]) -> list[Person]:
        logits = self._runner.outputs["scores"][0, :, 0]
        hits = np.flatnonzero(logits > _LOGIT_THRESHOLD)
        if not len(hits):
            return []
        hits = hits[np.argsort(-logits[hits], kind="stable")]
        scores = np.asarray(1 / (1 + np.exp(-np.clip(logits[hits], -80, 80))), np.float32)
        boxes = self._runner.outputs["boxes"][0, hits]
        # Six points: centre, size, then keypoints; all but the size count from the anchor.
        points = boxes.reshape(-1, 6, 2)
        points[:, [0, 2, 3, 4, 5]] += self._anchors[hits, None]
        people = []
        for score, merged in _merge(scores, points):
            hip, rim = merged[2:4] @ frame[:, :2].T + frame[:, 2]
            people.append(Person(score, Roi.around(hip, rim)))
        return people


def _merge(scores: FloatArray, points: FloatArray) -> list[tuple[float, FloatArray]]:
    """Weighted non-maximum suppression: what overlaps the surest box is averaged with it.

    Args:
        scores: (n,) falling.
        points: (n, 6, 2) box centre, box size, four keypoints.

    Returns:
        Score and (6, 2) points of each person, the surest first.
    """
    low, high = points[:, 0] - points[:, 1] / 2, points[:, 0] + points[:, 1] / 2
    area = np.prod(points[:, 1], axis=1)
    left = np.arange(len(scores))
    people = []
    while len(left):
        best = left[0]
        overlap = np.minimum(high[best], high[left]) - np.maximum(low[best], low[left])
        shared = np.prod(np.clip(overlap, 0, None), axis=1)
        same = shared > _SAME_PERSON_IOU * (area[best] + area[left] - shared)
        same[0] = True  # even where its box has no area
        weights = scores[left[same]]
        people.append(
            (float(scores[best]), np.average(points[left[same]], axis=0, weights=weights))
        )
        left = left[~same]
    return people


def _anchors() -> FloatArray:
    """(ANCHORS, 2) centres of the cells that the network's rows speak of, in input pixels."""
    rows = []
    for stride, count in _GRIDS:
        centres = (np.arange(INPUT // stride) + 0.5) * stride
        y, x = np.meshgrid(centres, centres, indexing="ij")
        rows.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), count, axis=0))
    return np.concatenate(rows).astype(np.float32)
