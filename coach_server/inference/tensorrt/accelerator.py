"""The GPU of this machine, and which plans a model wants on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch

from coach_server.inference.cache import EngineCache
from coach_server.inference.keypoint_rcnn.weights import RcnnWeights
from coach_server.inference.lifters import unknown_family
from coach_server.inference.machine import this_machine
from coach_server.inference.protocols import Progress
from coach_server.inference.pull import pull
from coach_server.inference.recipe import NetworkTable, Recipe, Recipes
from coach_server.inference.tensorrt.building import PlanBuilder
from coach_server.inference.tensorrt.compiler import Compiler
from coach_server.inference.tensorrt.compiling import TorchTensorrt
from coach_server.inference.tensorrt.lifter_plans import BATCHES as LIFTER_BATCHES
from coach_server.inference.tensorrt.lifter_plans import LifterPlans
from coach_server.inference.tensorrt.plan import PlanShelf, Precision, Target
from coach_server.inference.tensorrt.rcnn_plans import BATCHES as RCNN_BATCHES
from coach_server.inference.tensorrt.rcnn_plans import CANVASES, RcnnPlans
from coach_server.inference.videopose.folding import Network
from coach_server.inference.videopose.stored_network import stored_network


@dataclass(frozen=True, slots=True)
class Accelerator:
    """Where plans are built and run.

    Attributes:
        compiler: what builds and loads them.
        device: of tensors.
        target: what plans are valid for.
        provider: what runs them, for people.
        precision: of their layers.
    """

    compiler: Compiler
    device: torch.device
    target: Target
    provider: str
    precision: Precision = "float16"

    @classmethod
    def this_gpu(cls, precision: Precision = "float16") -> Self:
        """The first GPU of this machine, which `devices.choose` has found fit."""
        target = Target.of(this_machine())
        provider = f"TensorRT (torch-tensorrt {target.packages.get('torch-tensorrt', '?')})"
        return cls(TorchTensorrt(), torch.device("cuda"), target, provider, precision)

    def builder(self, cache: Path, progress: Progress | None = None) -> PlanBuilder:
        """Builds plans into a cache folder."""
        return PlanBuilder(PlanShelf(cache), self.compiler, self.device, progress)

    def rcnn_plans(
        self,
        weights: RcnnWeights,
        batches: Sequence[int] = RCNN_BATCHES,
        canvases: Sequence[tuple[int, int]] = CANVASES,
    ) -> RcnnPlans:
        """The plans of a Keypoint R-CNN."""
        return RcnnPlans(
            weights,
            self.target,
            self.device,
            self.compiler.options,
            precision=self.precision,
            batches=batches,
            canvases=canvases,
        )

    def lifter_plans(
        self, network: Network, weights: str, table: NetworkTable, batches: Sequence[int]
    ) -> LifterPlans:
        """The plans of a lifter whose weights have the sha256 `weights`."""
        return LifterPlans(
            network,
            weights,
            table.encoding,
            self.target,
            self.device,
            self.compiler.options,
            precision=self.precision,
            batches=batches,
        )


def weights_of(
    recipe: Recipe, cache: Path, progress: Progress | None = None
) -> RcnnWeights | bytes:
    """The weights of a model: of a lifter the ONNX model that holds them.

    Raises:
        EngineError: they cannot be had, or no plans are made of such a model.
    """
    content = Recipes.known(cache).weights(recipe)
    if content is None and recipe.sources:
        content = pull((recipe,), EngineCache(cache), progress)[recipe.name]
    if recipe.family == "keypoint-rcnn" and content is not None:
        return RcnnWeights.unpacked(content)
    if recipe.family != "videopose3d" or content is None:
        raise unknown_family(recipe)
    return content


def plans_of(
    recipe: Recipe,
    weights: RcnnWeights | bytes,
    accelerator: Accelerator,
    batches: Sequence[int] | None = None,
) -> RcnnPlans | LifterPlans:
    """The plans of a model.

    Args:
        recipe: of the model.
        weights: as `weights_of` gives them.
        accelerator: where it is to run.
        batches: frames a run; None: those that suit the model.

    Raises:
        EngineError: no plans are made of such a model.
    """
    if isinstance(weights, RcnnWeights):
        return accelerator.rcnn_plans(weights, batches or RCNN_BATCHES)
    return lifter_plans(accelerator, weights, recipe, batches or LIFTER_BATCHES)


def lifter_plans(
    accelerator: Accelerator,
    content: bytes,
    recipe: Recipe,
    batches: Sequence[int] = LIFTER_BATCHES,
) -> LifterPlans:
    """The plans of a lifter, of the ONNX model that lies beside its recipe.

    Raises:
        EngineError: the network looks ahead, or the recipe has none.
    """
    if recipe.network is None or recipe.weights is None:
        raise unknown_family(recipe)
    network = stored_network(content, recipe.network.architecture)
    return accelerator.lifter_plans(network, recipe.weights.sha256, recipe.network, batches)
