"""Which plans a lifter wants, and how each is compared."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
import torch

from coach_server.body.keypoints import FloatArray
from coach_server.inference.tensorrt.building import Wanted
from coach_server.inference.tensorrt.compiler import PlanCall
from coach_server.inference.tensorrt.device_streams import DeviceStreams
from coach_server.inference.tensorrt.fixed_inputs import movements
from coach_server.inference.tensorrt.parity import LIFTER_LIMITS, Measures, lifter_off
from coach_server.inference.tensorrt.plan import PlanKey, Precision, Target
from coach_server.inference.torch_graphs.graphs import GRAPH_VERSION, lifter_graph
from coach_server.inference.videopose.encoding import Encoding
from coach_server.inference.videopose.folding import Network
from coach_server.inference.videopose.streaming_graph import model_inputs, model_outputs

BATCHES: Final = (2, 8, 32)
"""Rows a run: a student is one, or two where the network is asked of the mirror image too."""
_MORE: Final = 10
"""Frames beyond the network's memory that are compared."""


class LifterPlans:
    """The plans of one network's streaming form.

    Args:
        network: its weights.
        weights: their sha256.
        encoding: of the keypoints that it was trained on.
        target: what they are built for.
        device: where they run.
        options: the compiler's.
        precision: of the layers.
        batches: rows a run.
    """

    def __init__(
        self,
        network: Network,
        weights: str,
        encoding: Encoding,
        target: Target,
        device: torch.device,
        options: Mapping[str, bool | int],
        *,
        precision: Precision = "float16",
        batches: Sequence[int] = BATCHES,
    ) -> None:
        self._network = network
        self._weights = weights
        self._encoding = encoding
        self._target = target
        self._device = device
        self._options = dict(options)
        self._precision = precision
        self._batches = tuple(sorted(set(batches)))

    @cached_property
    def wanted(self) -> dict[int, Wanted]:
        """Every plan, by batch."""
        return {batch: self._wanted(batch) for batch in self._batches}

    def streams(self, calls: Mapping[int, PlanCall], capacity: int) -> DeviceStreams:
        """What runs all plans, for so many rows."""
        return DeviceStreams(calls, self._network.architecture, capacity, self._device)

    def _wanted(self, batch: int) -> Wanted:
        architecture = self._network.architecture
        half = self._precision == "float16"
        key = PlanKey(
            graph=f"lifter-streaming-b{batch}",
            graph_version=GRAPH_VERSION,
            weights=self._weights,
            inputs={name: (batch, n) for name, n in model_inputs(architecture).items()},
            outputs=tuple(model_outputs(architecture)),
            precision=self._precision,
            options=self._options,
            target=self._target,
        )
        return Wanted(
            key,
            lambda: lifter_graph(self._network, batch=batch, form="streaming", half=half),
            lambda call: self._off(call, batch),
            LIFTER_LIMITS[self._precision],
        )

    def _off(self, call: PlanCall, batch: int) -> Measures:
        """Both go through the same movements, with a state each, for longer than they remember."""
        architecture = self._network.architecture
        seen = movements(self._encoding, batch, architecture.receptive_field + _MORE)
        module = lifter_graph(self._network, batch=batch, form="streaming", half=False).module
        cpu = torch.device("cpu")
        reference = DeviceStreams({batch: module}, architecture, batch, cpu)
        expected = _watched(reference, seen)
        return lifter_off(expected, _watched(self.streams({batch: call}, batch), seen))


def _watched(streams: DeviceStreams, seen: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(T, students, 17, 3) joints and spreads."""
    slots = np.arange(seen.shape[1])
    answers = [streams.begin(slots, seen[0]), *(streams.step(slots, row) for row in seen[1:])]
    joints, sigma = zip(*answers, strict=True)
    return np.stack(joints), np.stack(sigma)
