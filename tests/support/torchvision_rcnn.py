"""Torchvision's own Keypoint R-CNN with weights of ours: what the static graph is held against."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torchvision.models.detection import keypointrcnn_resnet50_fpn

from coach_server.inference.keypoint_rcnn.weights import RcnnWeights

EPSILON = 1e-5
"""Of its frozen BatchNorms, which here do nothing."""


def reference(weights: RcnnWeights, canvas: tuple[int, int], **settings: Any) -> torch.nn.Module:
    """The eager model; `settings` as torchvision's constructor takes them."""
    model: torch.nn.Module = keypointrcnn_resnet50_fpn(
        weights=None,
        weights_backbone=None,
        min_size=min(canvas),
        max_size=max(canvas),
        box_detections_per_img=1,
        **settings,
    )
    model.load_state_dict(state_of(weights))
    return model.eval()


def state_of(weights: RcnnWeights) -> dict[str, Tensor]:
    """Weights by torchvision's names."""
    arrays = {name: torch.tensor(array) for name, array in weights.arrays.items()}
    state: dict[str, Tensor] = {}

    def copied(target: str, source: str, change: Callable[[Tensor], Tensor] = torch.clone) -> None:
        for part in ("weight", "bias"):
            state[f"{target}.{part}"] = change(arrays[f"{source}.{part}"])

    def normalised(convolution: str, norm: str, source: str) -> None:
        bias = arrays[f"{source}.bias"]
        state[f"{convolution}.weight"] = arrays[f"{source}.weight"]
        state[f"{norm}.weight"] = torch.ones_like(bias)
        state[f"{norm}.bias"] = bias
        state[f"{norm}.running_mean"] = torch.zeros_like(bias)
        state[f"{norm}.running_var"] = torch.ones_like(bias) - EPSILON
        state[f"{norm}.num_batches_tracked"] = torch.tensor(0)

    body = "backbone.body"
    normalised(f"{body}.conv1", f"{body}.bn1", "stem")
    for stage, blocks in enumerate(weights.architecture.stages, start=1):
        for block in range(blocks):
            theirs, ours = f"{body}.layer{stage}.{block}", f"layer{stage}.{block}"
            for n in (1, 2, 3):
                normalised(f"{theirs}.conv{n}", f"{theirs}.bn{n}", f"{ours}.conv{n}")
            if block == 0:
                down = f"{theirs}.downsample"
                normalised(f"{down}.0", f"{down}.1", f"{ours}.shortcut")
    for level in (2, 3, 4, 5):
        copied(f"backbone.fpn.inner_blocks.{level - 2}.0", f"fpn.lateral{level}")
        copied(f"backbone.fpn.layer_blocks.{level - 2}.0", f"fpn.output{level}")
    copied("rpn.head.conv.0.0", "rpn.conv")
    copied("rpn.head.cls_logits", "rpn.objectness")
    copied("rpn.head.bbox_pred", "rpn.deltas")
    copied("roi_heads.box_head.fc6", "box.fc1")
    copied("roi_heads.box_head.fc7", "box.fc2")
    predictor = "roi_heads.box_predictor"
    copied(f"{predictor}.cls_score", "box.classes", lambda rows: rows.flip(0))
    copied(
        f"{predictor}.bbox_pred",
        "box.deltas",
        lambda rows: torch.cat([torch.zeros_like(rows), rows]),
    )
    for n in range(8):
        copied(f"roi_heads.keypoint_head.{2 * n}", f"keypoints.conv{n + 1}")
    copied("roi_heads.keypoint_predictor.kps_score_lowres", "keypoints.deconv")
    return state
