"""A Keypoint R-CNN over frames of many students at once: bytes up, keypoints down, one wait."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import JOINTS
from coach_server.inference.keypoint_rcnn.letterbox import Canvas, Letterbox
from coach_server.inference.keypoint_rcnn.sighting import Sighting
from coach_server.inference.protocols import Frame, frame_size
from coach_server.inference.tensorrt.compiler import PlanCall
from coach_server.inference.tensorrt.pictures import PictureUpload
from coach_server.inference.tensorrt.static_step import (
    Capture,
    HostBuffer,
    Step,
    static_step,
    wait_for,
)

OUTPUTS: Final = ("keypoints", "box", "score")
_ROW: Final = JOINTS * 3 + 4 + 1
"""Numbers that come down for a frame: keypoints, box, score."""


class RcnnEngine:
    """The plans of one network as a `BatchEngine`; for one thread at a time.

    Args:
        calls: plans by canvas and batch; each canvas has the same batches.
        mean: R, G, B 0..255 of the pixels beside a picture.
        device: where the plans run.
        capture: makes CUDA graphs, where not as `static_step` does.
    """

    def __init__(
        self,
        calls: Mapping[tuple[Canvas, int], PlanCall],
        mean: Sequence[float],
        device: torch.device,
        capture: Capture | None = None,
    ) -> None:
        self._device = device
        self._canvases = tuple(dict.fromkeys(canvas for canvas, _ in calls))
        self._batches = sorted({batch for _, batch in calls})
        self._upload = PictureUpload(device, mean)
        self._pictures: dict[tuple[Canvas, int], Tensor] = {}
        self._sizes: dict[tuple[Canvas, int], HostBuffer] = {}
        self._steps: dict[tuple[Canvas, int], Step] = {}
        for (canvas, batch), call in calls.items():
            pictures = torch.zeros((batch, 3, *canvas), device=device)
            sizes = HostBuffer((batch, 2), device)
            sizes.array[:] = canvas[::-1]
            sizes.send()
            self._pictures[canvas, batch], self._sizes[canvas, batch] = pictures, sizes
            step = _packed(call, pictures, sizes.tensor)
            self._steps[canvas, batch] = static_step(step, device, capture)
        self._answers = {canvas: HostBuffer((self.most, _ROW), device) for canvas in self._canvases}

    @property
    def most(self) -> int:
        """How many frames a run takes."""
        return self._batches[-1]

    def run(self, items: Sequence[Frame]) -> list[Sighting]:
        """The surest person of each frame, in the frame's own pixels."""
        boxes = [Letterbox.of(frame_size(frame), self._canvases) for frame in items]
        sent = self._upload.send(items)
        places = {
            canvas: [row for row, box in enumerate(boxes) if box.canvas == canvas]
            for canvas in self._canvases
        }
        for canvas, rows in places.items():
            if rows:
                self._enqueue(canvas, [(sent[row], boxes[row]) for row in rows])
        wait_for(self._device)
        sightings: dict[int, Sighting] = {}
        for canvas, rows in places.items():
            for row, answer in zip(rows, self._answers[canvas].array, strict=False):
                sightings[row] = _sighting(np.asarray(answer, np.float32), boxes[row])
        return [sightings[row] for row in range(len(items))]

    def _enqueue(self, canvas: Canvas, drawn: Sequence[tuple[Tensor, Letterbox]]) -> None:
        batch = next(batch for batch in self._batches if batch >= len(drawn))
        pictures = self._pictures[canvas, batch]
        sizes = self._sizes[canvas, batch]
        for row, (sent, box) in enumerate(drawn):
            self._upload.draw(sent, box, pictures[row])
            sizes.array[row] = box.size
        sizes.send()
        answer = self._steps[canvas, batch]()
        self._answers[canvas].fetch(answer[: len(drawn)])


def _packed(call: PlanCall, pictures: Tensor, sizes: Tensor) -> Step:
    """One tensor of a plan's three answers, so that one copy brings them down."""

    def step() -> Tensor:
        keypoints, box, score = call(pictures, sizes)
        return torch.cat([keypoints.flatten(1), box, score[:, None]], dim=1)

    return step


def _sighting(answer: FloatArray, letterbox: Letterbox) -> Sighting:
    keypoints = answer[: JOINTS * 3].reshape(JOINTS, 3).copy()
    keypoints[:, :2] = letterbox.to_frame(keypoints[:, :2])
    box = letterbox.to_frame(answer[-5:-1].reshape(2, 2)).reshape(4)
    return Sighting(keypoints, box, float(answer[-1]))
