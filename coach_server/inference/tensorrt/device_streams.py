"""Networks of the lifter running live with their state on the device, in place.

As `videopose.streams.Streams`, whose docstring says what rings are, and in its place wherever a
`Streaming` is wanted: a row a student, a column a frame. Here the rings never leave the device.
Only features go up and joints come down, and what is between, reading the columns that the taps
hit, the plan, and writing new ones, is one CUDA graph.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import JOINTS
from coach_server.inference.tensorrt.compiler import PlanCall
from coach_server.inference.tensorrt.static_step import (
    Capture,
    HostBuffer,
    Step,
    static_step,
    wait_for,
)
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.streaming_graph import model_inputs, model_outputs
from coach_server.inference.videopose.streams import Slots

_HEAD: Final = 2
"""Numbers before the features of a row: its slot, and by how many columns it goes on."""


class DeviceStreams:
    """The state of up to `capacity` students of one network; for one thread at a time.

    Args:
        calls: plans of the network's streaming form, by batch.
        architecture: of the network.
        capacity: slots.
        device: where the plans run.
        capture: makes CUDA graphs, where not as `static_step` does.
    """

    def __init__(
        self,
        calls: Mapping[int, PlanCall],
        architecture: Architecture,
        capacity: int,
        device: torch.device,
        capture: Capture | None = None,
    ) -> None:
        self._architecture = architecture
        self._device = device
        self._calls = calls
        self._batches = sorted(calls)
        # One slot more than there are, for rows of a batch in which there is nobody.
        self._nobody = capacity
        self._rings = [
            torch.zeros((capacity + 1, architecture.span(layer), length), device=device)
            for layer, length in enumerate(architecture.columns)
        ]
        self._backs = [
            torch.tensor(architecture.taps(layer), dtype=torch.long, device=device)
            for layer in range(len(self._rings))
        ]
        self._newest = torch.zeros(capacity + 1, dtype=torch.long, device=device)
        spread = 2 if architecture.spread else 1
        width = _HEAD + architecture.inputs
        self._sent = {n: HostBuffer((n, width), device) for n in self._batches}
        for buffer in self._sent.values():
            buffer.tensor[:, 0] = self._nobody
        self._answer = HostBuffer((self._batches[-1], JOINTS * 3 * spread), device)
        self._steps = {n: static_step(self._step_of(n), device, capture) for n in self._batches}

    @property
    def most(self) -> int:
        """How many rows a run takes."""
        return self._batches[-1]

    def begin(self, slots: Slots, frames: FloatArray) -> tuple[FloatArray, FloatArray]:
        """As `Streams.begin`."""
        rows = torch.tensor(slots, dtype=torch.long, device=self._device)
        self._rings[0][rows] = torch.tensor(frames, device=self._device)[:, None]
        answer = self.step(slots, frames)
        for ring in self._rings[1:]:
            ring[rows] = ring[rows, self._newest[rows] % ring.shape[1]][:, None]
            answer = self.step(slots, frames)
        return answer

    def step(
        self, slots: Slots, frames: FloatArray, *, again: bool = False
    ) -> tuple[FloatArray, FloatArray]:
        """As `Streams.step`."""
        answers = [
            self._chunk(
                slots[start : start + self.most], frames[start : start + self.most], again=again
            )
            for start in range(0, len(slots), self.most)
        ]
        answer = np.concatenate(answers).reshape(len(slots), -1, JOINTS, 3)
        joints = answer[:, 0].copy()
        if not self._architecture.spread:
            return joints, np.full_like(joints, np.nan)
        return joints, answer[:, 1].copy()

    def _chunk(self, slots: Slots, frames: FloatArray, *, again: bool) -> FloatArray:
        count = len(slots)
        batch = next(batch for batch in self._batches if batch >= count)
        sent = self._sent[batch]
        sent.array[:, 0] = self._nobody
        sent.array[:count, 0] = slots
        sent.array[:count, 1] = 0 if again else 1
        sent.array[:count, _HEAD:] = frames
        sent.send()
        self._answer.fetch(self._steps[batch]()[:count])
        wait_for(self._device)
        return np.array(self._answer.array[:count], np.float32)

    def _step_of(self, batch: int) -> Step:
        call, sent = self._calls[batch], self._sent[batch].tensor
        inputs, outputs = model_inputs(self._architecture), list(model_outputs(self._architecture))
        answers = outputs[: 2 if self._architecture.spread else 1]

        def step() -> Tensor:
            slots = sent[:, 0].long()
            newest = self._newest[slots] + sent[:, 1].long()
            self._newest[slots] = newest
            frame = sent[:, _HEAD:].contiguous()
            past = [
                ring[slots[:, None], (newest[:, None] - backs) % ring.shape[1]].flatten(1)
                for layer, (ring, backs) in enumerate(zip(self._rings, self._backs, strict=True))
                if f"past_{layer}" in inputs
            ]
            said = dict(zip(outputs, call(frame, *past), strict=True))
            for layer, ring in enumerate(self._rings):
                column = said[f"column_{layer}"] if layer else frame
                ring[slots, newest % ring.shape[1]] = column
            return torch.cat([said[name] for name in answers], dim=1)

        return step
