"""The whole one-person Keypoint R-CNN, with few blocks and small canvases."""

from collections.abc import Iterator
from typing import Final

import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture, Zoo
from coach_server.inference.keypoint_rcnn.weights import RcnnWeights
from coach_server.inference.torch_graphs.graphs import rcnn_graph
from coach_server.inference.torch_graphs.one_person_rcnn import OnePersonRcnn, Proposing
from scripts.engine_proofs.random_rcnn import random_weights

pytestmark = pytest.mark.unit

CANVAS: Final = (64, 96)
TINY: Final = RcnnArchitecture(50, Zoo.DETECTRON2, blocks=(1, 1, 1, 1))
FEW: Final = Proposing(per_level=32, kept=6, rounds=4)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Beside other tests, threads that wait for one another cost more than they gain."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=tuple(Zoo))
def weights(request: pytest.FixtureRequest) -> RcnnWeights:
    return random_weights(RcnnArchitecture(50, request.param, blocks=(1, 1, 1, 1)), seed=2)


def pictures(count: int) -> Tensor:
    blobs = torch.rand(count, 3, 6, 8, generator=torch.Generator().manual_seed(0))
    return interpolate(blobs, size=CANVAS, mode="bicubic").clamp(0, 1) * 255


@torch.inference_mode()
def test_a_pictures_answer_is_its_own_and_lies_in_it(weights: RcnnWeights) -> None:
    model = OnePersonRcnn(weights, CANVAS, proposing=FEW).eval()
    shown = pictures(2)
    keypoints, box, score = model(shown)
    assert (box[0] - box[1]).abs().max() > 1, "both see the same: nothing is told apart"
    for whole, part in zip((keypoints, box, score), model(shown[1:]), strict=True):
        torch.testing.assert_close(whole[1:], part, atol=2e-3, rtol=1e-4)
    height, width = CANVAS
    assert (box >= 0).all()
    assert (box <= torch.tensor([width, height, width, height])).all()
    assert (keypoints[..., :2] >= box[:, None, :2]).all()
    assert (keypoints[..., :2] <= box[:, None, 2:]).all()
    assert ((score > 0) & (score < 1)).all()


def test_no_shape_hangs_on_the_data() -> None:
    model = OnePersonRcnn(random_weights(TINY), CANVAS, proposing=FEW).eval()
    exported = torch.export.export(model, (pictures(1) * 0,), strict=False)
    for node in exported.graph.nodes:
        value = node.meta.get("val")
        for tensor in value if isinstance(value, list | tuple) else [value]:
            if isinstance(tensor, Tensor):
                assert all(isinstance(side, int) for side in tensor.shape), node
    with torch.inference_mode():
        ours, theirs = model(pictures(1)), exported.module()(pictures(1))
    torch.testing.assert_close(ours, theirs)


@torch.inference_mode()
def test_geometry_stays_in_float32_where_layers_do_not() -> None:
    network = random_weights(TINY)
    half, exact = (
        OnePersonRcnn(network, CANVAS, half=half, proposing=FEW).eval() for half in (True, False)
    )
    assert {tensor.dtype for tensor in half.parameters()} == {torch.float16}
    assert {tensor.dtype for tensor in half.buffers()} == {torch.float32}
    keypoints, box, score = half(pictures(1))
    assert {tensor.dtype for tensor in (keypoints, box, score)} == {torch.float32}
    assert abs(score - exact(pictures(1))[2]).max() < 0.05


def test_a_graph_names_what_goes_in_and_out(weights: RcnnWeights) -> None:
    graph = rcnn_graph(weights, shape=CANVAS, batch=4, half=False)
    assert graph.name == "keypoint-rcnn-r50-64x96-b4"
    assert {name: tuple(t.shape) for name, t in graph.inputs.items()} == {
        "pictures": (4, 3, *CANVAS),
        "sizes": (4, 2),
    }
    assert graph.outputs == ("keypoints", "box", "score")
    assert not any(parameter.requires_grad for parameter in graph.module.parameters())
