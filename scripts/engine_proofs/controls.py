"""Graphs that must fail: a check that lets them pass proves nothing of the others."""

from collections.abc import Callable
from typing import Final

import torch
from onnx import TensorProto, helper
from torch import Tensor, nn

from coach_server.inference.torch_graphs.graphs import EngineGraph
from scripts.engine_proofs import levels
from scripts.engine_proofs.levels import Unproven

_TARGET: Final = "SM86"


class _Eigenvalues(nn.Module):
    """Has an operation that no converter knows."""

    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (torch.linalg.eigvalsh(x) + 1,)


class _HalfOut(nn.Module):
    """Gives float16, which no engine of ours may."""

    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (torch.relu(x).half(),)


def run_controls() -> None:
    """Run one control a level.

    Raises:
        Unproven: one of them passed.
    """
    _must_fail(1, lambda: levels.one_engine(_graph(_Eigenvalues())))
    _must_fail(2, lambda: levels.plan_of(_graph(_HalfOut()), _TARGET))
    _must_fail(3, lambda: levels.plan_of_onnx(_unknown_operation(), _TARGET))
    plan = levels.plan_of_onnx(levels.onnx_of(_graph(nn.Linear(4, 4))), _TARGET)
    _must_fail(2, lambda: levels.check_precision(plan, half=True))


def _must_fail(level: int, attempt: Callable[[], object]) -> None:
    try:
        attempt()
    except Unproven:
        return
    raise Unproven(f"the control of level {level} passed, so that level proves nothing")


def _graph(module: nn.Module) -> EngineGraph:
    return EngineGraph("control", module.eval(), {"x": torch.zeros(3, 4, 4)}, ("y",))


def _unknown_operation() -> bytes:
    """A model with an operation that TensorRT's parser does not know, in static shapes."""
    graph = helper.make_graph(
        [helper.make_node("Det", ["x"], ["y"])],
        "control",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3, 4, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    return bytes(model.SerializeToString())
