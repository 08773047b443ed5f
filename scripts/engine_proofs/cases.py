"""Which graphs are proven, and how each is made."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Self

import numpy as np

from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture, Zoo
from coach_server.inference.recipe import Recipes, Role
from coach_server.inference.torch_graphs.graphs import EngineGraph, lifter_graph, rcnn_graph
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.encoding import Encoding
from coach_server.inference.videopose.folding import Convolution, Network
from coach_server.inference.videopose.stored_network import stored_network
from coach_server.resources import packaged
from scripts.engine_proofs.random_rcnn import random_weights

Kind = Literal["rcnn", "lifter"]

LANDSCAPE: Final = (480, 640)
PORTRAIT: Final = (640, 480)
PAPER: Final = Architecture((3, 3, 3, 3), 1024, Encoding.BOX.features)
"""The largest that a window of 81 frames takes, with the channels of Pavllo et al. 2019."""
SHIPPED: Final = "videopose3d"
TARGETS: Final = ("SM75", "SM86", "SM89")
"""Turing (T4), Ampere (RTX 30), Ada (RTX 40, L4)."""


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table.

    Attributes:
        network: `r50`, `r101` of a zoo's name, or `shipped`, `paper` of a lifter.
        kind: what it is.
        batch: pictures, or students.
        half: whether it computes in float16.
        variant: of a Keypoint R-CNN `480x640` or `640x480`; of a lifter `streaming` or `window`.
        zoo: of a Keypoint R-CNN.
        target: compute capability that plans are built for.
        levels: which are run.
    """

    network: str
    kind: Kind
    batch: int
    half: bool
    variant: str
    zoo: str = ""
    target: str = "SM86"
    levels: tuple[int, ...] = (1, 2, 3)

    @property
    def name(self) -> str:
        """For people."""
        what = f"keypoint-rcnn-{self.network} ({self.zoo})" if self.kind == "rcnn" else "lifter"
        which = "" if self.kind == "rcnn" else f" {self.network}"
        return f"{what}{which} {self.variant} b{self.batch}"

    @property
    def precision(self) -> str:
        """fp16 or fp32."""
        return "fp16" if self.half else "fp32"

    def as_dict(self) -> dict[str, Any]:
        """For another process."""
        return asdict(self)

    @classmethod
    def of(cls, written: dict[str, Any]) -> Self:
        """What `as_dict` gave."""
        return cls(**{**written, "levels": tuple(written["levels"])})

    def graph(self) -> EngineGraph:
        """The graph, with weights that are random where the project carries none."""
        if self.kind == "rcnn":
            height, width = (int(side) for side in self.variant.split("x"))
            depth: Literal[50, 101] = 50 if self.network == "r50" else 101
            weights = random_weights(RcnnArchitecture(depth, Zoo(self.zoo)))
            return rcnn_graph(weights, shape=(height, width), batch=self.batch, half=self.half)
        network = _shipped() if self.network == "shipped" else _random(PAPER)
        form: Literal["streaming", "window"] = "window" if self.variant == "window" else "streaming"
        return lifter_graph(network, batch=self.batch, form=form, half=self.half)


def quick() -> list[Case]:
    """What continuous integration proves: a lifter and one Keypoint R-CNN, without ONNX."""
    return [
        case
        for half in (False, True)
        for case in (
            Case("shipped", "lifter", 1, half, "streaming", levels=(1, 2)),
            Case("r50", "rcnn", 1, half, "480x640", Zoo.DETECTRON2.value, levels=(1, 2)),
        )
    ]


def all_of_them() -> list[Case]:
    """The whole table."""
    return [case for half in (False, True) for case in _of_precision(half=half)]


def _of_precision(*, half: bool) -> Iterator[Case]:
    for network in ("shipped", "paper"):
        for form in ("streaming", "window"):
            for batch in (1, 32):
                yield Case(network, "lifter", batch, half, form)
    detectron2, torchvision = Zoo.DETECTRON2.value, Zoo.TORCHVISION.value
    for network in ("r50", "r101"):
        for shape in (LANDSCAPE, PORTRAIT):
            yield Case(network, "rcnn", 1, half, f"{shape[0]}x{shape[1]}", detectron2)
    yield Case("r50", "rcnn", 1, half, "480x640", torchvision)
    yield Case("r50", "rcnn", 16, half, "480x640", detectron2)
    for target in ("SM75", "SM89"):
        yield Case("r50", "rcnn", 1, half, "480x640", detectron2, target, (2, 3))


def shipped_model() -> bytes:
    """The lifter that the CPU runs, as ONNX."""
    recipes = Recipes(packaged("engines"))
    model = recipes.weights(recipes.get(SHIPPED, Role.LIFTER))
    if model is None:
        raise LookupError(f"the recipe {SHIPPED} carries no weights")
    return model


def _shipped() -> Network:
    recipe = Recipes(packaged("engines")).get(SHIPPED, Role.LIFTER)
    if recipe.network is None:
        raise LookupError(f"the recipe {SHIPPED} carries no network")
    return stored_network(shipped_model(), recipe.network.architecture)


def _random(architecture: Architecture) -> Network:
    rng = np.random.default_rng(0)

    def layer(out: int, length: int, width: int) -> Convolution:
        kernel = rng.standard_normal((out, length, width), np.float32)
        return Convolution(
            kernel * np.float32((2 / (length * width)) ** 0.5),
            rng.standard_normal(out, np.float32) * np.float32(0.1),
        )

    channels = architecture.channels
    first, *widths = architecture.widths
    return Network(
        architecture,
        layer(channels, architecture.inputs, first),
        tuple((layer(channels, channels, w), layer(channels, channels, 1)) for w in widths),
        layer(architecture.outputs, channels, 1),
    )
