"""Keypoint R-CNNs with random weights, such that they find boxes of many sizes everywhere."""

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture
from coach_server.inference.keypoint_rcnn.layers import layers
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
    for layer in layers(architecture):
        name, shape = layer.name, layer.shape
        fan_in = int(np.prod(shape[1:])) if name != "keypoints.deconv" else shape[0] * 4
        tail = name.rpartition(".")[2]
        gain = _GAINS.get(name, _GAINS.get(tail, 1.0)) * (2 / fan_in) ** 0.5
        arrays[f"{name}.weight"] = rng.standard_normal(shape, np.float32) * np.float32(gain)
        out = shape[1] if name == "keypoints.deconv" else shape[0]
        arrays[f"{name}.bias"] = rng.standard_normal(out, np.float32) * np.float32(0.02)
    if architecture.pixel_std[0] == 1:  # pixels come unscaled
        arrays["stem.weight"] /= np.float32(58)
    return RcnnWeights(architecture, arrays)
