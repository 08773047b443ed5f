"""From weights to plans on the CPU: what is compared, refused, kept and found again."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.eager_compiler import EagerCompiler
from support.torch_devices import DEVICES, one_thread
from torch import nn

from coach_server.errors import EngineError, InternalError
from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture, Zoo
from coach_server.inference.machine import Machine
from coach_server.inference.recipe import Recipes, Role
from coach_server.inference.tensorrt.building import PlanBuilder, Wanted
from coach_server.inference.tensorrt.compiler import check_bindings
from coach_server.inference.tensorrt.fixed_inputs import movements, pictures
from coach_server.inference.tensorrt.lifter_plans import LifterPlans
from coach_server.inference.tensorrt.parity import check
from coach_server.inference.tensorrt.plan import Binding, PlanShelf, Precision, Target
from coach_server.inference.tensorrt.rcnn_plans import RcnnPlans
from coach_server.inference.torch_graphs.graphs import EngineGraph
from coach_server.inference.videopose.encoding import Encoding
from coach_server.inference.videopose.stored_network import stored_network
from coach_server.resources import packaged
from scripts.engine_proofs.random_rcnn import random_weights

pytestmark = pytest.mark.unit

CPU = torch.device("cpu")
TARGET = Target.of(Machine())
CANVAS = (64, 96)


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    with one_thread():
        yield


def lifter(precision: Precision = "float32", *batches: int) -> LifterPlans:
    """Of the weights that come with the package."""
    recipes = Recipes(packaged("engines"))
    recipe = recipes.get("videopose3d", Role.LIFTER)
    content = recipes.weights(recipe)
    assert content is not None
    assert recipe.network is not None
    assert recipe.weights is not None
    return LifterPlans(
        stored_network(content, recipe.network.architecture),
        recipe.weights.sha256,
        recipe.network.encoding,
        TARGET,
        CPU,
        {"eager": True},
        precision=precision,
        batches=batches or (2,),
    )


def builder(folder: Path, compiler: EagerCompiler, **settings: Any) -> PlanBuilder:
    return PlanBuilder(PlanShelf(folder), compiler, CPU, runs=1, **settings)


def one(plans: LifterPlans | RcnnPlans) -> Wanted:
    return next(iter(plans.wanted.values()))


def scaled(factor: float) -> Callable[[nn.Module], None]:
    """Weights off by a little, which no shape and no name tells."""

    def sabotage(module: nn.Module) -> None:
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.mul_(factor)

    return sabotage


def test_a_plan_is_built_once_and_then_found(tmp_path: Path) -> None:
    compiler, told = EagerCompiler(), []
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    build = builder(tmp_path, compiler, progress=lambda *step: told.append(step), now=lambda: now)
    wanted = one(lifter())
    manifest = build.ready(wanted)
    assert told == [("lifter-streaming-b2 float32", done, 3) for done in range(4)]
    assert manifest.built == "2026-01-02T03:04:05+00:00"
    assert manifest.key == wanted.key
    assert manifest.parity == {"joints, mm": 0, "sigma": 0}
    assert manifest.speed_ms > 0
    assert {binding.name for binding in manifest.bindings} >= {"frame", "past_0", "joints", "sigma"}
    again = builder(tmp_path, compiler)
    assert again.ready(wanted) == manifest
    assert compiler.compiled == ["lifter-streaming-b2"]
    again.ready(wanted, anew=True)
    assert len(compiler.compiled) == 2


def test_the_lifter_in_half_precision_is_near_enough(tmp_path: Path) -> None:
    manifest = builder(tmp_path, EagerCompiler()).ready(one(lifter("float16")))
    assert 0 < manifest.parity["joints, mm"] < manifest.limits["joints, mm"] / 2
    assert 0 < manifest.parity["sigma"] < manifest.limits["sigma"] / 2


@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize(
    ("sabotage", "figure"), [(scaled(0.98), r"mm \d+\.?\d*, at most"), (scaled(math.nan), "mm nan")]
)
def test_a_lifter_that_is_off_is_refused_with_the_figure(
    tmp_path: Path, precision: Precision, sabotage: Callable[[nn.Module], None], figure: str
) -> None:
    wanted = one(lifter(precision))
    with pytest.raises(EngineError, match=figure) as failure:
        builder(tmp_path, EagerCompiler(sabotage)).ready(wanted)
    assert (failure.value.exit_code, failure.value.error_code) == (2, "parity")
    assert PlanShelf(tmp_path).all() == []


def test_a_plan_that_cannot_be_loaded_is_built_anew_once(tmp_path: Path) -> None:
    class Moved(EagerCompiler):
        """Loads nothing that it has not built itself: as on a GPU that was exchanged."""

        def load(self, *arguments: Any) -> Any:
            if not self.compiled:
                raise EngineError("TensorRT cannot load a plan")
            return super().load(*arguments)

    wanted = one(lifter())
    builder(tmp_path, EagerCompiler()).ready(wanted)
    compiler = Moved()
    call = builder(tmp_path, compiler).load(wanted)
    assert compiler.compiled == ["lifter-streaming-b2"]
    assert call(*wanted.graph().inputs.values())[0].shape == (2, 51)


def test_a_graph_that_is_not_what_its_key_says_is_our_fault(tmp_path: Path) -> None:
    plans = lifter("float32", 2, 4)
    first, second = plans.wanted.values()
    wrong = Wanted(first.key, second.graph, first.off, first.limits)
    with pytest.raises(InternalError, match="not that of the plan"):
        builder(tmp_path, EagerCompiler()).ready(wrong)


GRAPH = EngineGraph("g", nn.Identity(), {"x": torch.zeros(1, 2)}, ("y",))
X = Binding(name="x", shape=(1, 2), dtype="float32", is_input=True)
Y = Binding(name="y", shape=(1, 2), dtype="float32", is_input=False)


def but(binding: Binding, **fields: object) -> Binding:
    return binding.model_copy(update=fields)


def test_bindings_as_they_should_be() -> None:
    check_bindings(GRAPH, [Y, X])


@pytest.mark.parametrize(
    "bindings",
    [
        [X],
        [Y],
        [X, but(Y, name="z")],
        [but(X, shape=(2, 2)), Y],
        [but(X, dtype="float16"), Y],
        [X, but(Y, dtype="float16")],
        [X, Y, but(Y, name="z")],
        [X, but(Y, is_input=True)],
    ],
)
def test_bindings_that_are_others(bindings: list[Binding]) -> None:
    with pytest.raises(EngineError, match="the plan of g"):
        check_bindings(GRAPH, bindings)


def test_every_measure_has_a_limit_and_all_that_are_over_are_said() -> None:
    check("p", {"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 2.0})
    with pytest.raises(EngineError, match=r"a 1\.5, at most 1; b nan, at most 2"):
        check("p", {"a": 1.5, "b": math.nan}, {"a": 1.0, "b": 2.0})


def test_pictures_and_movements_are_always_the_same() -> None:
    for canvas in ((480, 640), (640, 480)):
        seen = pictures(canvas)
        assert len(seen) == 4
        assert all((f.shape[0] > f.shape[1]) == (canvas[0] > canvas[1]) for f in seen)
    first, again = (movements(Encoding.BOX, 3, 20) for _ in range(2))
    assert first.shape == (20, 3, Encoding.BOX.features)
    assert (first == again).all()
    assert (first.std(axis=0) > 0).any()


@pytest.fixture(scope="module", params=DEVICES, ids=str)
def device(request: pytest.FixtureRequest) -> torch.device:
    where: torch.device = request.param
    return where


@pytest.fixture(scope="module")
def rcnn(device: torch.device) -> RcnnPlans:
    """Of the smallest network: one bottleneck a stage."""
    return RcnnPlans(
        random_weights(RcnnArchitecture(50, Zoo.TORCHVISION, (1, 1, 1, 1))),
        TARGET,
        device,
        {"eager": True},
        precision="float32",
        batches=[2],
        canvases=[CANVAS],
        shown=1,
    )


def test_a_keypoint_rcnn_is_built_compared_and_run(
    tmp_path: Path, rcnn: RcnnPlans, device: torch.device
) -> None:
    build = PlanBuilder(PlanShelf(tmp_path), EagerCompiler(device=device), device, runs=1)
    manifest = build.ready(one(rcnn))
    assert manifest.key.graph == "keypoint-rcnn-r50-64x96-b2"
    assert manifest.parity["box, px"] < manifest.limits["box, px"] / 2
    engine = rcnn.engine({key: build.load(wanted) for key, wanted in rcnn.wanted.items()})
    (seen,) = engine.run(pictures(CANVAS)[:1])
    assert seen.keypoints.shape == (17, 3)
    assert np.ptp(seen.keypoints[:, :2]) > 1


def test_a_keypoint_rcnn_that_is_off_is_refused_with_the_figure(
    tmp_path: Path, rcnn: RcnnPlans, device: torch.device
) -> None:
    compiler = EagerCompiler(scaled(0.98), device)
    with pytest.raises(EngineError, match=r"box, px \d+\.?\d*, at most 0\.25"):
        PlanBuilder(PlanShelf(tmp_path), compiler, device).ready(one(rcnn))


def test_every_row_of_a_batch_is_compared() -> None:
    """Whichever row is wrong: each sees every picture, not only the one with nobody in it."""
    plans = RcnnPlans(
        random_weights(RcnnArchitecture(50, Zoo.TORCHVISION, (1, 1, 1, 1))),
        TARGET,
        CPU,
        {"eager": True},
        precision="float32",
        batches=[4],
        canvases=[CANVAS],
    )
    wanted = one(plans)
    module = wanted.graph().module
    for row in range(4):

        def wrong(*inputs: torch.Tensor, row: int = row) -> tuple[torch.Tensor, ...]:
            keypoints, box, score = module(*inputs)
            moved = box.clone()
            moved[row] += 300
            return keypoints, moved, score

        with torch.inference_mode():
            assert wanted.off(wrong)["box, px"] > wanted.limits["box, px"]
