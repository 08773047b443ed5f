"""The lifter as torch modules against the ONNX model that the CPU runs, and the paper's network."""

from typing import Final

import numpy as np
import onnxruntime
import pytest
import torch
from support.paper_network import answer_of, random_state
from torch import Tensor

from coach_server.body.keypoints import FloatArray
from coach_server.errors import EngineError
from coach_server.inference.torch_graphs.graphs import Form, lifter_graph
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.encoding import Encoding
from coach_server.inference.videopose.folding import Network, folded
from coach_server.inference.videopose.stored_network import stored_network
from coach_server.inference.videopose.streaming_graph import streaming_model

pytestmark = pytest.mark.unit

WIDTHS: Final = (3, 3, 3)
FEATURES: Final = Encoding.BOX.features
OUTPUTS: Final = {"spread": 102, "joints": 51}


def network(outputs: int = 102, *, causal: bool = True) -> Network:
    return folded(random_state(WIDTHS, 24, FEATURES, outputs), causal=causal)


def noise(*shape: int, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("outputs", OUTPUTS.values(), ids=OUTPUTS)
def test_streaming_answers_as_the_onnx_model_does(outputs: int) -> None:
    graph = lifter_graph(network(outputs), batch=5, form="streaming", half=False)
    session = onnxruntime.InferenceSession(
        streaming_model(network(outputs), "tiny"), providers=["CPUExecutionProvider"]
    )
    assert list(graph.inputs) == [binding.name for binding in session.get_inputs()]
    rows = {n: noise(*t.shape, seed=k) for k, (n, t) in enumerate(graph.inputs.items())}
    answers = graph.module(*(torch.from_numpy(row) for row in rows.values()))
    wanted = session.run(list(graph.outputs), rows)
    assert len(answers) == len(wanted) == len(session.get_outputs())
    for name, ours, theirs in zip(graph.outputs, answers, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=name)


def test_a_window_answers_as_the_paper_does() -> None:
    state = random_state(WIDTHS, 24, FEATURES, 102)
    graph = lifter_graph(network(), batch=3, form="window", half=False)
    frames = noise(3, 27, FEATURES)
    assert graph.inputs["frames"].shape == frames.shape
    joints, sigma = graph.module(torch.from_numpy(frames))
    for row, window in enumerate(frames):
        wanted = answer_of(state, window.astype(np.float64), WIDTHS, causal=True)
        np.testing.assert_allclose(joints[row], wanted[:51], atol=2e-5)
        np.testing.assert_allclose(sigma[row], np.exp(wanted[51:].clip(-7, 1)), rtol=1e-4)


def test_both_forms_say_the_same_of_the_same_frames() -> None:
    frames = torch.from_numpy(noise(27, FEATURES, seed=4))
    window = lifter_graph(network(), batch=1, form="window", half=False)
    stream = lifter_graph(network(), batch=1, form="streaming", half=False)
    architecture = network().architecture
    rings: list[list[Tensor]] = [[] for _ in WIDTHS]
    for frame in frames:
        past = [_taps(rings[layer], architecture, layer) for layer in range(len(WIDTHS))]
        joints, _, *columns = stream.module(frame[None], *past)
        for ring, column in zip(rings, [frame[None], *columns], strict=True):
            ring.append(column)
    torch.testing.assert_close(joints, window.module(frames[None])[0], atol=1e-5, rtol=1e-5)


def _taps(ring: list[Tensor], architecture: Architecture, layer: int) -> Tensor:
    """The columns that a layer's taps hit; what was never seen is nothing to the last answer."""
    length = architecture.columns[layer]
    backs = architecture.taps(layer)
    unseen = torch.zeros(1, length)
    return torch.cat([ring[-back] if back <= len(ring) else unseen for back in backs], dim=1)


@pytest.mark.parametrize("form", ["streaming", "window"])
def test_float16_inside_is_float32_outside_and_near_it(form: Form) -> None:
    whole, half = (lifter_graph(network(), batch=2, form=form, half=h) for h in (False, True))
    rows = [torch.from_numpy(noise(*t.shape, seed=k)) for k, t in enumerate(whole.inputs.values())]
    inside = {tensor.dtype for tensor in half.module.parameters()}
    assert inside == {torch.float16}
    for exact, near in zip(whole.module(*rows), half.module(*rows), strict=True):
        assert near.dtype is torch.float32
        assert 0 < (near - exact).abs().max() < 0.03 * exact.abs().max()


def test_a_network_is_read_back_from_its_onnx_model() -> None:
    written = network()
    read = stored_network(streaming_model(written, "tiny"), written.architecture)
    for ours, theirs in zip(_layers(read), _layers(written), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def _layers(of: Network) -> list[FloatArray]:
    layers = [of.expand, *(layer for block in of.blocks for layer in block), of.shrink]
    return [array for layer in layers for array in (layer.kernel, layer.bias)]


def test_a_network_that_looks_ahead_is_refused() -> None:
    with pytest.raises(EngineError, match="looks ahead") as caught:
        lifter_graph(network(causal=False), batch=1, form="streaming", half=False)
    assert caught.value.hint
