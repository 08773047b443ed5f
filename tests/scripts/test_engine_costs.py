"""The paper model: what is counted is what a hand counts, and floors follow from it."""

from typing import Final

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture, Zoo
from coach_server.inference.recipe import Recipes, Role
from coach_server.inference.torch_graphs.graphs import EngineGraph, lifter_graph
from coach_server.inference.torch_graphs.one_person_rcnn import Proposing
from coach_server.inference.videopose.stored_network import stored_network
from coach_server.resources import packaged
from scripts.engine_costs.cost import Cost, Processor, total
from scripts.engine_costs.counting import RCNN, Stages, costs_of
from scripts.engine_costs.engines import with_proposals
from scripts.engine_costs.onnx_counting import costs_of_onnx
from scripts.engine_costs.table import BATCHES, line, stage_table, students
from scripts.engine_proofs.random_rcnn import random_weights

pytestmark = pytest.mark.unit

WHOLE: Final = "whole"


def graph(module: nn.Module, *shape: int) -> EngineGraph:
    return EngineGraph("tiny", module.eval(), {"x": torch.zeros(*shape)}, ("y",))


def test_a_convolution_costs_its_products_and_what_it_reads_and_writes() -> None:
    module = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU())
    (cost,) = costs_of(graph(module, 4, 3, 32, 16))[WHOLE]
    out = 4 * 8 * 16 * 8
    assert cost.operations == 2 * out * 3 * 9
    assert cost.single == cost.operations
    assert cost.bytes == 4 * (4 * 3 * 32 * 16 + 8 * 3 * 9 + 8 + out)


def test_half_precision_moves_half_the_bytes() -> None:
    module = nn.Linear(64, 32)
    (single,) = costs_of(graph(module, 2, 64))[WHOLE]
    half = EngineGraph("tiny", module.half(), {"x": torch.zeros(2, 64).half()}, ("y",))
    (cost,) = costs_of(half)[WHOLE]
    assert cost == Cost(single.operations, single.bytes / 2, single=0)


def test_what_goes_value_by_value_and_views_cost_nothing() -> None:
    class Joined(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.cat([torch.relu(x), x.flip(1) + 1], dim=1).reshape(-1)

    assert costs_of(graph(Joined(), 2, 8))[WHOLE] == []


def test_picking_reads_what_is_picked_not_all_there_is() -> None:
    class Picking(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.gather(1, torch.zeros(2, 3, dtype=torch.int64, device=x.device))

    (cost,) = costs_of(graph(Picking(), 2, 1000))[WHOLE]
    assert cost.bytes == 2 * 3 * (4 + 4 + 8)


def test_stages_begin_with_their_modules() -> None:
    module = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2), nn.Linear(2, 2))
    staged = costs_of(graph(module, 1, 4), Stages("first", {"1": "second"}))
    assert {stage: len(costs) for stage, costs in staged.items()} == {"first": 1, "second": 2}


def test_an_onnx_model_costs_the_same_by_its_shapes() -> None:
    weights = [np.zeros((8, 1, 3, 3), np.float32), np.zeros(8, np.float32)]
    model = helper.make_model(
        helper.make_graph(
            [
                helper.make_node("Conv", ["x", "w", "b"], ["c"], group=8, pads=[1, 1, 1, 1]),
                helper.make_node("Relu", ["c"], ["y"]),
            ],
            "tiny",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 8, 6, 5])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 8, 6, 5])],
            [numpy_helper.from_array(w, n) for w, n in zip(weights, "wb", strict=True)],
        )
    )
    (cost,) = costs_of_onnx(model.SerializeToString(), batch=10)
    assert cost.operations == 10 * 2 * (8 * 6 * 5) * 9  # each channel by itself
    assert cost.bytes == 2 * (10 * 2 * 8 * 6 * 5 + 8 * 9 + 8)  # weights once, whatever the batch


def test_both_ways_of_counting_agree_on_the_lifter() -> None:
    recipes = Recipes(packaged("engines"))
    recipe = recipes.get("videopose3d", Role.LIFTER)
    model = recipes.weights(recipe)
    assert model is not None
    assert recipe.network is not None
    network = stored_network(model, recipe.network.architecture)
    traced = lifter_graph(network, batch=3, form="streaming", half=True)
    products = [cost for cost in costs_of(traced)[WHOLE] if cost.operations]
    assert total(products) == total(costs_of_onnx(model, batch=3))
    constants = onnx.load_model_from_string(model).graph.initializer
    matrices = sum(int(np.prod(t.dims)) for t in constants if len(t.dims) == 2)
    assert total(products).operations == 3 * 2 * matrices


def test_a_tracked_person_saves_the_proposals_and_all_regions_but_one() -> None:
    weights = random_weights(RcnnArchitecture(50, Zoo.TORCHVISION, (1, 1, 1, 1)))
    staged = {
        kept: costs_of(
            with_proposals(weights, (64, 64), 1, Proposing(8, kept, rounds=1), half=True), RCNN
        )
        for kept in (1, 8)
    }
    assert list(staged[8]) == [
        "backbone",
        "FPN",
        "proposals",
        "ROIAlign, boxes",
        "box head",
        "ROIAlign, keypoints",
        "keypoint head",
    ]
    for stage, costs in staged[8].items():
        one, eight = total(staged[1][stage]).operations, total(costs).operations
        assert eight == one * (8 if stage in ("ROIAlign, boxes", "box head") else 1), stage


def test_the_floor_waits_for_products_or_for_memory_operation_by_operation() -> None:
    slow = Processor("slow", operations=100, single=20, bandwidth=10)
    assert slow.floor_s([Cost(100, 5), Cost(50, 20)]) == 1 + 2
    assert slow.floor_s([Cost(120, 5, single=20)]) == 1 + 1
    assert slow.floor_s([Cost(150, 25)]) == 2.5  # as one, the two could overlap


def test_students_are_whole_frames_in_a_thirtieth_of_a_second() -> None:
    assert students(1.0, 1.0) == 33
    assert students(1.0, 0.15) == 5
    assert students(40.0, 1.0) == 0


def test_a_line_is_of_one_frame_and_makes_a_row() -> None:
    of = line("whole", {batch: [Cost(2e9 * batch, 1e6 * batch)] for batch in BATCHES})
    assert of.frame[16] == Cost(2e9, 1e6)
    assert of.floor_ms[1]["T4"] == pytest.approx(2e9 / 65e12 * 1000)
    assert stage_table([of]).splitlines()[-1].startswith("| whole | 1 | 1 | 1 | 0.031 |")
