"""One interface, whatever runs the network: the same lifter by onnxruntime and as a plan."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from support.paper_network import random_state
from support.torch_devices import DEVICES, EXACT

from coach_server.body.keypoints import FloatArray
from coach_server.errors import EngineError
from coach_server.inference.machine import Machine
from coach_server.inference.onnx_runtime import load_model
from coach_server.inference.runtime import LoadedModel, Shapes
from coach_server.inference.tensorrt.plan import PlanKey, Target
from coach_server.inference.tensorrt.plan_model import PlanModel
from coach_server.inference.torch_graphs.graphs import lifter_graph
from coach_server.inference.videopose.folding import folded
from coach_server.inference.videopose.streaming_graph import (
    model_inputs,
    model_outputs,
    streaming_model,
)

pytestmark = pytest.mark.unit

BATCH = 3
NETWORK = folded(random_state((3, 3), 24, 11, 102), causal=True)
INPUTS: Shapes = {n: (BATCH, length) for n, length in model_inputs(NETWORK.architecture).items()}
OUTPUTS: Shapes = {n: (BATCH, length) for n, length in model_outputs(NETWORK.architecture).items()}


def as_onnx() -> LoadedModel:
    return load_model(streaming_model(NETWORK, "tiny"), "tiny", "cpu")


def as_plan(device: torch.device = DEVICES[0]) -> LoadedModel:
    graph = lifter_graph(NETWORK, batch=BATCH, form="streaming", half=False)
    key = PlanKey(
        graph=graph.name,
        graph_version=1,
        weights="0" * 64,
        inputs={name: tuple(tensor.shape) for name, tensor in graph.inputs.items()},
        outputs=graph.outputs,
        precision="float32",
        options={},
        target=Target.of(Machine()),
    )
    return PlanModel(key, graph.module.to(device), device, "eager torch")


def answers(model: LoadedModel) -> dict[str, FloatArray]:
    runner = model.runner(INPUTS, OUTPUTS)
    before = {**runner.inputs, **runner.outputs}
    for seed in (1, 2):  # what is left of an earlier run must not matter
        rng = np.random.default_rng(seed)
        for array in runner.inputs.values():
            array[:] = rng.normal(size=array.shape)
        runner.run()
    assert all(({**runner.inputs, **runner.outputs})[name] is a for name, a in before.items())
    assert all(array.dtype == np.float32 for array in before.values())
    return dict(runner.outputs)


@pytest.mark.parametrize("device", DEVICES, ids=str)
def test_both_give_the_same(device: torch.device) -> None:
    expected, found = answers(as_onnx()), answers(as_plan(device))
    assert set(found) == set(OUTPUTS)
    for name, array in expected.items():
        assert array.std() > 0.01
        np.testing.assert_allclose(found[name], array, atol=EXACT[device.type])


@pytest.mark.parametrize("make", [as_onnx, as_plan])
def test_two_runners_of_one_model_do_not_share_buffers(make: Callable[[], LoadedModel]) -> None:
    model = make()
    one, other = (model.runner(INPUTS, OUTPUTS) for _ in range(2))
    one.inputs["frame"][:] = 5
    one.run()
    kept = one.outputs["joints"].copy()
    other.run()
    assert not other.inputs["frame"].any()
    np.testing.assert_array_equal(one.outputs["joints"], kept)
    assert np.abs(other.outputs["joints"] - kept).max() > 0.01


@pytest.mark.parametrize("make", [as_onnx, as_plan])
def test_it_says_where_it_runs(make: Callable[[], LoadedModel]) -> None:
    model = make()
    assert model.device == "cpu"
    assert model.provider in ("CPUExecutionProvider", "eager torch")


def test_a_plan_runs_no_other_shapes() -> None:
    wider = {name: (BATCH + 1, shape[1]) for name, shape in INPUTS.items()}
    with pytest.raises(EngineError, match=r"not .*frame.*4, 11"):
        as_plan().runner(wider, OUTPUTS)
    with pytest.raises(EngineError, match="gives"):
        as_plan().runner(INPUTS, {"joints": (BATCH, 51)})
