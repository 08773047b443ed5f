"""The window form of training, the streaming form of use, and the paper agree."""

import numpy as np
import pytest
from support.paper_network import answer_of, random_state

from coach_server.inference.onnx_runtime import load_model
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.folding import folded
from coach_server.inference.videopose.streaming_graph import streaming_model
from coach_server.inference.videopose.streams import Streams

torch = pytest.importorskip("torch", reason="the train extra is not installed")
network = pytest.importorskip("scripts.lifter.network")

pytestmark = pytest.mark.unit

INPUTS = 13


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("widths", [(3,), (3, 3, 3), (5, 3)])
def test_the_window_form_is_the_paper(widths: tuple[int, ...], causal: bool) -> None:
    net = network.VideoPose(Architecture(widths, 20, INPUTS, causal))
    state = random_state(widths, 20, INPUTS, 102)
    net.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    frames = np.random.default_rng(1).normal(size=(60, INPUTS)).astype(np.float32)
    with torch.inference_mode():
        joints, log_sigma = net.eval()(torch.from_numpy(frames)[None])
    field = int(np.prod(widths))
    assert joints.shape == log_sigma.shape == (1, 60 - field + 1, 17, 3)
    for first in (0, 7, 60 - field):
        window = frames[first : first + field].astype(np.float64)
        expected = answer_of(state, window, widths, causal=causal)
        np.testing.assert_allclose(joints[0, first].ravel(), expected[:51], atol=1e-5)
        clipped = np.clip(expected[51:], -7, 1)
        np.testing.assert_allclose(log_sigma[0, first].ravel(), clipped, atol=1e-5)


@pytest.mark.parametrize("spread", [True, False])
def test_what_was_trained_is_what_is_streamed(spread: bool) -> None:
    torch.manual_seed(5)
    architecture = Architecture((3, 3, 3), 64, INPUTS, spread=spread)
    net = network.VideoPose(architecture)
    frames = torch.randn(1, 90, INPUTS)
    net.train()
    for _ in range(20):  # so that the running averages are some
        net(frames * 2 + 1)
    net.eval()
    state = {name: tensor.numpy() for name, tensor in net.state_dict().items()}
    folded_network = folded(state, causal=True)
    assert folded_network.architecture == architecture
    start = frames[:, :1].expand(-1, architecture.receptive_field - 1, -1)
    with torch.inference_mode():
        joints, log_sigma = net(torch.cat([start, frames], dim=1))
    model = load_model(streaming_model(folded_network, "trained"), "trained", "cpu")
    stream = Streams(model, architecture)
    slots, seen = np.array([0]), frames[0].numpy()
    for t in range(90):
        step = stream.begin if t == 0 else stream.step
        streamed, sigma = step(slots, seen[t : t + 1])
        np.testing.assert_allclose(streamed[0], joints[0, t], atol=1e-5)
        if spread:
            np.testing.assert_allclose(sigma[0], log_sigma[0, t].exp(), rtol=1e-4)


def test_gradients_reach_every_weight() -> None:
    net = network.VideoPose(Architecture((3, 3), 8, INPUTS), dropout=0)
    joints, log_sigma = net(torch.randn(2, 12, INPUTS))
    (joints.square().sum() + log_sigma.square().sum()).backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in net.parameters())


def test_momentum_reaches_every_norm() -> None:
    net = network.VideoPose(Architecture((3, 3), 8, INPUTS))
    net.set_momentum(0.5)
    norms = [m for m in net.modules() if isinstance(m, torch.nn.BatchNorm1d)]
    assert [norm.momentum for norm in norms] == [0.5] * 3
