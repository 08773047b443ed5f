"""Networks running live: one ring per layer, one column per layer per frame, many students at once.

Every student has a slot, which `lift_engine` lends: a row of each ring and a place in it. A frame
reads from each ring the columns that the layer's taps hit, runs the model once, and writes one
column into each ring.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import JOINTS
from coach_server.inference.runtime import LoadedModel, Runs
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.streaming_graph import model_inputs, model_outputs

Slots: TypeAlias = NDArray[np.intp]


class Streams:
    """The state of up to `capacity` students of one network; for one thread at a time.

    Args:
        model: of `streaming_graph`, loaded.
        architecture: of the same network.
        capacity: slots.
    """

    def __init__(self, model: LoadedModel, architecture: Architecture, capacity: int = 1) -> None:
        self._model = model
        self._architecture = architecture
        self._rings = [
            np.zeros((capacity, architecture.span(layer), length), np.float32)
            for layer, length in enumerate(architecture.columns)
        ]
        self._backs = [
            np.array(architecture.taps(layer), np.intp) for layer in range(len(self._rings))
        ]
        self._newest = np.zeros(capacity, np.intp)
        self._runners: dict[int, Runs] = {}

    def begin(self, slots: Slots, frames: FloatArray) -> tuple[FloatArray, FloatArray]:
        """As `step`, but as though each slot had seen nothing but its frame for ever.

        Nothing that was in the slots before is left in them.
        """
        self._rings[0][slots] = frames[:, None]
        answer = self.step(slots, frames)
        # Each run makes the column of one more layer that of a person who keeps still.
        for ring in self._rings[1:]:
            ring[slots] = ring[slots, self._newest[slots] % ring.shape[1]][:, None]
            answer = self.step(slots, frames)
        return answer

    def step(
        self, slots: Slots, frames: FloatArray, *, again: bool = False
    ) -> tuple[FloatArray, FloatArray]:
        """Take in one frame of each of some students.

        Args:
            slots: (N,) whose, each once.
            frames: (N, F) features.
            again: whether the frames take the place of the newest ones, not the place after them.

        Returns:
            (N, 17, 3) joints in metres, and (N, 17, 3) one standard deviation of each coordinate;
            NaN where the network says none.
        """
        count = len(slots)
        runner = self._runner(count)
        if not again:
            self._newest[slots] += 1
        newest = self._newest[slots]
        runner.inputs["frame"][:count] = frames
        for layer, (ring, backs) in enumerate(zip(self._rings, self._backs, strict=True)):
            if len(backs):
                taps = ring[slots[:, None], (newest[:, None] - backs) % ring.shape[1]]
                runner.inputs[f"past_{layer}"][:count] = taps.reshape(count, -1)
        runner.run()
        self._rings[0][slots, newest % self._rings[0].shape[1]] = frames
        for layer, ring in enumerate(self._rings[1:], start=1):
            ring[slots, newest % ring.shape[1]] = runner.outputs[f"column_{layer}"][:count]
        joints = runner.outputs["joints"][:count].reshape(count, JOINTS, 3).copy()
        if not self._architecture.spread:
            return joints, np.full_like(joints, np.nan)
        return joints, runner.outputs["sigma"][:count].reshape(count, JOINTS, 3).copy()

    def _runner(self, count: int) -> Runs:
        """Buffers for at least `count` rows; made once for each power of two."""
        rows = 1 << (count - 1).bit_length()
        if rows not in self._runners:
            inputs, outputs = model_inputs(self._architecture), model_outputs(self._architecture)
            self._runners[rows] = self._model.runner(
                {name: (rows, length) for name, length in inputs.items()},
                {name: (rows, length) for name, length in outputs.items()},
            )
        return self._runners[rows]
