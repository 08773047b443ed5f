"""Every layer of a Keypoint R-CNN: its name here, the shape of its weight, its name in each zoo."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from coach_server.inference.keypoint_rcnn import architecture as rcnn
from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture, Zoo

_SHORTCUT: Final = "shortcut"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer with a weight and a bias.

    Attributes:
        name: here.
        shape: of its weight: (out, in, height, width) or (out, in); of the transposed convolution
            (in, out, height, width).
        detectron2: its name in Detectron2's checkpoints.
        torchvision: its names in torchvision's: as the published files have it, and as its code
            saves it now.
        norm: the names of the BatchNorm behind it, in Detectron2's and in torchvision's; None where
            there is none.
    """

    name: str
    shape: tuple[int, ...]
    detectron2: str
    torchvision: tuple[str, ...]
    norm: tuple[str, str] | None = None

    def names(self, zoo: Zoo) -> tuple[str, ...]:
        """Its names in a zoo."""
        return (self.detectron2,) if zoo is Zoo.DETECTRON2 else self.torchvision


def layers(architecture: RcnnArchitecture) -> Iterator[Layer]:
    """All layers of a network."""
    yield _normed("stem", (64, 3, 7, 7), "stem.conv1", "conv1", "bn1")
    yield from _stages(architecture)
    for level in (2, 3, 4, 5):
        for name, theirs, inputs, width in (
            ("lateral", "inner", 64 << level, 1),
            ("output", "layer", rcnn.CHANNELS, 3),
        ):
            block = f"backbone.fpn.{theirs}_blocks.{level - 2}"
            yield Layer(
                f"fpn.{name}{level}",
                (rcnn.CHANNELS, inputs, width, width),
                f"backbone.fpn_{name}{level}",
                (block, f"{block}.0"),
            )
    yield from _heads()


def _stages(architecture: RcnnArchitecture) -> Iterator[Layer]:
    entering = 64
    for stage, blocks in enumerate(architecture.stages, start=1):
        inner, leaving = 32 << stage, 128 << stage
        for block in range(blocks):
            shapes = {
                "conv1": (inner, entering, 1, 1),
                "conv2": (inner, inner, 3, 3),
                "conv3": (leaving, inner, 1, 1),
            }
            if block == 0:
                shapes[_SHORTCUT] = (leaving, entering, 1, 1)
            for name, shape in shapes.items():
                number = name.removeprefix("conv")
                theirs = f"layer{stage}.{block}"
                down = name == _SHORTCUT
                yield _normed(
                    f"layer{stage}.{block}.{name}",
                    shape,
                    f"res{stage + 1}.{block}.{name}",
                    f"{theirs}.downsample.0" if down else f"{theirs}.conv{number}",
                    f"{theirs}.downsample.1" if down else f"{theirs}.bn{number}",
                )
            entering = leaving


def _heads() -> Iterator[Layer]:
    anchors, channels = len(rcnn.ANCHOR_RATIOS), rcnn.CHANNELS
    proposer = "proposal_generator.rpn_head"
    yield Layer(
        "rpn.conv",
        (channels, channels, 3, 3),
        f"{proposer}.conv",
        ("rpn.head.conv", "rpn.head.conv.0.0"),
    )
    for name, out, theirs, head in (
        ("objectness", anchors, "objectness_logits", "cls_logits"),
        ("deltas", anchors * 4, "anchor_deltas", "bbox_pred"),
    ):
        yield Layer(
            f"rpn.{name}", (out, channels, 1, 1), f"{proposer}.{theirs}", (f"rpn.head.{head}",)
        )
    features = rcnn.BOX_FEATURES
    box = "roi_heads.box_head"
    pooled = channels * rcnn.BOX_BINS**2
    yield Layer("box.fc1", (features, pooled), f"{box}.fc1", (f"{box}.fc6",))
    yield Layer("box.fc2", (features, features), f"{box}.fc2", (f"{box}.fc7",))
    for name, out, theirs in (("classes", 2, "cls_score"), ("deltas", 4, "bbox_pred")):
        both = f"roi_heads.box_predictor.{theirs}"
        yield Layer(f"box.{name}", (out, features), both, (both,))
    entering = channels
    for n in range(1, rcnn.HEAD_CONVOLUTIONS + 1):
        yield Layer(
            f"keypoints.conv{n}",
            (rcnn.HEAD_CHANNELS, entering, 3, 3),
            f"roi_heads.keypoint_head.conv_fcn{n}",
            (f"roi_heads.keypoint_head.{2 * (n - 1)}",),
        )
        entering = rcnn.HEAD_CHANNELS
    yield Layer(
        "keypoints.deconv",
        (rcnn.HEAD_CHANNELS, rcnn.KEYPOINTS, 4, 4),
        "roi_heads.keypoint_head.score_lowres",
        ("roi_heads.keypoint_predictor.kps_score_lowres",),
    )


def _normed(
    name: str, shape: tuple[int, ...], detectron2: str, torchvision: str, norm: str
) -> Layer:
    theirs, body = f"backbone.bottom_up.{detectron2}", "backbone.body"
    return Layer(
        name,
        shape,
        theirs,
        (f"{body}.{torchvision}",),
        (f"{theirs}.norm", f"{body}.{norm}"),
    )
