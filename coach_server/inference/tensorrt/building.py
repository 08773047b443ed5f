"""From a graph to a plan that may be used: compiled, read back, compared, timed, and kept."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Final

import torch

from coach_server.errors import EngineError, InternalError
from coach_server.inference.protocols import Progress
from coach_server.inference.tensorrt.compiler import Compiler, PlanCall, check_bindings
from coach_server.inference.tensorrt.parity import Measures, check
from coach_server.inference.tensorrt.plan import Manifest, PlanKey, PlanShelf
from coach_server.inference.tensorrt.static_step import Step, static_step, wait_for
from coach_server.inference.torch_graphs.graphs import EngineGraph

_RUNS: Final = 50
"""Of which the median is taken."""
_STAGES: Final = 3
"""Of a plan that is built: compiled, compared, timed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plan that is to be there.

    Attributes:
        key: of the plan.
        graph: makes what is compiled where there is none.
        off: compares a plan that was loaded with the reference.
        limits: up to which it may be off.
    """

    key: PlanKey
    graph: Callable[[], EngineGraph]
    off: Callable[[PlanCall], Measures]
    limits: Mapping[str, float]


class PlanBuilder:
    """Finds plans, and builds those that are missing.

    Args:
        shelf: where they are kept.
        compiler: what builds and loads them.
        device: where they run.
        progress: is told how far it has come.
        runs: that are timed.
        now: the time, for the manifest.
    """

    def __init__(
        self,
        shelf: PlanShelf,
        compiler: Compiler,
        device: torch.device,
        progress: Progress | None = None,
        *,
        runs: int = _RUNS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._shelf = shelf
        self._compiler = compiler
        self._device = device
        self._progress = progress
        self._runs = runs
        self._now = now

    def ready(self, wanted: Wanted, *, anew: bool = False) -> Manifest:
        """The manifest of a plan that is on the shelf; built first where it was missing.

        Args:
            wanted: the plan.
            anew: whether it is built though it is there.

        Raises:
            EngineError: it cannot be built, or is too far off; says by how much.
        """
        kept = None if anew else self._shelf.load(wanted.key)
        return kept[1] if kept else self._built(wanted)

    def load(self, wanted: Wanted) -> PlanCall:
        """A plan ready to run; one that cannot be loaded is built anew, once.

        Raises:
            EngineError: as `ready`, or the new one cannot be loaded either.
        """
        self.ready(wanted)
        try:
            return self._loaded(wanted.key)
        except EngineError:
            self.ready(wanted, anew=True)
            return self._loaded(wanted.key)

    def _loaded(self, key: PlanKey) -> PlanCall:
        kept = self._shelf.load(key)
        if kept is None:
            raise InternalError(f"the plan {key.name} was there and is gone")
        return self._compiler.load(kept[0], tuple(key.inputs), key.outputs)

    def _built(self, wanted: Wanted) -> Manifest:
        key = wanted.key
        self._say(key, 0)
        graph = wanted.graph()
        shapes = {name: tuple(tensor.shape) for name, tensor in graph.inputs.items()}
        if (graph.name, shapes, graph.outputs) != (key.graph, key.inputs, key.outputs):
            raise InternalError(f"the graph {graph.name} is not that of the plan {key.name}")
        plan = self._compiler.compile(graph)
        bindings = self._compiler.bindings(plan)
        check_bindings(graph, bindings)
        self._say(key, 1)
        # What is compared is what will run: the bytes, loaded.
        call = self._compiler.load(plan, tuple(graph.inputs), graph.outputs)
        off = wanted.off(call)
        check(f"{key.graph} in {key.precision}", off, wanted.limits)
        self._say(key, 2)
        inputs = [tensor.to(self._device) for tensor in graph.inputs.values()]
        step = static_step(lambda: call(*inputs)[0], self._device)
        manifest = Manifest(
            key=key,
            sha256=hashlib.sha256(plan).hexdigest(),
            size=len(plan),
            bindings=bindings,
            parity=off,
            limits=dict(wanted.limits),
            speed_ms=median_ms(step, self._device, self._runs),
            built=self._now().isoformat(timespec="seconds"),
        )
        self._shelf.store(plan, manifest)
        self._say(key, _STAGES)
        return manifest

    def _say(self, key: PlanKey, done: int) -> None:
        if self._progress is not None:
            self._progress(f"{key.graph} {key.precision}", done, _STAGES)


def median_ms(step: Step, device: torch.device, runs: int) -> float:
    """Median milliseconds of a step on its device, warm, without what it takes to be asked."""
    for _ in range(1 + runs // 5):
        step()
    wait_for(device)
    if device.type != "cuda":
        return median(_host_ms(step) for _ in range(runs))
    marks = [_mark() for _ in range(runs + 1)]
    marks[0].record()
    for mark in marks[1:]:
        step()
        mark.record()
    wait_for(device)
    return median(float(one.elapsed_time(other)) for one, other in pairwise(marks))


def _mark() -> torch.cuda.Event:
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]  # torch left it without types


def _host_ms(step: Step) -> float:
    began = time.perf_counter()
    step()
    return (time.perf_counter() - began) * 1000
