"""A plan as a `LoadedModel`: host arrays in and out, as onnxruntime has them."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from coach_server.body.keypoints import FloatArray
from coach_server.errors import EngineError
from coach_server.inference.runtime import Runs, Shapes
from coach_server.inference.tensorrt.compiler import PlanCall
from coach_server.inference.tensorrt.plan import PlanKey
from coach_server.inference.tensorrt.static_step import (
    Capture,
    HostBuffer,
    static_step,
    wait_for,
)


class PlanModel:
    """One plan, loaded.

    Args:
        key: of the plan.
        call: runs it.
        device: where it runs.
        provider: what runs it, for people.
        capture: makes CUDA graphs, where not as `static_step` does.
    """

    def __init__(
        self,
        key: PlanKey,
        call: PlanCall,
        device: torch.device,
        provider: str,
        capture: Capture | None = None,
    ) -> None:
        self._key = key
        self._call = call
        self._device = device
        self._capture = capture
        self.provider = provider

    @property
    def device(self) -> str:
        """`cuda` or `cpu`."""
        return self._device.type

    def runner(self, inputs: Shapes, outputs: Shapes) -> Runs:
        """As `LoadedModel.runner`; the shapes are those that the plan was built for."""
        asked = {name: tuple(shape) for name, shape in inputs.items()}
        if asked != self._key.inputs or set(outputs) != set(self._key.outputs):
            raise EngineError(
                f"the plan {self._key.graph} takes {self._key.inputs} and gives "
                f"{self._key.outputs}, not {asked} and {tuple(outputs)}",
                hint="build the plans again: coach engines build",
            )
        sizes = {name: tuple(outputs[name]) for name in self._key.outputs}
        return _PlanRunner(self._key, self._call, sizes, self._device, self._capture)


class _PlanRunner:
    def __init__(
        self,
        key: PlanKey,
        call: PlanCall,
        outputs: Mapping[str, tuple[int, ...]],
        device: torch.device,
        capture: Capture | None,
    ) -> None:
        self._device = device
        self._sent = {name: HostBuffer(shape, device) for name, shape in key.inputs.items()}
        ends = np.cumsum([0, *(int(np.prod(shape)) for shape in outputs.values())])
        self._answer = HostBuffer((int(ends[-1]),), device)
        self.inputs: dict[str, FloatArray] = {n: b.array for n, b in self._sent.items()}
        self.outputs: dict[str, FloatArray] = {
            name: self._answer.array[start:end].reshape(shape)
            for (name, shape), start, end in zip(outputs.items(), ends, ends[1:], strict=False)
        }
        tensors = [buffer.tensor for buffer in self._sent.values()]

        def step() -> Tensor:
            return torch.cat([said.flatten() for said in call(*tensors)])

        self._step = static_step(step, device, capture)

    def run(self) -> None:
        for buffer in self._sent.values():
            buffer.send()
        self._answer.fetch(self._step())
        wait_for(self._device)
