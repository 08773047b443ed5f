"""One column a frame answers what the paper's whole window answers; students do not meet."""

from collections.abc import Sequence

import numpy as np
import pytest
from support.paper_network import evaluate, random_state

from coach_server.body.keypoints import FloatArray
from coach_server.inference.onnx_runtime import load_model
from coach_server.inference.videopose.folding import folded
from coach_server.inference.videopose.streaming_graph import streaming_model
from coach_server.inference.videopose.streams import Streams

pytestmark = pytest.mark.unit

INPUTS = 11
CHANNELS = 24


def frames(count: int, seed: int = 1) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(count, INPUTS)).astype(np.float32)


def streams(
    widths: Sequence[int] = (3, 3, 3),
    *,
    causal: bool = True,
    spread: bool = False,
    capacity: int = 1,
) -> Streams:
    state = random_state(widths, CHANNELS, INPUTS, 102 if spread else 51)
    network = folded(state, causal=causal)
    assert network.architecture.widths == tuple(widths)
    model = load_model(streaming_model(network, "tiny"), "tiny", "cpu")
    return Streams(model, network.architecture, capacity)


def watched(streams: Streams, slot: int, seen: FloatArray) -> FloatArray:
    """(T, 17, 3) what one student's frames give."""
    slots = np.array([slot])
    answers = [streams.begin(slots, seen[:1])[0]]
    answers += [streams.step(slots, seen[t : t + 1])[0] for t in range(1, len(seen))]
    return np.concatenate(answers)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("widths", [(1,), (3,), (3, 3), (3, 3, 3), (5, 3), (3, 1, 5), (3, 5, 3)])
def test_streaming_is_the_window(widths: tuple[int, ...], causal: bool) -> None:
    stream = streams(widths, causal=causal)
    seen = frames(2 * int(np.prod(widths)) + 5)
    expected = evaluate(
        random_state(widths, CHANNELS, INPUTS, 51), seen, widths, causal=causal
    ).reshape(-1, 17, 3)
    np.testing.assert_allclose(watched(stream, 0, seen), expected, atol=1e-5)
    assert np.ptp(expected, axis=0).max() > 0.1


def test_sigma_is_the_exponential_within_bounds() -> None:
    state = random_state((3,), CHANNELS, INPUTS, 102)
    state["shrink.bias"][51:53] = (-50, 50)
    network = folded(state, causal=True)
    model = load_model(streaming_model(network, "tiny"), "tiny", "cpu")
    seen = frames(1)
    _, sigma = Streams(model, network.architecture).begin(np.array([0]), seen)
    expected = np.exp(np.clip(evaluate(state, seen, (3,), causal=True)[0, 51:], -7, 1))
    np.testing.assert_allclose(sigma.reshape(-1), expected, rtol=1e-4)
    np.testing.assert_allclose(sigma.reshape(-1)[:2], np.exp([-7, 1]), rtol=1e-6)


def test_a_network_without_spread_says_none() -> None:
    assert np.isnan(streams().begin(np.array([0]), frames(1))[1]).all()


def test_students_of_a_batch_do_not_meet() -> None:
    alone = [watched(streams(), 0, frames(40, seed)) for seed in range(3)]
    together = streams(capacity=3)
    slots = np.arange(3)
    seen = np.stack([frames(40, seed) for seed in range(3)])
    answers = [together.begin(slots, seen[:, 0])[0]]
    answers += [together.step(slots, seen[:, t])[0] for t in range(1, 40)]
    np.testing.assert_allclose(np.stack(answers, axis=1), alone, atol=1e-5)


def test_students_come_and_go_at_any_time() -> None:
    batch = streams(capacity=4)
    first, second = 0, 1
    one, other = frames(60, 1), frames(60, 2)
    got_one = [batch.begin(np.array([first]), one[:1])[0][0]]
    got_other = []
    for t in range(1, 60):
        if t == 20:
            got_other.append(batch.begin(np.array([second]), other[:1])[0][0])
        if t <= 20 or t % 2:  # the other drops frames of its own
            got_one.append(batch.step(np.array([first]), one[t : t + 1])[0][0])
            continue
        both = batch.step(np.array([second, first]), np.stack([other[len(got_other)], one[t]]))[0]
        got_other.append(both[0])
        got_one.append(both[1])
    np.testing.assert_allclose(got_one, watched(streams(), 0, one), atol=1e-5)
    expected = watched(streams(), 0, other[: len(got_other)])
    np.testing.assert_allclose(got_other, expected, atol=1e-5)


def test_a_slot_that_begins_anew_has_no_ghosts() -> None:
    stream = streams()
    watched(stream, 0, frames(50, 1) * 100)
    expected = watched(streams(), 0, frames(50, 2))
    np.testing.assert_array_equal(watched(stream, 0, frames(50, 2)), expected)


def test_a_frame_again_takes_the_place_of_the_one_before() -> None:
    stream = streams()
    slots, seen = np.array([0]), frames(40)
    stream.begin(slots, seen[:1])
    answers = []
    for t in range(1, 40):
        stream.step(slots, frames(1, seed=100 + t) * 10)
        answers.append(stream.step(slots, seen[t : t + 1], again=True)[0][0])
    np.testing.assert_array_equal(answers, watched(streams(), 0, seen)[1:])


def test_keeping_still_changes_nothing() -> None:
    answers = watched(streams(), 0, np.repeat(frames(1), 60, axis=0))
    np.testing.assert_allclose(answers, np.repeat(answers[:1], 60, axis=0), atol=1e-6)
