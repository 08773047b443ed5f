"""Checkpoints of both zoos become the same weights, and nothing in them is executed."""

import collections
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from support.zoo_checkpoints import State, zoo_state

from coach_server.errors import EngineError, InputError
from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture, Zoo
from coach_server.inference.keypoint_rcnn.weights import RcnnWeights, imported, read_rcnn
from coach_server.inference.recipe import Recipes
from coach_server.resources import packaged
from scripts.engine_proofs.random_rcnn import random_weights

torch = pytest.importorskip("torch", reason="the train extra is not installed")

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def weights() -> RcnnWeights:
    return random_weights(RcnnArchitecture(50, Zoo.DETECTRON2))


@pytest.fixture(scope="module")
def state(weights: RcnnWeights) -> State:
    return zoo_state(weights)


def assert_same(read: RcnnWeights, wanted: RcnnWeights) -> None:
    assert read.architecture == wanted.architecture
    assert set(read.arrays) == set(wanted.arrays)
    for name, array in wanted.arrays.items():
        assert read.arrays[name].dtype == np.float32
        np.testing.assert_allclose(read.arrays[name], array, rtol=1e-4, atol=1e-6)


def test_detectron2s_zoo_is_a_pickle_of_arrays(
    weights: RcnnWeights, state: State, tmp_path: Path
) -> None:
    saved = {"model": state, "__author__": "Detectron2 Model Zoo"}
    path = tmp_path / "model_final.pkl"
    path.write_bytes(pickle.dumps(saved, 2))
    assert_same(read_rcnn(path), weights)


def test_what_detectron2s_training_saves(
    weights: RcnnWeights, state: State, tmp_path: Path
) -> None:
    tensors = {name: torch.tensor(array) for name, array in state.items()}
    path = tmp_path / "model_final.pth"
    torch.save({"model": tensors, "optimizer": {"state": {}}, "iteration": 9}, path)
    assert_same(read_rcnn(path), weights)


@pytest.mark.parametrize("newest", [True, False])
def test_torchvisions_names_old_and_new(weights: RcnnWeights, tmp_path: Path, newest: bool) -> None:
    theirs = RcnnWeights(RcnnArchitecture(50, Zoo.TORCHVISION), weights.arrays)
    tensors = collections.OrderedDict(
        (name, torch.tensor(array.copy()))
        for name, array in zoo_state(theirs, newest=newest).items()
    )
    path = tmp_path / "keypointrcnn.pth"
    torch.save(tensors, path, _use_new_zipfile_serialization=newest)
    assert_same(read_rcnn(path), theirs)


def test_the_deeper_one_is_told_by_its_names(state: State) -> None:
    mark = "backbone.bottom_up.res4.22.conv1.weight"
    with pytest.raises(EngineError, match=r"lacks backbone\.bottom_up\.res4\.6\."):
        imported({**state, mark: np.zeros(1)})


def test_what_is_kept_is_what_was_read(weights: RcnnWeights) -> None:
    small = RcnnWeights(weights.architecture, {"stem.weight": weights.arrays["stem.weight"]})
    again = RcnnWeights.unpacked(small.packed())
    assert_same(again, small)
    assert again.digest == small.digest
    turned = {"stem.weight": small.arrays["stem.weight"][:, ::-1]}
    assert RcnnWeights(small.architecture, turned).digest != small.digest


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"proposal_generator.rpn_head.conv.bias": None}, r"lacks .*rpn_head\.conv\.bias"),
        (
            {"roi_heads.box_predictor.cls_score.weight": np.zeros((81, 1024))},
            r"cls_score have the shape \[81, 1024\], not \[2, 1024\]",
        ),
        (
            {"roi_heads.box_head.fc2.bias": np.zeros(3)},
            r"fc2\.bias have the shape \[3\], not \[1024\]",
        ),
        (
            {"backbone.bottom_up.stem.conv1.norm.weight": np.full(64, np.nan)},
            r"norm\.weight are not finite",
        ),
        (
            {"backbone.bottom_up.stem.conv1.norm.running_var": np.ones(8)},
            r"running_var have the shape \[8\], not \[64\]",
        ),
        ({"roi_heads.keypoint_head.score_lowres.weight": None}, "holds no Keypoint R-CNN"),
    ],
)
def test_another_network_is_refused_with_what_is_wrong(
    state: State, change: State, said: str
) -> None:
    changed = {**state, **change}
    with pytest.raises(EngineError, match=said):
        imported({name: array for name, array in changed.items() if array is not None})


def test_a_batch_norm_is_folded_by_its_definition(state: State) -> None:
    norm = "backbone.bottom_up.stem.conv1.norm"
    numbers = {"weight": 3.0, "bias": 0.5, "running_mean": 2.0, "running_var": 1e-5}
    changed = {f"{norm}.{part}": np.full(64, value) for part, value in numbers.items()}
    kernel = state["backbone.bottom_up.stem.conv1.weight"][:, ::-1]
    for epsilon, scale in ((1e-5, 3 / np.sqrt(2e-5)), (0.0, 3 / np.sqrt(1e-5))):
        read = imported({**state, **changed}, epsilon).arrays
        np.testing.assert_allclose(read["stem.weight"], kernel * scale, rtol=1e-5)
        np.testing.assert_allclose(read["stem.bias"], 0.5 - 2 * scale, rtol=1e-5)
    changed[f"{norm}.running_var"] = np.zeros(64)
    with pytest.raises(EngineError, match=r"variances .* are not positive"):
        imported({**state, **changed}, 0.0)


def test_torchvisions_published_weights_have_no_epsilon() -> None:
    recipes = Recipes(packaged("engines"))
    epsilons = {r.name: r.rcnn.epsilon for r in recipes.all() if r.rcnn is not None}
    assert epsilons["keypoint-rcnn-r50-torchvision"] == 0
    assert epsilons["keypoint-rcnn-r50"] == epsilons["keypoint-rcnn-r101"] == 1e-5


@pytest.mark.parametrize("called", ["_codecs\nencode", "torch._utils\n_rebuild_tensor_v2"])
def test_a_pickle_cannot_change_what_reads_it(tmp_path: Path, called: str) -> None:
    path = tmp_path / "model_final.pkl"
    pickled = f"\x80\x02c{called}\nN}}U\x0c__defaults__U\x05utf-7\x85s\x86b."
    path.write_bytes(pickled.encode("latin1"))
    with pytest.raises(InputError, match="wants to change the code"):
        read_rcnn(path)


def test_eight_bytes_cannot_ask_for_all_memory(tmp_path: Path) -> None:
    path = tmp_path / "model_final.pkl"
    path.write_bytes(b"\x80\x02Nr\xff\xff\xff\x7f.")
    with pytest.raises(InputError, match="more memory than it can need"):
        read_rcnn(path)


def test_the_same_numbers_over_and_over(tmp_path: Path) -> None:
    path = tmp_path / "model_final.pkl"
    numbers = np.zeros(5000, np.float32)
    path.write_bytes(pickle.dumps({"model": dict.fromkeys(map(str, range(50)), numbers)}, 5))
    with pytest.raises(InputError, match="over and over"):
        read_rcnn(path)


class Malicious:
    """Makes whoever unpickles it set a variable of the environment."""

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return exec, ("import os; os.environ['EXECUTED'] = 'yes'",)


@pytest.mark.parametrize("protocol", range(6))
def test_a_malicious_pickle_is_not_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int
) -> None:
    monkeypatch.setenv("EXECUTED", "no")
    path = tmp_path / "model_final.pkl"
    path.write_bytes(pickle.dumps({"model": {"a": np.zeros(2), "b": Malicious()}}, protocol))
    with pytest.raises(InputError, match="which no weights need"):
        read_rcnn(path)
    assert os.environ["EXECUTED"] == "no"


@pytest.mark.parametrize(
    "name",
    [
        "numpy.testing._private.utils\nrunstring",  # executes a text
        "numpy.f2py.crackfortran\nmyeval",
        "torch.serialization\nload",
        "torch.hub\nload",
        "numpy\nload",
    ],
)
def test_a_gadget_of_numpy_or_torch_does_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "model_final.pkl"
    path.write_bytes(f"(dVmodel\nc{name}\n(Vimport os\ntRs.".encode())
    with pytest.raises((InputError, EngineError)):
        read_rcnn(path)


@pytest.mark.parametrize("content", [np.array([{"a": 1}]), np.array(["a"]), np.zeros(2, "i4,f4")])
def test_an_array_of_other_things_than_numbers_is_refused(
    tmp_path: Path, content: np.ndarray
) -> None:
    path = tmp_path / "model_final.pkl"
    path.write_bytes(pickle.dumps({"model": {"a": content}}, 2))
    with pytest.raises(InputError, match="cannot be read as a checkpoint"):
        read_rcnn(path)


def test_an_array_smaller_than_its_shape_is_refused(tmp_path: Path) -> None:
    pickled = pickle.dumps({"model": {"a": np.zeros((3, 5), "f4")}}, 2)
    path = tmp_path / "model_final.pkl"
    path.write_bytes(pickled.replace(b"K\x03K\x05", b"K\x7fK\x7f"))
    with pytest.raises(InputError, match="not as large as its shape"):
        read_rcnn(path)
