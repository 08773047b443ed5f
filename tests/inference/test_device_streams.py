"""State on the device gives what state in numpy gives, with the module in the plan's place."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import structlog
import torch
from support.paper_network import random_state
from support.torch_devices import DEVICES, EXACT, one_thread

from coach_server.body.keypoints import FloatArray
from coach_server.inference.onnx_runtime import load_model
from coach_server.inference.tensorrt.device_streams import DeviceStreams
from coach_server.inference.tensorrt.static_step import Step
from coach_server.inference.torch_graphs.graphs import lifter_graph
from coach_server.inference.videopose.folding import Network, folded
from coach_server.inference.videopose.streaming_graph import streaming_model
from coach_server.inference.videopose.streams import Streams

pytestmark = pytest.mark.unit

CPU = torch.device("cpu")
INPUTS = 11
CAPACITY = 5


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    with one_thread():
        yield


def network(widths: Sequence[int] = (3, 3, 3), *, spread: bool = True) -> Network:
    return folded(random_state(widths, 24, INPUTS, 102 if spread else 51), causal=True)


def both(
    of: Network,
    batches: Sequence[int] = (1, 2, 4),
    capacity: int = CAPACITY,
    device: torch.device = CPU,
) -> tuple[Streams, DeviceStreams]:
    model = load_model(streaming_model(of, "tiny"), "tiny", "cpu")
    calls = {
        n: lifter_graph(of, batch=n, form="streaming", half=False).module.to(device)
        for n in batches
    }
    ours = DeviceStreams(calls, of.architecture, capacity, device)
    return Streams(model, of.architecture, capacity), ours


def frames(count: int, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(count, INPUTS)).astype(np.float32)


@pytest.mark.parametrize("device", DEVICES, ids=str)
@pytest.mark.parametrize("spread", [True, False])
@pytest.mark.parametrize("widths", [(1,), (3,), (3, 3), (3, 1, 5), (3, 3, 3)])
def test_the_same_as_numpy(widths: Sequence[int], spread: bool, device: torch.device) -> None:
    theirs, ours = both(network(widths, spread=spread), device=device)
    near = EXACT[device.type]
    rng = np.random.default_rng(1)
    begun = np.zeros(CAPACITY, bool)
    for t in range(30):
        slots = rng.permutation(CAPACITY)[: rng.integers(1, CAPACITY + 1)]
        seen = frames(len(slots), seed=t)
        fresh = ~begun[slots] | (rng.random(len(slots)) < 0.05)
        begun[slots] = True
        again = bool(rng.random() < 0.2)
        for rows, call in ((fresh, "begin"), (~fresh, "step")):
            if not rows.any():
                continue
            settings = {"again": again} if call == "step" else {}
            expected = getattr(theirs, call)(slots[rows], seen[rows], **settings)
            answer = getattr(ours, call)(slots[rows], seen[rows], **settings)
            for mine, other in zip(answer, expected, strict=True):
                np.testing.assert_allclose(mine, other, atol=near)
    assert np.isnan(expected[1]).all() != spread
    for ring, other in zip(ours._rings, theirs._rings, strict=True):
        assert np.abs(other).max() > 0.5
        np.testing.assert_allclose(ring[:-1].cpu().numpy(), other, atol=near)


def test_more_rows_than_the_largest_plan_takes() -> None:
    theirs, ours = both(network(), batches=(1, 2))
    slots = np.arange(CAPACITY)
    for t in range(8):
        call = "step" if t else "begin"
        seen = frames(CAPACITY, seed=t)
        expected = getattr(theirs, call)(slots, seen)[0]
        np.testing.assert_allclose(getattr(ours, call)(slots, seen)[0], expected, atol=2e-5)


def test_answers_belong_to_the_caller() -> None:
    _, ours = both(network())
    first, _ = ours.begin(np.array([0]), frames(1))
    kept = first.copy()
    ours.step(np.array([0]), frames(1, seed=9))
    np.testing.assert_array_equal(first, kept)


def test_where_no_graph_can_be_made_kernels_are_launched_singly() -> None:
    def refuse(_step: Step) -> Step:
        raise RuntimeError("operation not permitted when stream is capturing")

    of = network()
    calls = {1: lifter_graph(of, batch=1, form="streaming", half=False).module}
    with structlog.testing.capture_logs() as logs:
        ours = DeviceStreams(calls, of.architecture, 1, CPU, refuse)
    assert "not permitted" in logs[0]["reason"]
    _, expected = both(of)
    slots = np.array([0])
    np.testing.assert_array_equal(ours.begin(slots, frames(1)), expected.begin(slots, frames(1)))


def test_a_graph_is_run_in_place_of_the_step() -> None:
    """What a capture does: the step runs some times with nobody in it, then only replays."""
    replays = []

    def capture(step: Step) -> Step:
        for _ in range(3):
            step()

        def replay() -> torch.Tensor:
            replays.append(1)
            return step()

        return replay

    of = network()
    calls = {2: lifter_graph(of, batch=2, form="streaming", half=False).module}
    ours = DeviceStreams(calls, of.architecture, 2, CPU, capture)
    theirs, _ = both(of)
    slots = np.array([1])
    for t in range(5):
        call = "step" if t else "begin"
        expected = getattr(theirs, call)(slots, frames(1, seed=t))[0]
        answer = getattr(ours, call)(slots, frames(1, seed=t))[0]
        np.testing.assert_allclose(answer, expected, atol=2e-5)
    assert len(replays) == 4 + 3
