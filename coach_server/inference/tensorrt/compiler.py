"""What building and running ask of a compiler, so that neither has to know which one it is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from torch import Tensor

from coach_server.errors import EngineError
from coach_server.inference.tensorrt.plan import Binding
from coach_server.inference.torch_graphs.graphs import EngineGraph

PlanCall: TypeAlias = Callable[..., tuple[Tensor, ...]]
"""Takes the inputs in order, on the device; gives the outputs in order, on the device."""


class Compiler(Protocol):
    """Turns graphs into plans, and plans into calls."""

    @property
    def options(self) -> Mapping[str, bool | int]:
        """What it is set to: part of a plan's key."""

    def compile(self, graph: EngineGraph) -> bytes:
        """A plan for the device at hand.

        Raises:
            EngineError: the graph cannot be compiled; says why.
        """

    def bindings(self, plan: bytes) -> tuple[Binding, ...]:
        """What goes in and out of a plan, read from the plan itself."""

    def load(self, plan: bytes, inputs: Sequence[str], outputs: Sequence[str]) -> PlanCall:
        """A plan made ready to run on the device at hand.

        Args:
            plan: as `compile` gave it.
            inputs: names of its bindings, in the order in which it is called with them.
            outputs: names of its bindings, in the order in which it gives them.

        Raises:
            EngineError: it cannot be loaded, as one that was built elsewhere.
        """


def check_bindings(graph: EngineGraph, found: Sequence[Binding]) -> None:
    """See that a plan takes and gives what its graph does, in float32.

    Raises:
        EngineError: it does not; says what it has.
    """
    said = {binding.name: binding for binding in found}
    wanted = {name: tuple(tensor.shape) for name, tensor in graph.inputs.items()}
    ins = {name: b.shape for name, b in said.items() if b.is_input}
    outs = {name for name, b in said.items() if not b.is_input}
    if ins != wanted or outs != set(graph.outputs):
        raise EngineError(
            f"the plan of {graph.name} takes {ins} and gives {sorted(outs)}, not {wanted} and "
            f"{sorted(graph.outputs)}"
        )
    if wrong := {name: b.dtype for name, b in said.items() if b.dtype != "float32"}:
        raise EngineError(f"the plan of {graph.name} has bindings that are not float32: {wrong}")
