"""Keypoint R-CNN for one person, in static shapes: no loop, no branch, no size hangs on the data.

The networks of the zoos find everybody. A coach wants one person, and a compiler shapes that are
known: so a fixed number of proposals, the one box that is surest, and its keypoints. What is kept
is what decides the answer: the greedy suppression of proposals, ROIAlign, and the decoding.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, interpolate, pad, softmax

from coach_server.inference.keypoint_rcnn.architecture import (
    BOX_BINS,
    BOX_WEIGHTS,
    HEAD_CONVOLUTIONS,
    KEYPOINT_BINS,
)
from coach_server.inference.keypoint_rcnn.weights import RcnnWeights
from coach_server.inference.torch_graphs import boxes as of_boxes
from coach_server.inference.torch_graphs.backbone import Backbone
from coach_server.inference.torch_graphs.heatmaps import keypoints_in
from coach_server.inference.torch_graphs.layers import constant, convolution, linear, transposed
from coach_server.inference.torch_graphs.roi_align import pooled

NMS_OVERLAP: Final = 0.7
"""Of proposals, in both zoos."""
_EQUAL: Final = (1.0, 1.0, 1.0, 1.0)
_SMALLEST: Final = 1e-3
"""Pixels: a proposal with a shorter side is none."""


@dataclass(frozen=True, slots=True)
class Proposing:
    """How many proposals are looked at.

    Attributes:
        per_level: the surest of each level, before suppression; the zoos take 1000.
        kept: the surest of all levels after it; the zoos take 1000.
        rounds: of the suppression; 0 leaves it out. With random weights and frames of a film, all
            of 80 levels were done after 16, and 14 of them not yet after 8.
    """

    per_level: int = 256
    kept: int = 64
    rounds: int = 16


class OnePersonRcnn(nn.Module):
    """Pictures to one box each and its keypoints.

    Args:
        weights: of the network.
        canvas: (height, width) of the pictures, multiples of 32.
        half: whether convolutions and products compute in float16; geometry never does.
        proposing: how many proposals are looked at.
    """

    def __init__(
        self,
        weights: RcnnWeights,
        canvas: tuple[int, int],
        *,
        half: bool = False,
        proposing: Proposing | None = None,
    ) -> None:
        super().__init__()
        arrays, architecture = weights.arrays, weights.architecture
        self.architecture = architecture
        self.canvas = canvas
        self.proposing = proposing or Proposing()
        self.dtype = torch.float16 if half else torch.float32
        self.backbone = Backbone(arrays, architecture)
        self.proposer = nn.ModuleList(
            convolution(arrays, f"rpn.{name}") for name in ("conv", "objectness", "deltas")
        )
        self.box_head = nn.ModuleList(
            linear(arrays, f"box.{name}") for name in ("fc1", "fc2", "classes", "deltas")
        )
        self.keypoint_head = nn.Sequential(
            *(
                nn.Sequential(convolution(arrays, f"keypoints.conv{n}"), nn.ReLU())
                for n in range(1, HEAD_CONVOLUTIONS + 1)
            ),
            transposed(arrays, "keypoints.deconv"),
        )
        self.to(self.dtype)
        # After the above, so that these stay in float32.
        for level, anchors in enumerate(architecture.anchors(*canvas)):
            self.register_buffer(f"anchors_{level}", torch.from_numpy(anchors))
        self.register_buffer("mean", constant(architecture.pixel_mean).reshape(1, 3, 1, 1))
        self.register_buffer("deviation", constant(architecture.pixel_std).reshape(1, 3, 1, 1))

    def forward(
        self, pictures: Tensor, sizes: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Find one person in each picture.

        Args:
            pictures: (N, 3, H, W) float32, RGB, 0..255: canvases, each with a picture in its upper
                left corner and the mean colour beside it.
            sizes: (N, 2) width and height of each picture in pixels, float32: the zoos' own clip
                boxes to the picture, not to what it is padded to. None: each fills its canvas.

        Returns:
            (N, 17, 3) x, y in pixels and the logit of each keypoint; (N, 4) the box x1, y1, x2, y2;
            (N,) how likely it holds a person.
        """
        if sizes is None:
            sizes = pictures.new_tensor(self.canvas[::-1]).expand(len(pictures), 2)
        levels = self.features(pictures)
        proposals, real = self._proposals(levels, sizes)
        box, score = self._surest(levels[:4], proposals, real, sizes)
        return self._keypoints(levels[:4], box), box, score

    def features(self, pictures: Tensor) -> list[Tensor]:
        """The levels 2 to 6 of the pyramid over (N, 3, H, W) pictures."""
        mean, deviation = self.get_buffer("mean"), self.get_buffer("deviation")
        levels: list[Tensor] = self.backbone(((pictures - mean) / deviation).to(self.dtype))
        return levels

    def _proposals(self, levels: list[Tensor], sizes: Tensor) -> tuple[Tensor, Tensor]:
        """(N, kept, 4) boxes, the surest first, and (N, kept) whether each is one."""
        levelwise = [self._candidates(at, level, sizes) for at, level in enumerate(levels)]
        boxes, scores = (torch.stack(parts, 1) for parts in zip(*levelwise, strict=True))
        sides = boxes[..., 2:] - boxes[..., :2]
        kept = (sides.amin(dim=-1) >= _SMALLEST).to(scores.dtype)
        if self.proposing.rounds:
            # A level's boxes suppress no other level's: to the suppression, levels are pictures.
            alone = of_boxes.survivors(boxes.flatten(0, 1), NMS_OVERLAP, self.proposing.rounds)
            kept = kept * alone.reshape(kept.shape)
        scores = of_boxes.without(scores, kept).flatten(1)
        surest, places = of_boxes.best(scores, self.proposing.kept)
        return of_boxes.picked(boxes.flatten(1, 2), places), of_boxes.is_real(surest)

    def _candidates(self, at: int, level: Tensor, sizes: Tensor) -> tuple[Tensor, Tensor]:
        """(N, per_level, 4) a level's boxes, the surest first, and (N, per_level) their logits.

        A level with fewer anchors fills up with boxes of no size, which are none.
        """
        conv, objectness, deltas = self.proposer
        x = torch.relu(conv(level))
        scores = objectness(x).float().permute(0, 2, 3, 1).flatten(1)
        offsets = deltas(x).float().unflatten(1, (-1, 4)).permute(0, 3, 4, 1, 2).flatten(1, 3)
        anchors = self.get_buffer(f"anchors_{at}")
        count = min(self.proposing.per_level, len(anchors))
        scores, places = of_boxes.best(scores, count)
        near = embedding(places, anchors)  # no copy of all anchors a picture
        boxes = of_boxes.moved(of_boxes.picked(offsets, places), near, _EQUAL, sizes)
        missing = self.proposing.per_level - count
        return pad(boxes, (0, 0, 0, missing)), pad(scores, (0, missing))

    def _surest(
        self, levels: list[Tensor], proposals: Tensor, real: Tensor, sizes: Tensor
    ) -> tuple[Tensor, Tensor]:
        """(N, 4) the box that is most likely a person, and (N,) how likely."""
        fc1, fc2, classes, deltas = self.box_head
        count, regions = real.shape
        x = pooled(levels, proposals, BOX_BINS, self.architecture).flatten(1)
        x = torch.relu(fc2(torch.relu(fc1(x))))
        person = softmax(classes(x).float(), dim=1)[:, 0].reshape(count, regions)
        score, place = of_boxes.best(torch.where(real, person, 0.0), 1)
        offsets = of_boxes.picked(deltas(x).float().reshape(count, regions, 4), place)
        box = of_boxes.moved(offsets, of_boxes.picked(proposals, place), BOX_WEIGHTS, sizes)
        return box[:, 0], score[:, 0]

    def _keypoints(self, levels: list[Tensor], box: Tensor) -> Tensor:
        region = pooled(levels, box[:, None], KEYPOINT_BINS, self.architecture)
        maps = self.keypoint_head(region).float()
        maps = interpolate(maps, scale_factor=2.0, mode="bilinear", align_corners=False)
        return keypoints_in(maps, box, self.canvas)
