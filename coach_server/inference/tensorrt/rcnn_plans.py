"""Which plans a Keypoint R-CNN wants, and how each is compared."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

import torch

from coach_server.inference.keypoint_rcnn.letterbox import LANDSCAPE, PORTRAIT, Canvas
from coach_server.inference.keypoint_rcnn.sighting import Sighting
from coach_server.inference.keypoint_rcnn.weights import RcnnWeights
from coach_server.inference.protocols import Frame
from coach_server.inference.tensorrt.building import Wanted
from coach_server.inference.tensorrt.compiler import PlanCall
from coach_server.inference.tensorrt.fixed_inputs import pictures
from coach_server.inference.tensorrt.parity import RCNN_LIMITS, Measures, rcnn_off
from coach_server.inference.tensorrt.plan import PlanKey, Precision, Target
from coach_server.inference.tensorrt.rcnn_engine import OUTPUTS, RcnnEngine
from coach_server.inference.torch_graphs.graphs import GRAPH_VERSION, EngineGraph, rcnn_graph

BATCHES: Final = (1, 4, 16)
"""A frame alone; and a batch is filled up to the next of these."""
CANVASES: Final = (LANDSCAPE, PORTRAIT)


class RcnnPlans:
    """The plans of one network.

    Args:
        weights: of the network.
        target: what they are built for.
        device: where they run.
        options: the compiler's.
        precision: of the layers.
        batches: frames a run.
        canvases: (height, width) of the pictures.
        shown: how many pictures they are compared on; None: all there are.
    """

    def __init__(
        self,
        weights: RcnnWeights,
        target: Target,
        device: torch.device,
        options: Mapping[str, bool | int],
        *,
        precision: Precision = "float16",
        batches: Sequence[int] = BATCHES,
        canvases: Sequence[Canvas] = CANVASES,
        shown: int | None = None,
    ) -> None:
        self._weights = weights
        self._target = target
        self._device = device
        self._options = dict(options)
        self._precision = precision
        self._batches = tuple(sorted(set(batches)))
        self._canvases = tuple(canvases)
        self._shown = shown
        self._references: dict[Canvas, tuple[list[Frame], list[Sighting]]] = {}

    @cached_property
    def weights(self) -> str:
        """Digest of the network's weights."""
        return self._weights.digest

    @cached_property
    def wanted(self) -> dict[tuple[Canvas, int], Wanted]:
        """Every plan, by canvas and batch."""
        return {
            (canvas, batch): self._wanted(canvas, batch)
            for canvas in self._canvases
            for batch in self._batches
        }

    def engine(self, calls: Mapping[tuple[Canvas, int], PlanCall]) -> RcnnEngine:
        """What runs all plans."""
        return RcnnEngine(calls, self._weights.architecture.pixel_mean, self._device)

    def _wanted(self, canvas: Canvas, batch: int) -> Wanted:
        height, width = canvas
        key = PlanKey(
            graph=f"keypoint-rcnn-r{self._weights.architecture.depth}-{height}x{width}-b{batch}",
            graph_version=GRAPH_VERSION,
            weights=self.weights,
            inputs={"pictures": (batch, 3, height, width), "sizes": (batch, 2)},
            outputs=OUTPUTS,
            precision=self._precision,
            options=self._options,
            target=self._target,
        )
        return Wanted(
            key,
            lambda: self._graph(canvas, batch, half=self._precision == "float16"),
            lambda call: self._off(call, canvas, batch),
            RCNN_LIMITS[self._precision],
        )

    def _graph(self, canvas: Canvas, batch: int, *, half: bool) -> EngineGraph:
        return rcnn_graph(self._weights, shape=canvas, batch=batch, half=half)

    def _off(self, call: PlanCall, canvas: Canvas, batch: int) -> Measures:
        """Every row of a batch sees every picture: each run shows each row another one."""
        frames, expected = self._reference(canvas)
        engine = self.engine({(canvas, batch): call})
        wanted: list[Sighting] = []
        found: list[Sighting] = []
        for shift in range(len(frames)):
            order = [(row + shift) % len(frames) for row in range(batch)]
            found += engine.run([frames[n] for n in order])
            wanted += [expected[n] for n in order]
        return rcnn_off(wanted, found)

    def _reference(self, canvas: Canvas) -> tuple[list[Frame], list[Sighting]]:
        """Pictures and what the network says of them on the CPU in float32; made once."""
        if canvas not in self._references:
            frames: list[Frame] = list(pictures(canvas)[: self._shown])
            module = self._graph(canvas, 1, half=False).module
            mean = self._weights.architecture.pixel_mean
            engine = RcnnEngine({(canvas, 1): module}, mean, torch.device("cpu"))
            self._references[canvas] = frames, [engine.run([frame])[0] for frame in frames]
        return self._references[canvas]
