"""What runs a network array by array, as onnxruntime does on CPU and GPU.

What all runtimes have in common stands above it: `batching.engine.BatchEngine` and, for a lifter's
state, `videopose.lift_engine.Streaming`. TensorRT's plans keep their arrays on the GPU.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from coach_server.body.keypoints import FloatArray

Shapes: TypeAlias = Mapping[str, Sequence[int]]
"""Of inputs or outputs by name, batch included."""


class Runs(Protocol):
    """A network with buffers of its own; not for two threads at once."""

    @property
    def inputs(self) -> Mapping[str, FloatArray]:
        """By name, to be filled before `run`; they stay the same arrays."""

    @property
    def outputs(self) -> Mapping[str, FloatArray]:
        """By name, the answer until the next `run`; they stay the same arrays."""

    def run(self) -> None:
        """From `inputs` to `outputs`; done when it returns."""


class LoadedModel(Protocol):
    """A network that many may run at once, each with buffers of their own."""

    @property
    def provider(self) -> str:
        """What really runs it, for people."""

    @property
    def device(self) -> str:
        """Where it really runs: `cuda` or `cpu`."""

    def runner(self, inputs: Shapes, outputs: Shapes) -> Runs:
        """Buffers of these shapes, and what runs the network on them.

        Raises:
            EngineError: it runs no such shapes.
        """
