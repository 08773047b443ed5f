"""What a network of the paper looks at, and how its weights are read."""

from collections.abc import Callable

import numpy as np
import pytest
from support.paper_network import State, evaluate, random_state

from coach_server.errors import EngineError
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.folding import folded

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("widths", "field"),
    [((3, 3, 3), 27), ((3, 3, 3, 3), 81), ((3, 3, 3, 3, 3), 243), ((5, 3), 15), ((1,), 1)],
)
def test_receptive_field(widths: tuple[int, ...], field: int) -> None:
    architecture = Architecture(widths, 8, 4)
    assert architecture.receptive_field == field
    layers = zip(widths, architecture.dilations, strict=True)
    assert 1 + sum((width - 1) * dilation for width, dilation in layers) == field


def test_the_receptive_field_is_what_an_answer_depends_on() -> None:
    state = random_state((3, 3), 16, 5, 51)
    frames = np.random.default_rng(3).normal(size=(20, 5)).astype(np.float32)
    answer = evaluate(state, frames, (3, 3), causal=True)[-1]
    for back in range(20):
        moved = frames.copy()
        moved[-1 - back] += 1
        changes = not np.allclose(evaluate(state, moved, (3, 3), causal=True)[-1], answer)
        assert changes == (back < Architecture((3, 3), 16, 5).receptive_field)


def test_half_of_what_is_seen_lies_ahead_unless_causal() -> None:
    assert Architecture((3, 3, 3, 3, 3), 8, 4, causal=False).look_ahead == 121
    assert Architecture((3, 3, 3, 3, 3), 8, 4).look_ahead == 0


@pytest.mark.parametrize("widths", [(), (2,), (3, 4), (3, -1)])
def test_widths_are_odd(widths: tuple[int, ...]) -> None:
    with pytest.raises(EngineError, match="odd"):
        Architecture(widths, 8, 4)


def test_weights_say_what_they_are_of() -> None:
    assert folded(random_state((3, 5, 3), 8, 34, 51), causal=False).architecture == Architecture(
        (3, 5, 3), 8, 34, causal=False, spread=False
    )
    assert folded(random_state((3,), 8, 88, 102), causal=True).architecture.spread


def without(state: State, name: str) -> State:
    return {key: value for key, value in state.items() if key != name}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: without(s, "expand_conv.weight"), "lack expand_conv.weight"),
        (lambda s: without(s, "layers_bn.1.running_var"), "lack layers_bn.1.running_var"),
        (lambda s: s | {"shrink.bias": s["shrink.bias"][:48]}, "shape"),
        (lambda s: s | {"layers_conv.0.weight": s["layers_conv.0.weight"][:4]}, "shape"),
        (lambda s: s | {"expand_conv.weight": s["expand_conv.weight"][0]}, "shape"),
        (lambda s: s | {"shrink.bias": s["shrink.bias"] * np.nan}, "not finite"),
    ],
)
def test_weights_that_do_not_fit_are_named(change: Callable[[State], State], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        folded(change(random_state((3, 3), 8, 34, 51)), causal=True)
