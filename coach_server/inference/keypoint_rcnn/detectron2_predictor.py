"""Detectron2's own Keypoint R-CNN as a keypoint engine, where Detectron2 is installed.

It is slower than the compiled one, for it finds everybody first; it is the reference, and good for
films that are prepared without haste. The weights come from our own reader, so that no checkpoint
is executed, and are folded: its BatchNorms are given numbers with which they change nothing.
"""

import hashlib
from collections.abc import Sequence
from importlib import metadata
from importlib.util import find_spec
from typing import Any, Final, TypeAlias

import numpy as np

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.skeleton import JOINTS
from coach_server.errors import EngineError
from coach_server.inference.batching.engine import Asking
from coach_server.inference.batching.gathering import BatchRules, Counts
from coach_server.inference.batching.places import Places
from coach_server.inference.devices import detectron2_command
from coach_server.inference.keypoint_rcnn.architecture import Zoo
from coach_server.inference.keypoint_rcnn.detector import SOMEBODY, score_of
from coach_server.inference.keypoint_rcnn.layers import layers
from coach_server.inference.keypoint_rcnn.weights import EPSILON, RcnnWeights
from coach_server.inference.machine import Machine, this_machine
from coach_server.inference.protocols import Rgb

Detectron2: TypeAlias = Any
"""An object of Detectron2's, which has no types."""
PREDICTOR_VERSION: Final = 1
"""Part of the fingerprint: raised whenever the same network's answers are read differently."""
_CONFIG: Final = "COCO-Keypoints/keypoint_rcnn_R_{depth}_FPN_3x.yaml"
_PATIENCE_S: Final = 60.0
_SHORTEST, _LONGEST = 800, 1333
"""Pixels that a frame's sides are brought to, as its own `DefaultPredictor` does."""


def require_detectron2(machine: Machine) -> None:
    """See that Detectron2 is there.

    Raises:
        EngineError: it is not; says how it is installed.
    """
    missing = [name for name in ("torch", "torchvision") if find_spec(name) is None]
    if missing:
        raise EngineError(
            f"this engine is Detectron2's own, which needs {' and '.join(missing)}",
            hint="set up the environment for a GPU, which has both (`./coach --gpu doctor`), and "
            "install Detectron2 there",
        )
    if find_spec("detectron2") is None:
        raise EngineError(
            "this engine is Detectron2's own, and Detectron2 is not installed",
            hint=f"install it (minutes, with a C++ compiler): {detectron2_command(machine)}",
        )


def built_model(
    weights: RcnnWeights, device: str, *, rpn_pre: int = 1000, rpn_post: int = 1000
) -> Detectron2:
    """Detectron2's model with these weights, ready to be asked.

    Args:
        weights: of Detectron2's conventions.
        device: `cpu` or `cuda`.
        rpn_pre: proposals a level before suppression.
        rpn_post: proposals in all after it.

    Raises:
        EngineError: the weights follow other conventions.
    """
    from detectron2 import model_zoo
    from detectron2.modeling import build_model

    if weights.architecture.zoo is not Zoo.DETECTRON2:
        raise EngineError(
            "these weights are torchvision's, which Detectron2 reads otherwise",
            hint="choose a Keypoint R-CNN of Detectron2's model zoo",
        )
    config = model_zoo.get_config(_CONFIG.format(depth=weights.architecture.depth))
    config.MODEL.WEIGHTS = ""
    config.MODEL.DEVICE = device
    config.TEST.DETECTIONS_PER_IMAGE = 1
    config.MODEL.RPN.PRE_NMS_TOPK_TEST = rpn_pre
    config.MODEL.RPN.POST_NMS_TOPK_TEST = rpn_post
    model = build_model(config)
    _load(model, weights)
    return model.eval()


class Detectron2Engine:
    """Its model as a `BatchEngine`, a frame a run.

    Args:
        model: `built_model`'s.
    """

    most = 1

    def __init__(self, model: Detectron2) -> None:
        from detectron2.data.transforms import ResizeShortestEdge

        self._model = model
        self._resize = ResizeShortestEdge([_SHORTEST, _SHORTEST], _LONGEST)

    def run(self, items: Sequence[Rgb]) -> list[Keypoints | None]:
        """As `BatchEngine.run`: the surest person in each frame, None where there is nobody."""
        return [self._see(rgb) for rgb in items]

    def _see(self, rgb: Rgb) -> Keypoints | None:
        import torch

        height, width = rgb.shape[:2]
        bgr = np.ascontiguousarray(rgb[:, :, 2::-1])
        shown = self._resize.get_transform(bgr).apply_image(bgr)
        picture = torch.as_tensor(
            np.ascontiguousarray(shown.transpose(2, 0, 1)), dtype=torch.float32
        )
        with torch.inference_mode():
            asked = [{"image": picture, "height": height, "width": width}]
            found = self._model.inference(asked)[0]["instances"]
        if not len(found) or not float(found.scores[0]) >= SOMEBODY:
            return None
        said = found.pred_keypoints[0].cpu().numpy()
        points = np.empty((JOINTS, 3), np.float32)
        points[:, :2] = said[:, :2] / (width, height)
        points[:, 2] = score_of(_logits(found, said[:, 2]))
        return Keypoints(points, np.full(JOINTS, np.nan, np.float32), None, (width, height))


class Detectron2Predictor:
    """Finds the surest person in every frame, as a `KeypointDetector`.

    Args:
        name: the engine's name.
        fingerprint: of the engine.
        place: the student's place at `Detectron2Engine`.
    """

    def __init__(self, name: str, fingerprint: str, place: Asking[Rgb, Keypoints | None]) -> None:
        self._name = name
        self._fingerprint = fingerprint
        self._place = place

    @property
    def name(self) -> str:
        """The engine's name as `engines list` prints it."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same picture could give other keypoints."""
        return self._fingerprint

    def detect(self, rgb: Rgb) -> Keypoints | None:
        """Keypoints of the surest person, None where nobody is found."""
        return self._place.ask(rgb)

    def reset(self) -> None:
        """There is nobody to forget."""

    def close(self) -> None:
        """Give the place back."""
        self._place.close()


class Detectron2Maker:
    """As `DetectorMaker`.

    Args:
        name: the engine's name.
        weights: of Detectron2's conventions.
        device: `cpu` or `cuda`.
        shared: whether students run side by side.

    Raises:
        EngineError: Detectron2 is not installed, or the weights follow other conventions.
    """

    def __init__(self, name: str, weights: RcnnWeights, device: str, *, shared: bool) -> None:
        machine = this_machine()
        require_detectron2(machine)
        version = metadata.version("detectron2")
        said = f"{name} {weights.digest} {version} {PREDICTOR_VERSION}"
        self.name = name
        self.fingerprint = f"{name}:{hashlib.sha256(said.encode()).hexdigest()[:16]}"
        self.device = device
        self.provider = f"Detectron2 {version}"
        try:
            model = built_model(weights, device)
        except ImportError as error:  # built for another torch, or without what it rests on
            raise EngineError(
                f"Detectron2 is installed, but cannot be loaded: {error}",
                hint=f"install it again: {detectron2_command(machine)}",
            ) from error
        # One at a time, whoever asks: a run takes seconds on a CPU.
        rules = BatchRules(workers=1, stuck_s=_PATIENCE_S)
        self._places: Places[Rgb, Keypoints | None] = Places(
            lambda: Detectron2Engine(model), name="detectron2", shared=shared, rules=rules
        )

    def new(self) -> Detectron2Predictor:
        """A detector for one student; for one thread at a time."""
        return Detectron2Predictor(self.name, self.fingerprint, self._places.place())

    def counts(self) -> dict[str, Counts]:
        """As `DetectorMaker.counts`."""
        return {self._places.name: self._places.counts}

    def close(self) -> None:
        """End the thread that runs it."""
        self._places.close()


def _logits(found: Detectron2, peaks: FloatArray) -> FloatArray:
    """The logit at each keypoint, of which Detectron2 says the softmax over its heatmap."""
    maps = found.pred_keypoint_heatmaps[0].flatten(1).double()
    return np.asarray(np.log(peaks) + maps.logsumexp(1).cpu().numpy(), np.float32)


def _load(model: Detectron2, weights: RcnnWeights) -> None:
    import torch

    state = {}
    for layer in layers(weights.architecture):
        weight, bias = (weights.arrays[f"{layer.name}.{part}"] for part in ("weight", "bias"))
        if layer.name == "stem":  # it takes B, G, R
            weight = weight[:, ::-1].copy()
        state[f"{layer.detectron2}.weight"] = torch.tensor(weight)
        if layer.norm is None:
            state[f"{layer.detectron2}.bias"] = torch.tensor(bias)
            continue
        norm, ones = layer.norm[0], torch.ones(len(bias))
        state |= {f"{norm}.weight": ones, f"{norm}.bias": torch.tensor(bias)}
        state |= {f"{norm}.running_mean": ones * 0, f"{norm}.running_var": ones - EPSILON}
    told = model.load_state_dict(state, strict=False)
    if told.unexpected_keys or [key for key in told.missing_keys if "anchor" not in key]:
        others = [*told.unexpected_keys, *told.missing_keys]
        raise EngineError(
            f"this Detectron2 names its weights otherwise: {', '.join(others[:3])}",
            hint="install the commit that the documentation names",
        )
