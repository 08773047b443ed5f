"""Makers of GPU engines, with the modules in the plans' place on the CPU."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from support.eager_compiler import EagerCompiler
from support.torch_devices import one_thread

from coach_server.body.keypoints import Keypoints
from coach_server.body.pose import Pose
from coach_server.errors import EngineError
from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture, Zoo
from coach_server.inference.keypoint_rcnn.weights import RcnnWeights
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.machine import Machine
from coach_server.inference.protocols import Lifter
from coach_server.inference.recipe import Recipe, Recipes, Role
from coach_server.inference.tensorrt import accelerator as accelerators
from coach_server.inference.tensorrt.accelerator import Accelerator, plans_of, weights_of
from coach_server.inference.tensorrt.makers import GpuLifterMaker, lifter_maker
from coach_server.inference.tensorrt.plan import Target
from coach_server.resources import packaged

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(scope="module")
def recipes() -> Recipes:
    return Recipes(packaged("engines"))


@pytest.fixture
def recipe(recipes: Recipes) -> Recipe:
    return recipes.get("videopose3d", Role.LIFTER)


def accelerator(compiler: EagerCompiler) -> Accelerator:
    target = Target.of(Machine())
    return Accelerator(compiler, torch.device("cpu"), target, "eager torch", "float32")


def maker(recipe: Recipe, cache: Path, compiler: EagerCompiler, *, shared: bool) -> GpuLifterMaker:
    return lifter_maker(recipe, cache, shared=shared, accelerator=accelerator(compiler))


def seen(number: int, t: int) -> Keypoints:
    rng = np.random.default_rng(number)
    points = rng.uniform(0.2, 0.8, (17, 3)).astype(np.float32)
    points[:, :2] += 0.02 * np.sin(t / 5 + number)
    depth = rng.normal(0, 0.2, 17).astype(np.float32)
    return Keypoints(points, depth, None, (640, 480))


def watched(lifter: Lifter, number: int) -> list[Pose]:
    poses = [lifter.lift(seen(number, t), t / 30) for t in range(12)]
    lifter.close()
    return poses


@pytest.mark.parametrize("shared", [True, False])
def test_students_side_by_side_get_what_the_cpu_gives(
    recipes: Recipes, recipe: Recipe, tmp_path: Path, shared: bool
) -> None:
    gpu = maker(recipe, tmp_path, EagerCompiler(), shared=shared)
    cpu = LoadedLifter.load(recipes, "videopose3d", "cpu")
    lifters = [gpu.new() for _ in range(4)]
    with ThreadPoolExecutor(len(lifters)) as pool:
        answers = list(pool.map(watched, lifters, range(len(lifters))))
    gpu.close()
    for number, poses in enumerate(answers):
        for pose, expected in zip(poses, watched(cpu.new(), number), strict=True):
            np.testing.assert_allclose(pose.joints, expected.joints, atol=1e-4)
            np.testing.assert_allclose(pose.sigma, expected.sigma, rtol=1e-3)
    assert gpu.fingerprint == cpu.fingerprint
    assert (gpu.device, gpu.provider, gpu.name) == ("cpu", "eager torch", "videopose3d")
    if shared:
        assert gpu.counts()["lifter"].asks == 4 * 12


def test_plans_are_built_when_made_and_found_the_next_time(recipe: Recipe, tmp_path: Path) -> None:
    compiler = EagerCompiler()
    maker(recipe, tmp_path, compiler, shared=False).close()
    assert compiler.compiled == ["lifter-streaming-b2"], "who is alone needs no more"
    for _ in range(2):
        maker(recipe, tmp_path, compiler, shared=True).close()
    assert compiler.compiled == [f"lifter-streaming-b{n}" for n in (2, 8, 32)]


@pytest.mark.parametrize("name", ["blazepose-world", "blazepose-lite"])
def test_a_model_of_which_no_plans_are_made(
    recipes: Recipes, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accelerators, "pull", lambda *_: {name: b""})
    with pytest.raises(EngineError, match=f"cannot run {name}"):
        weights_of(recipes.get(name), tmp_path)


def test_weights_of_a_keypoint_rcnn_that_was_imported(tmp_path: Path) -> None:
    architecture = RcnnArchitecture(101, Zoo.TORCHVISION)
    weights = RcnnWeights(architecture, {"stem.weight": np.ones((2, 3), np.float32)})
    content = weights.packed()
    folder = tmp_path / "imported"
    folder.mkdir()
    (folder / "mine.npz").write_bytes(content)
    (folder / "mine.toml").write_text(
        'name = "mine"\nrole = "keypoints"\nfamily = "keypoint-rcnn"\nsummary = "s"\n'
        'licence = "l"\ncopyright = "c"\n[weights]\nfile = "mine.npz"\n'
        f'size = {len(content)}\nsha256 = "{hashlib.sha256(content).hexdigest()}"\n'
        '[rcnn]\ndepth = 101\nzoo = "torchvision"\n'
    )
    recipe = Recipes.known(tmp_path).get("mine")
    found = weights_of(recipe, tmp_path)
    assert isinstance(found, RcnnWeights)
    assert found.digest == weights.digest
    plans = plans_of(recipe, found, accelerator(EagerCompiler()))
    assert [one.key.graph for one in plans.wanted.values()] == [
        f"keypoint-rcnn-r101-{shape}-b{batch}"
        for shape in ("480x640", "640x480")
        for batch in (1, 4, 16)
    ]
