"""The engines whose costs are counted: each by stage, for a batch of frames."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal, TypeAlias

import torch

from coach_server.errors import EngineError
from coach_server.inference.cache import EngineCache
from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture, Zoo
from coach_server.inference.keypoint_rcnn.weights import RcnnWeights
from coach_server.inference.recipe import Recipes, Role
from coach_server.inference.torch_graphs.graphs import EngineGraph, lifter_graph, rcnn_graph
from coach_server.inference.torch_graphs.one_person_rcnn import OnePersonRcnn, Proposing
from coach_server.inference.videopose.stored_network import stored_network
from coach_server.resources import packaged
from scripts.engine_costs.cost import Cost
from scripts.engine_costs.counting import RCNN, costs_of
from scripts.engine_costs.onnx_counting import costs_of_onnx
from scripts.engine_proofs.random_rcnn import random_weights

Staged: TypeAlias = dict[str, list[Cost]]
SHAPE: Final = (480, 640)
ZOO_SHAPE: Final = (800, 1088)
"""What Detectron2 makes of COCO's usual 480 x 640 pictures: 800 rows, padded to whole cells."""
ZOO_PROPOSALS: Final = Proposing(per_level=1000, kept=1000, rounds=0)


@dataclass(frozen=True, slots=True)
class Engine:
    """One network.

    Attributes:
        name: for people.
        costs: by stage of one run, for a batch of frames.
    """

    name: str
    costs: Callable[[int], Staged]


def engines(cache: Path) -> list[Engine]:
    """Those that a GPU may run, in the order of the table.

    Raises:
        EngineError: BlazePose is not in `cache`.
    """
    made = []
    for weights in (_weights(50), _weights(101)):
        name = f"Keypoint R-CNN R{weights.architecture.depth}"
        made.append(Engine(name, partial(rcnn, weights)))
        made.append(Engine(f"{name}, tracked", partial(tracked, weights)))
    for size in ("full", "heavy"):
        model = _converted(cache, f"blazepose-{size}")
        made.append(Engine(f"BlazePose {size}", partial(_walked, model)))
    made.append(Engine("lifter, a student", _lifter))
    return made


def rcnn(weights: RcnnWeights, batch: int) -> Staged:
    """A Keypoint R-CNN that looks for somebody in whole pictures."""
    return costs_of(rcnn_graph(weights, shape=SHAPE, batch=batch, half=True), RCNN)


def tracked(weights: RcnnWeights, batch: int) -> Staged:
    """The same where the box of the frame before stands in for all proposals."""
    one = Proposing(per_level=1, kept=1, rounds=0)
    staged = costs_of(with_proposals(weights, SHAPE, batch, one, half=True), RCNN)
    return {stage: costs for stage, costs in staged.items() if stage != "proposals"}


def of_the_zoo() -> Staged:
    """The network as Detectron2 timed it: eager, float32, full pictures, all proposals.

    Its ROIAlign is a kernel that samples one level only, so ours is left out.
    """
    graph = with_proposals(_weights(50), ZOO_SHAPE, 1, ZOO_PROPOSALS, half=False)
    staged = costs_of(graph, RCNN)
    return {stage: costs for stage, costs in staged.items() if not stage.startswith("ROIAlign")}


def with_proposals(
    weights: RcnnWeights, shape: tuple[int, int], batch: int, proposing: Proposing, *, half: bool
) -> EngineGraph:
    """A graph that looks at another number of proposals than the engines do."""
    module = OnePersonRcnn(weights, shape, half=half, proposing=proposing)
    pictures = {"pictures": torch.zeros(batch, 3, *shape)}
    return EngineGraph("costs", module.eval(), pictures, ("keypoints", "box", "score"))


def _weights(depth: Literal[50, 101]) -> RcnnWeights:
    return random_weights(RcnnArchitecture(depth, Zoo.DETECTRON2))


def _lifter(batch: int) -> Staged:
    recipes = Recipes(packaged("engines"))
    recipe = recipes.get("videopose3d", Role.LIFTER)
    model = recipes.weights(recipe)
    if model is None or recipe.network is None:
        raise EngineError("the lifter has no weights", hint="install coach-server again")
    network = stored_network(model, recipe.network.architecture)
    rows = batch * (2 if recipe.network.mirrored else 1)
    return costs_of(lifter_graph(network, batch=rows, form="streaming", half=True))


def _walked(model: bytes, batch: int) -> Staged:
    return {"whole": costs_of_onnx(model, batch)}


def _converted(cache: Path, name: str) -> bytes:
    model = EngineCache(cache).load(Recipes.known(cache).get(name))
    if model is None:
        raise EngineError(f"{name} is not here", hint=f"run `./coach engines pull {name}`")
    return model
