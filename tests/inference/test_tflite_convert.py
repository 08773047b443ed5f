"""TensorFlow Lite to ONNX: what cannot be converted is said; real models are in the parity test."""

import numpy as np
import onnx
import pytest
import tflite
from support.tiny_tflite import tiny_tflite

from coach_server.errors import EngineError
from coach_server.inference.onnx_runtime import load_model
from coach_server.inference.tflite.convert import Port, convert

pytestmark = pytest.mark.unit

SHAPE = (1, 2, 2, 3)
INPUT = {"x": Port("image", SHAPE)}
OUTPUT = {"y": Port("answer", SHAPE)}


def test_one_operator_with_a_free_batch() -> None:
    model = convert(tiny_tflite(), "tiny", INPUT, OUTPUT)
    session = load_model(model, "converted", "cpu").session
    image = np.random.default_rng(0).normal(size=(4, 2, 2, 3)).astype(np.float32)
    (answer,) = session.run(["answer"], {"image": image})
    np.testing.assert_allclose(answer, 1 / (1 + np.exp(-image)), rtol=1e-5)


def test_the_same_model_gives_the_same_bytes() -> None:
    first, second = (convert(tiny_tflite(), "tiny", INPUT, OUTPUT) for _ in range(2))
    assert first == second


def test_only_wanted_outputs_stay() -> None:
    model = onnx.load_from_string(convert(tiny_tflite(), "tiny", INPUT, OUTPUT))
    assert [output.name for output in model.graph.output] == ["answer"]


def test_an_unknown_operator_is_named() -> None:
    with pytest.raises(EngineError, match="the model uses ABS"):
        convert(tiny_tflite(tflite.BuiltinOperator.ABS), "tiny", INPUT, OUTPUT)


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ({"other": Port("image", SHAPE)}, OUTPUT),
        ({"x": Port("image", (1, 4, 4, 3))}, OUTPUT),
        (INPUT, {"y": Port("answer", (1, 12))}),
    ],
)
def test_another_model_than_its_recipe_says(
    inputs: dict[str, Port], outputs: dict[str, Port]
) -> None:
    with pytest.raises(EngineError, match="as its recipe says"):
        convert(tiny_tflite(), "tiny", inputs, outputs)


@pytest.mark.parametrize("model", [b"", b"PK\x03\x04 a zip file", tiny_tflite()[:-40]])
def test_not_a_model(model: bytes) -> None:
    with pytest.raises(EngineError):
        convert(model, "tiny", INPUT, OUTPUT)
