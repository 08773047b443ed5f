"""Weights of a Keypoint R-CNN by one set of names, whichever zoo they came from.

The names are those of `layers`, each with `.weight` and `.bias`. BatchNorms, which are frozen in
both zoos, are folded into the convolutions before them; the stem takes R, G, B; of two classes the
person comes first, and only the person's boxes are kept.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.errors import EngineError
from coach_server.inference.checkpoints.torch_file import read_weights
from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture, Zoo
from coach_server.inference.keypoint_rcnn.layers import Layer, layers

WEIGHTS_VERSION: Final = 1
"""Raised whenever the same checkpoint becomes other weights."""
EPSILON: Final = 1e-5
"""Of the frozen BatchNorms of both zoos, but for torchvision's published weights (see recipes)."""
_ARCHITECTURE: Final = "architecture"
_DEEPER: Final = {Zoo.DETECTRON2: "backbone.bottom_up.res4.22.", Zoo.TORCHVISION: "layer3.22."}
_HINT: Final = "give a Keypoint R-CNN R50-FPN or R101-FPN of Detectron2's or torchvision's"

State = Mapping[str, NDArray[Any]]
"""Weights by their names in a checkpoint."""


@dataclass(frozen=True, slots=True)
class RcnnWeights:
    """A network's weights.

    Attributes:
        architecture: of the network.
        arrays: float32, by name.
    """

    architecture: RcnnArchitecture
    arrays: Mapping[str, FloatArray]

    @property
    def digest(self) -> str:
        """SHA-256 of what the network is: its architecture, names and numbers."""
        found = hashlib.sha256(_described(self.architecture).encode())
        for name in sorted(self.arrays):
            found.update(name.encode())
            found.update(np.ascontiguousarray(self.arrays[name]).data)
        return found.hexdigest()

    def packed(self) -> bytes:
        """A file of numpy's (`.npz`) with all of it."""
        said = {_ARCHITECTURE: np.array(_described(self.architecture))}
        everything: dict[str, Any] = {**self.arrays, **said}
        file = io.BytesIO()
        np.savez(file, **everything)
        return file.getvalue()

    @classmethod
    def unpacked(cls, content: bytes) -> Self:
        """What `packed` gave; of a file of ours, whose sha256 has been checked."""
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            said = json.loads(str(file[_ARCHITECTURE]))
            arrays = {name: file[name] for name in file.files if name != _ARCHITECTURE}
        blocks = tuple(said["blocks"]) if said["blocks"] else None
        return cls(RcnnArchitecture(said["depth"], Zoo(said["zoo"]), blocks), arrays)


def read_rcnn(path: Path, epsilon: float = EPSILON) -> RcnnWeights:
    """The weights in a checkpoint of either zoo, which is not executed.

    Args:
        path: Detectron2's `.pkl` or `.pth`, or torchvision's `.pth`.
        epsilon: of its BatchNorms; nothing in the file says so.

    Raises:
        InputError: the file is no checkpoint, or asks for code to be executed.
        EngineError: it holds another network, or weights that are missing or not finite.
    """
    return imported(read_weights(path, "model", ""), epsilon)


def imported(state: State, epsilon: float = EPSILON) -> RcnnWeights:
    """The weights by our names; which zoo they are from is told by theirs.

    Raises:
        EngineError: a weight is missing, has another shape, or is not finite.
    """
    zoo = zoo_of(state)
    if zoo is None:
        raise EngineError("the checkpoint holds no Keypoint R-CNN", hint=_HINT)
    depth: Literal[50, 101] = 101 if any(_DEEPER[zoo] in name for name in state) else 50
    architecture = RcnnArchitecture(depth, zoo)
    arrays: dict[str, FloatArray] = {}
    for layer in layers(architecture):
        weight, bias = _folded(state, zoo, layer, epsilon)
        arrays[f"{layer.name}.weight"], arrays[f"{layer.name}.bias"] = weight, bias
    if zoo is Zoo.DETECTRON2:  # it was trained on B, G, R
        arrays["stem.weight"] = np.ascontiguousarray(arrays["stem.weight"][:, ::-1])
    return RcnnWeights(architecture, arrays)


def zoo_of(state: State) -> Zoo | None:
    """Whose Keypoint R-CNN has weights with these names; None where it is none."""
    for zoo, mark in (
        (Zoo.DETECTRON2, "roi_heads.keypoint_head.score_lowres.weight"),
        (Zoo.TORCHVISION, "roi_heads.keypoint_predictor.kps_score_lowres.weight"),
    ):
        if mark in state:
            return zoo
    return None


def _folded(state: State, zoo: Zoo, layer: Layer, epsilon: float) -> tuple[FloatArray, FloatArray]:
    """Weight and bias of a layer."""
    name = next((n for n in layer.names(zoo) if f"{n}.weight" in state), layer.names(zoo)[0])
    if layer.norm is None:
        weight, bias = (_person(layer, zoo, _array(state, f"{name}.{p}")) for p in _PARTS)
    else:
        weight = _array(state, f"{name}.weight")
        norm = layer.norm[0 if zoo is Zoo.DETECTRON2 else 1]
        parts = [_array(state, f"{norm}.{part}") for part in _NORM]
        for part, array in zip(_NORM, parts, strict=True):
            if array.shape != layer.shape[:1]:
                raise _ill_shaped(f"{norm}.{part}", array.shape, layer.shape[:1])
        gamma, beta, mean, variance = parts
        if (variance + epsilon <= 0).any():
            raise EngineError(f"the variances {norm} are not positive", hint=_HINT)
        scale = np.asarray(gamma / np.sqrt(variance + epsilon), np.float32)
        if weight.shape != layer.shape:
            raise _ill_shaped(name, weight.shape, layer.shape)
        weight = weight * scale.reshape(-1, 1, 1, 1)
        bias = np.asarray(beta - mean * scale, np.float32)
    if weight.shape != layer.shape:
        raise _ill_shaped(name, weight.shape, layer.shape)
    out = layer.shape[1 if layer.name == "keypoints.deconv" else 0]
    if bias.shape != (out,):
        raise _ill_shaped(f"{name}.bias", bias.shape, (out,))
    return np.ascontiguousarray(weight), np.ascontiguousarray(bias)


def _person(layer: Layer, zoo: Zoo, rows: FloatArray) -> FloatArray:
    """Of torchvision's two classes, background and person, what we keep of a predictor's rows."""
    if zoo is Zoo.DETECTRON2:
        return rows
    if layer.name == "box.classes":
        return rows[::-1]
    if layer.name == "box.deltas":
        return rows[4:]
    return rows


_PARTS: Final = ("weight", "bias")
_NORM: Final = ("weight", "bias", "running_mean", "running_var")


def _array(state: State, name: str) -> FloatArray:
    if name not in state:
        raise EngineError(f"the checkpoint lacks {name}", hint=_HINT)
    array = np.asarray(state[name], np.float32)
    if not np.isfinite(array).all():
        raise EngineError(f"the weights {name} are not finite", hint="fetch the checkpoint again")
    return array


def _ill_shaped(name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> EngineError:
    return EngineError(
        f"the weights {name} have the shape {list(shape)}, not {list(wanted)}", hint=_HINT
    )


def _described(architecture: RcnnArchitecture) -> str:
    return json.dumps(
        {
            "depth": architecture.depth,
            "zoo": architecture.zoo.value,
            "blocks": architecture.blocks,
        }
    )
