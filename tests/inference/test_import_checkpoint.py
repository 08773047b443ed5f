"""The authors' checkpoints become lifters that see no future."""

from pathlib import Path

import numpy as np
import pytest
import structlog
from support.paper_network import State, evaluate, random_state

from coach_server.body.keypoints import Keypoints
from coach_server.errors import EngineError, InputError
from coach_server.inference.engines import list_engines
from coach_server.inference.lifters import load_lifter
from coach_server.inference.recipe import Recipes
from coach_server.inference.videopose.importing import import_checkpoint, parsed_widths

torch = pytest.importorskip("torch", reason="the train extra is not installed")

pytestmark = pytest.mark.unit


def checkpoint(path: Path, state: State) -> Path:
    tensors = {name: torch.from_numpy(array) for name, array in state.items()}
    torch.save({"epoch": 80, "model_pos": tensors}, path)
    return path


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("widths", [(3, 3, 3), (3, 5)])
def test_an_imported_lifter_answers_as_the_paper_says(
    tmp_path: Path, widths: tuple[int, ...], causal: bool
) -> None:
    state = random_state(widths, 40, 34, 51)
    path = checkpoint(tmp_path / "Pretrained_h36m.bin", state)
    name = import_checkpoint(tmp_path, path, causal=causal).name
    assert name.startswith("imported-pretrained-h36m-")
    lifter = load_lifter(tmp_path, name, "cpu").new()
    assert (lifter.name, lifter.fingerprint.partition(":")[0]) == (name, name)

    width, height = 640, 480
    fractions = np.random.default_rng(2).uniform(0.2, 0.8, (70, 17, 2)).astype(np.float32)
    pixels = fractions.astype(np.float64) * (width, height)
    normalised = pixels / width * 2 - (1, height / width)
    expected = evaluate(
        state, normalised.reshape(70, 34).astype(np.float32), widths, causal=causal
    ).reshape(70, 17, 3)
    expected[:, 0] = 0
    score, no_depth = np.ones((17, 1), np.float32), np.full(17, np.nan, np.float32)
    for i, places in enumerate(fractions):
        points = np.concatenate([places, score], axis=1)
        pose = lifter.lift(Keypoints(points, no_depth, None, (width, height)), i / 30)
        np.testing.assert_allclose(pose.joints, expected[i], atol=2e-5)
        assert np.isnan(pose.sigma).all()


def test_the_same_again_is_the_same_lifter(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "a.bin", random_state((3, 3), 8, 34, 51))
    first = import_checkpoint(tmp_path, path)
    assert import_checkpoint(tmp_path, path, widths=(3, 3)) == first
    assert import_checkpoint(tmp_path, path, causal=True).name != first.name
    assert len(list((tmp_path / "imported").iterdir())) == 4


def test_an_imported_lifter_is_listed(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "a.bin", random_state((3, 3), 8, 34, 51))
    name = import_checkpoint(tmp_path, path).name
    (listed,) = [engine for engine in list_engines(tmp_path) if engine.name == name]
    assert listed.pulled
    assert listed.role == "lifter"
    assert listed.size > 1000


def test_caveats_say_what_is_missing(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "a.bin", random_state((3, 3, 3), 8, 34, 51))
    blind = import_checkpoint(tmp_path, path).caveats
    assert "13 frames (0.4 s) of the future" in blind[0]
    causal = import_checkpoint(tmp_path, path, causal=True).caveats
    assert not any("future" in caveat for caveat in causal)
    assert any("CC BY-NC" in caveat for caveat in causal)


@pytest.mark.parametrize(
    ("inputs", "outputs", "message"),
    [(32, 48, "shape"), (34, 102, "102"), (88, 51, "88 numbers a frame")],
)
def test_networks_of_other_joints_are_refused(
    tmp_path: Path, inputs: int, outputs: int, message: str
) -> None:
    path = checkpoint(tmp_path / "a.bin", random_state((3, 3), 8, inputs, outputs))
    with pytest.raises(EngineError, match=message):
        import_checkpoint(tmp_path, path)
    assert not (tmp_path / "imported").exists()


def test_other_widths_than_asked_for(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "a.bin", random_state((3, 3), 8, 34, 51))
    with pytest.raises(EngineError, match=r"are 3,3, not 3,3,3,3,3"):
        import_checkpoint(tmp_path, path, widths=(3,) * 5)


def test_a_damaged_import_is_found_out(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "a.bin", random_state((3, 3), 8, 34, 51))
    name = import_checkpoint(tmp_path, path).name
    model = tmp_path / "imported" / f"{name}.onnx"
    model.write_bytes(model.read_bytes()[:-1])
    with pytest.raises(EngineError, match="damaged"):
        load_lifter(tmp_path, name, "cpu")
    model.unlink()
    with pytest.raises(EngineError, match="cannot be read"):
        load_lifter(tmp_path, name, "cpu")


def test_a_recipe_that_is_damaged_leaves_the_others_alone(tmp_path: Path) -> None:
    folder = tmp_path / "imported"
    folder.mkdir()
    (folder / "imported-x.toml").write_text("name = ")
    (folder / "blazepose-full.toml").write_text("name = ")
    with structlog.testing.capture_logs() as logs:
        recipes = Recipes.known(tmp_path)
    assert len(logs) == 2
    assert recipes.get("blazepose-full").licence == "Apache-2.0"
    assert "imported-x" not in {recipe.name for recipe in recipes.all()}


def test_an_import_cannot_pass_for_a_model_of_ours(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "a.bin", random_state((3, 3), 8, 34, 51))
    name = import_checkpoint(tmp_path, path).name
    text = (tmp_path / "imported" / f"{name}.toml").read_text()
    ours = tmp_path / "imported" / "blazepose-world.toml"
    ours.write_text(text.replace(f'name = "{name}"', 'name = "blazepose-world"'))
    assert Recipes.known(tmp_path).get("blazepose-world").family == "detector-world"


@pytest.mark.parametrize("text", ["", "3,", "3;3", "-3", "three", "3,3,\n3", "9" * 20])
def test_widths_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="no filter widths"):
        parsed_widths(text)


def test_widths() -> None:
    assert parsed_widths("3,3,5") == (3, 3, 5)
