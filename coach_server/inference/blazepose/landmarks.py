"""The second network of BlazePose: landmarks of the one person in a region."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import JOINTS, Coco
from coach_server.inference.blazepose.crop import Crop
from coach_server.inference.blazepose.heatmap import GRID, refine
from coach_server.inference.blazepose.roi import Roi
from coach_server.inference.protocols import Rgb
from coach_server.inference.runtime import LoadedModel, Runs

Region: TypeAlias = tuple[Rgb, Roi]
"""A frame, and which part of it to look at."""

INPUT: Final = 256
_COUNT: Final = 39
_COCO: Final = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""The landmark of each COCO keypoint; for an eye its middle."""
_HIP, _RIM = 33, 34
"""Two landmarks that no body has: mid-hip, and a point of the circle around the body."""
_USED: Final = np.array([*_COCO, _HIP, _RIM])
_KEPT: Final = np.array(_COCO)
_HIPS: Final = np.array([Coco.LEFT_HIP, Coco.RIGHT_HIP])


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
    """Reads landmarks, on buffers of its own; a `BatchEngine`.

    Args:
        model: the loaded `blazepose-lite`, `-full` or `-heavy`.
        most: regions in a run.
    """

    def __init__(self, model: LoadedModel, most: int = 1) -> None:
        self._model = model
        self._most = most
        self._crop = Crop(INPUT, cv2.BORDER_REPLICATE)
        self._runners = {1: self._made(1)}

    @property
    def most(self) -> int:
        """As `BatchEngine.most`."""
        return self._most

    def run(self, items: Sequence[Region]) -> list[Landmarks]:
        """As `BatchEngine.run`: of the person in each region."""
        rows = 1 << (len(items) - 1).bit_length()  # buffers for each power of two
        if rows not in self._runners:
            self._runners[rows] = self._made(rows)
        runner = self._runners[rows]
        for image, (rgb, roi) in zip(runner.inputs["image"], items, strict=False):
            self._cut(rgb, roi, image)
        runner.run()
        return [self._read(runner, row, roi) for row, (_, roi) in enumerate(items)]

    def _made(self, rows: int) -> Runs:
        return self._model.runner(
            {"image": (rows, INPUT, INPUT, 3)},
            {
                "landmarks": (rows, _COUNT * 5),
                "presence": (rows, 1),
                "heatmap": (rows, GRID, GRID, _COUNT),
                "world": (rows, _COUNT * 3),
            },
        )

    def _cut(self, rgb: Rgb, roi: Roi, image: FloatArray) -> None:
        """Fill `image` with a region of a frame, upright, 0..1."""
        crop = self._crop.cut(rgb, roi.from_crop(INPUT))
        np.multiply(crop, np.float32(1 / 255), out=image, dtype=np.float32)

    @staticmethod
    def _read(runner: Runs, row: int, roi: Roi) -> Landmarks:
        """What the network says of a region, in the frame's own pixels."""
        said = {name: array[row] for name, array in runner.outputs.items()}
        to_frame = roi.from_crop(INPUT)
        used = said["landmarks"].reshape(_COUNT, 5)[_USED]
        points = used[:, :2] * (GRID / INPUT)
        refine(points, said["heatmap"], _USED)
        pixels = points * (INPUT / GRID) @ to_frame[:, :2].T + to_frame[:, 2]
        world = said["world"].reshape(_COUNT, 3)[_KEPT]
        world[:, :2] = world[:, :2] @ roi.rotation.T
        return Landmarks(
            presence=float(said["presence"][0]),
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
