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


class _FlatTopK(nn.Module):
    """Passes a dry run, and yet no network can be built of it: TopK wants two dimensions."""

    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (x.flatten().topk(4)[0],)


def run_controls() -> None:
    """Run what must fail, for the very reason that it must.

    Raises:
        Unproven: something passed, or failed for another reason.
    """
    eigenvalues, flat, half_out = map(_graph, (_Eigenvalues(), _FlatTopK(), _HalfOut()))
    _must_fail("not fully supported", lambda: levels.one_engine(eigenvalues))
    levels.one_engine(flat)
    _must_fail("Could not get tensor shape", lambda: levels.plan_of(flat, _TARGET))
    _must_fail("not float32", lambda: levels.plan_of(half_out, _TARGET))
    model = _unknown_operation()
    _must_fail("does not parse Det", lambda: levels.plan_of_onnx(eigenvalues, model, _TARGET))
    product = _graph(nn.Sequential(nn.Linear(4, 4)), torch.zeros(3, 4))
    full = levels.plan_of_onnx(product, levels.onnx_of(product), _TARGET)
    levels.check_precision(full, half=False)
    _must_fail("compute in float16", lambda: levels.check_precision(full, half=True))


def _must_fail(reason: str, attempt: Callable[[], object]) -> None:
    try:
        attempt()
    except Unproven as error:
        if reason in str(error):
            return
        raise Unproven(f"a control failed, but not for {reason!r}: {error}") from error
    raise Unproven(f"a control passed that must fail with {reason!r}: the check proves nothing")


def _graph(module: nn.Module, x: Tensor | None = None) -> EngineGraph:
    x = torch.zeros(3, 4, 4) if x is None else x
    return EngineGraph("control", module.eval(), {"x": x}, ("y",))


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
