"""A compiler that leaves graphs as they are: building and running, without TensorRT and a GPU."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from coach_server.inference.tensorrt.compiler import PlanCall
from coach_server.inference.tensorrt.plan import Binding
from coach_server.inference.torch_graphs.graphs import EngineGraph


@dataclass
class EagerCompiler:
    """A plan is a pickled module; `sabotage` changes the module before it becomes one."""

    sabotage: Callable[[nn.Module], object] | None = None
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    compiled: list[str] = field(default_factory=list)
    options: Mapping[str, bool | int] = field(default_factory=lambda: {"eager": True})

    def compile(self, graph: EngineGraph) -> bytes:
        self.compiled.append(graph.name)
        module = _copied(graph.module)
        if self.sabotage:
            self.sabotage(module)
        with torch.no_grad():
            outputs = module(*graph.inputs.values())
        written = io.BytesIO()
        tensors = [(n, t, True) for n, t in graph.inputs.items()]
        tensors += [(n, t, False) for n, t in zip(graph.outputs, outputs, strict=True)]
        bindings = [
            Binding(name=n, shape=tuple(t.shape), dtype=str(t.dtype)[6:], is_input=i)
            for n, t, i in tensors
        ]
        torch.save({"module": module, "bindings": bindings}, written)
        return written.getvalue()

    def bindings(self, plan: bytes) -> tuple[Binding, ...]:
        return tuple(_read(plan)["bindings"])

    def load(self, plan: bytes, inputs: Sequence[str], outputs: Sequence[str]) -> PlanCall:
        content = _read(plan)
        names = [binding.name for binding in content["bindings"]]
        assert names == [*inputs, *outputs]
        module = content["module"].to(self.device)

        @torch.no_grad()
        def call(*tensors: Tensor) -> tuple[Tensor, ...]:
            return tuple(module(*tensors))

        return call


def _copied(module: nn.Module) -> nn.Module:
    written = io.BytesIO()
    torch.save(module, written)
    written.seek(0)
    copy: nn.Module = torch.load(written, weights_only=False)
    return copy


def _read(plan: bytes) -> dict[str, Any]:
    content: dict[str, Any] = torch.load(io.BytesIO(plan), weights_only=False)
    return content
