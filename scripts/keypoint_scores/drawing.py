"""A picture with the truth and the detector's answer drawn into it, to see why it failed."""

from typing import Final

import cv2
import numpy as np

from coach_server.body.skeleton import Coco
from scripts.keypoint_scores.sightings import Floats
from scripts.studio.renderer import Picture
from scripts.studio.rotations import Array

LINES: Final = (
    (Coco.LEFT_SHOULDER, Coco.LEFT_ELBOW, Coco.LEFT_WRIST),
    (Coco.RIGHT_SHOULDER, Coco.RIGHT_ELBOW, Coco.RIGHT_WRIST),
    (Coco.LEFT_SHOULDER, Coco.LEFT_HIP, Coco.LEFT_KNEE, Coco.LEFT_ANKLE),
    (Coco.RIGHT_SHOULDER, Coco.RIGHT_HIP, Coco.RIGHT_KNEE, Coco.RIGHT_ANKLE),
)
LEFT, RIGHT = (255, 60, 60), (60, 120, 255)
TRUE_LEFT, TRUE_RIGHT = (255, 200, 0), (0, 230, 120)


def drawn(picture: Picture, truth: Floats | Array, answer: Floats | None) -> Picture:
    """The picture with both skeletons.

    Args:
        picture: (height, width, 3) RGB.
        truth: (17, 2) pixels; thin, the left side yellow and the right one green.
        answer: (17, 2) pixels; the left side red and the right one blue. None where nobody was
            found.
    """
    canvas = picture.copy()
    if answer is not None:
        _skeleton(canvas, answer, (LEFT, RIGHT), 3)
    _skeleton(canvas, truth, (TRUE_LEFT, TRUE_RIGHT), 1)
    return canvas


def _skeleton(
    canvas: Picture,
    points: Floats | Array,
    colours: tuple[tuple[int, int, int], tuple[int, int, int]],
    width: int,
) -> None:
    for i, line in enumerate(LINES):
        way = np.round(points[list(line)]).astype(np.int32)
        cv2.polylines(
            canvas,
            [way],
            isClosed=False,
            color=colours[i % 2],
            thickness=width,
            lineType=cv2.LINE_AA,
        )
