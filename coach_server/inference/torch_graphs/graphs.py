"""What is compiled: a module with static shapes, and what goes in and out of it by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import torch
from torch import Tensor, nn

from coach_server.inference.keypoint_rcnn.weights import RcnnWeights
from coach_server.inference.torch_graphs.lifter import StreamingLifter, WindowLifter
from coach_server.inference.torch_graphs.one_person_rcnn import OnePersonRcnn
from coach_server.inference.videopose.folding import Network
from coach_server.inference.videopose.streaming_graph import model_inputs, model_outputs

GRAPH_VERSION: Final = 1
"""Raised whenever the same weights become a graph that answers otherwise: plans are built anew."""

Form = Literal["streaming", "window"]


@dataclass(frozen=True, slots=True)
class EngineGraph:
    """One engine before it is compiled.

    Attributes:
        name: of the network, its shapes and its batch.
        module: in evaluation, without gradients; float32 goes in and out, whatever is inside.
        inputs: example inputs by the names of their bindings, in `forward`'s order.
        outputs: names of the bindings of what it gives, in order.
    """

    name: str
    module: nn.Module
    inputs: Mapping[str, Tensor]
    outputs: tuple[str, ...]


def rcnn_graph(
    weights: RcnnWeights, *, shape: tuple[int, int], batch: int, half: bool
) -> EngineGraph:
    """A Keypoint R-CNN on canvases of `shape` (height, width), `batch` at a time."""
    module = OnePersonRcnn(weights, shape, half=half)
    height, width = shape
    name = f"keypoint-rcnn-r{weights.architecture.depth}-{height}x{width}-b{batch}"
    pictures = torch.zeros(batch, 3, height, width)
    sizes = torch.tensor([[width, height]] * batch, dtype=torch.float32)
    inputs = {"pictures": pictures, "sizes": sizes}
    return _graph(name, module, inputs, ("keypoints", "box", "score"))


def lifter_graph(network: Network, *, batch: int, form: Form, half: bool) -> EngineGraph:
    """A causal lifter for `batch` students at a time.

    Raises:
        EngineError: the network looks ahead.
    """
    architecture = network.architecture
    name = f"lifter-{form}-b{batch}"
    answers = ("joints", "sigma") if architecture.spread else ("joints",)
    if form == "window":
        frames = torch.zeros(batch, architecture.receptive_field, architecture.inputs)
        return _graph(name, WindowLifter(network, half=half), {"frames": frames}, answers)
    inputs = {key: torch.zeros(batch, n) for key, n in model_inputs(architecture).items()}
    outputs = tuple(model_outputs(architecture))
    return _graph(name, StreamingLifter(network, half=half), inputs, outputs)


def _graph(
    name: str, module: nn.Module, inputs: Mapping[str, Tensor], outputs: tuple[str, ...]
) -> EngineGraph:
    return EngineGraph(name, module.eval().requires_grad_(requires_grad=False), inputs, outputs)
