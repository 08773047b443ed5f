"""Keypoint R-CNNs with random weights, such that they find boxes of many sizes everywhere."""

from collections.abc import Iterator

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.inference.keypoint_rcnn import architecture as rcnn
from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture
from coach_server.inference.keypoint_rcnn.weights import RcnnWeights

_GAINS = {
    "conv3": 0.3,
    "lateral2": 0.05,
    "lateral3": 0.05,
    "lateral4": 0.05,
    "lateral5": 0.05,
    "rpn.objectness": 2.0,
    "rpn.deltas": 0.3,
    "box.classes": 2.0,
    "box.deltas": 1.5,
}


def random_weights(architecture: RcnnArchitecture, seed: int = 0) -> RcnnWeights:
    """He-scaled, so that what flows through neither vanishes nor explodes.

    What a bottleneck adds is kept small, or a hundred layers would add up; heads are scaled so that
    scores spread over 0..1 and boxes move by a part of their size.
    """
    rng = np.random.default_rng(seed)
    arrays: dict[str, FloatArray] = {}
    for name, shape in shapes(architecture):
        fan_in = int(np.prod(shape[1:])) if name != "keypoints.deconv" else shape[0] * 4
        tail = name.rpartition(".")[2]
        gain = _GAINS.get(name, _GAINS.get(tail, 1.0)) * (2 / fan_in) ** 0.5
        arrays[f"{name}.weight"] = rng.standard_normal(shape, np.float32) * np.float32(gain)
        out = shape[1] if name == "keypoints.deconv" else shape[0]
        arrays[f"{name}.bias"] = rng.standard_normal(out, np.float32) * np.float32(0.02)
    if architecture.pixel_std[0] == 1:  # pixels come unscaled
        arrays["stem.weight"] /= np.float32(58)
    return RcnnWeights(architecture, arrays)


def shapes(architecture: RcnnArchitecture) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every layer's name and the shape of its weight."""
    yield "stem", (64, 3, 7, 7)
    entering = 64
    for stage, blocks in enumerate(architecture.stages, start=1):
        inner, leaving = 32 << stage, 128 << stage
        for block in range(blocks):
            name = f"layer{stage}.{block}"
            yield f"{name}.conv1", (inner, entering, 1, 1)
            yield f"{name}.conv2", (inner, inner, 3, 3)
            yield f"{name}.conv3", (leaving, inner, 1, 1)
            if block == 0:
                yield f"{name}.shortcut", (leaving, entering, 1, 1)
            entering = leaving
    for level in (2, 3, 4, 5):
        yield f"fpn.lateral{level}", (rcnn.CHANNELS, 64 << level, 1, 1)
        yield f"fpn.output{level}", (rcnn.CHANNELS, rcnn.CHANNELS, 3, 3)
    anchors = len(rcnn.ANCHOR_RATIOS)
    yield "rpn.conv", (rcnn.CHANNELS, rcnn.CHANNELS, 3, 3)
    yield "rpn.objectness", (anchors, rcnn.CHANNELS, 1, 1)
    yield "rpn.deltas", (anchors * 4, rcnn.CHANNELS, 1, 1)
    yield "box.fc1", (rcnn.BOX_FEATURES, rcnn.CHANNELS * rcnn.BOX_BINS**2)
    yield "box.fc2", (rcnn.BOX_FEATURES, rcnn.BOX_FEATURES)
    yield "box.classes", (2, rcnn.BOX_FEATURES)
    yield "box.deltas", (4, rcnn.BOX_FEATURES)
    entering = rcnn.CHANNELS
    for n in range(1, rcnn.HEAD_CONVOLUTIONS + 1):
        yield f"keypoints.conv{n}", (rcnn.HEAD_CHANNELS, entering, 3, 3)
        entering = rcnn.HEAD_CHANNELS
    yield "keypoints.deconv", (rcnn.HEAD_CHANNELS, rcnn.KEYPOINTS, 4, 4)
