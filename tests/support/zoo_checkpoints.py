"""Checkpoints as the two zoos have them, of weights by our names."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coach_server.inference.keypoint_rcnn.architecture import Zoo
from coach_server.inference.keypoint_rcnn.layers import layers
from coach_server.inference.keypoint_rcnn.weights import EPSILON, RcnnWeights

State = dict[str, NDArray[Any]]


def zoo_state(weights: RcnnWeights, *, newest: bool = True, seed: int = 0) -> State:
    """A state dictionary that gives these weights; BatchNorms as though they had seen something.

    `newest` takes the names that torchvision's code saves now, not those of its published files.
    """
    zoo = weights.architecture.zoo
    rng = np.random.default_rng(seed)
    state: State = {}
    for layer in layers(weights.architecture):
        weight, bias = (weights.arrays[f"{layer.name}.{part}"] for part in ("weight", "bias"))
        if layer.name == "stem" and zoo is Zoo.DETECTRON2:
            weight = weight[:, ::-1]
        if layer.name == "box.classes" and zoo is Zoo.TORCHVISION:
            weight, bias = weight[::-1], bias[::-1]
        if layer.name == "box.deltas" and zoo is Zoo.TORCHVISION:
            weight, bias = (np.concatenate([rows * 0, rows]) for rows in (weight, bias))
        name = layer.names(zoo)[-1 if newest else 0]
        if layer.norm is None:
            state[f"{name}.weight"], state[f"{name}.bias"] = weight, bias
            continue
        norm = layer.norm[0 if zoo is Zoo.DETECTRON2 else 1]
        variance = rng.uniform(0.5, 2.0, len(bias)).astype(np.float32)
        gamma = rng.uniform(0.5, 1.5, len(bias)).astype(np.float32)
        mean = rng.normal(0, 0.1, len(bias)).astype(np.float32)
        scale = gamma / np.sqrt(variance + np.float32(EPSILON))
        state[f"{name}.weight"] = weight / scale.reshape(-1, 1, 1, 1)
        state[f"{norm}.weight"], state[f"{norm}.bias"] = gamma, bias + mean * scale
        state[f"{norm}.running_mean"], state[f"{norm}.running_var"] = mean, variance
    return state
