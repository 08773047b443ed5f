"""The second network of BlazePose: landmarks of the one person in a region."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import JOINTS, Coco
from coach_server.inference.blazepose.heatmap import GRID, refine
from coach_server.inference.blazepose.roi import Roi, between_centres
from coach_server.inference.protocols import Rgb
from coach_server.inference.runtime import LoadedModel

Region: TypeAlias = tuple[Rgb, Roi]
"""A frame, and which part of it to look at."""

INPUT: Final = 256
_COUNT: Final = 39
_COCO: Final = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""The landmark of each COCO keypoint; for an eye its middle."""
_HIP, _RIM = 33, 34
"""Two landmarks that no body has: mid-hip, and a point of the circle around the body."""
_USED: Final = np.array([*_COCO, _HIP, _RIM])
_HIPS: Final = [Coco.LEFT_HIP, Coco.RIGHT_HIP]


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What the network says of a region.

    Attributes:
        presence: 0..1, whether there is a person in it at all.
        pixels: (17, 2) x, y in continuous pixels of the frame, COCO order.
        score: (17,) 0..1.
        world: (17, 3) metres, mid-hip at the origin, camera axes x right, y down, z forward.
        next_roi: the region in which to look in the next frame.
    """

    presence: float
    pixels: NDArray[np.float64]
    score: FloatArray
    world: FloatArray
    next_roi: Roi


class LandmarkNetwork:
    """Reads landmarks, on buffers of its own.

    Args:
        model: the loaded `blazepose-lite`, `-full` or `-heavy`.
    """

    def __init__(self, model: LoadedModel) -> None:
        self._runner = model.runner(
            {"image": (1, INPUT, INPUT, 3)},
            {
                "landmarks": (1, _COUNT * 5),
                "presence": (1, 1),
                "heatmap": (1, GRID, GRID, _COUNT),
                "world": (1, _COUNT * 3),
            },
        )
        self._crop = np.zeros((INPUT, INPUT, 3), np.uint8)
        self._landmarks = self._runner.outputs["landmarks"].reshape(_COUNT, 5)
        self._world = self._runner.outputs["world"].reshape(_COUNT, 3)

    @property
    def most(self) -> int:
        """As `BatchEngine.most`."""
        return 1

    def run(self, items: Sequence[Region]) -> list[Landmarks]:
        """As `BatchEngine.run`: of the person in each region."""
        return [self.read(rgb, roi) for rgb, roi in items]

    def read(self, rgb: Rgb, roi: Roi) -> Landmarks:
        """The landmarks of the person in `roi` of the frame."""
        to_frame = roi.from_crop(INPUT)
        cv2.warpAffine(
            rgb,
            between_centres(to_frame),
            (INPUT, INPUT),
            dst=self._crop,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        image = self._runner.inputs["image"][0]
        np.multiply(self._crop, np.float32(1 / 255), out=image, dtype=np.float32)
        self._runner.run()
        used = self._landmarks[_USED]
        points = used[:, :2] * (GRID / INPUT)
        refine(points, self._runner.outputs["heatmap"][0], _USED)
        pixels = points * (INPUT / GRID) @ to_frame[:, :2].T + to_frame[:, 2]
        world = self._world[list(_COCO)]
        world[:, :2] = world[:, :2] @ roi.rotation.T
        return Landmarks(
            presence=float(self._runner.outputs["presence"][0, 0]),
            pixels=pixels[:JOINTS],
            score=_score(used[:JOINTS, 3:]),
            world=world - world[_HIPS].mean(axis=0),
            next_roi=Roi.around(pixels[JOINTS], pixels[JOINTS + 1]),
        )


def _score(logits: FloatArray) -> FloatArray:
    """One score for each keypoint from the network's two.

    Args:
        logits: (17, 2) of visibility (in the frame and not hidden) and presence (in the frame).

    Returns:
        (17,) the lower probability of the two: a hidden joint is a guess, and one beyond the edge
        of the frame is one as well.
    """
    lower = np.clip(logits.min(axis=1), -80, 80)
    return np.asarray(1 / (1 + np.exp(-lower)), np.float32)
