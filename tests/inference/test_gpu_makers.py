"""Makers of GPU engines, with the modules in the plans' place on the CPU."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from support.eager_compiler import EagerCompiler

from coach_server.body.keypoints import Keypoints
from coach_server.body.pose import Pose
from coach_server.errors import EngineError
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.machine import Machine
from coach_server.inference.protocols import Lifter
from coach_server.inference.recipe import Recipe, Recipes, Role
from coach_server.inference.tensorrt.makers import (
    Accelerator,
    GpuLifterMaker,
    lifter_plans,
    plans_of,
)
from coach_server.inference.tensorrt.plan import Target
from coach_server.resources import packaged

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Other tests run beside these."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def recipes() -> Recipes:
    return Recipes(packaged("engines"))


@pytest.fixture
def recipe(recipes: Recipes) -> Recipe:
    return recipes.get("videopose3d", Role.LIFTER)


def accelerator(compiler: EagerCompiler) -> Accelerator:
    target = Target.of(Machine())
    return Accelerator(compiler, torch.device("cpu"), target, "eager torch", "float32")


def maker(
    recipes: Recipes, recipe: Recipe, cache: Path, compiler: EagerCompiler, *, shared: bool
) -> GpuLifterMaker:
    content = recipes.weights(recipe)
    assert content is not None
    here = accelerator(compiler)
    plans = lifter_plans(here, content, recipe, (2, 8))
    return GpuLifterMaker(recipe, plans, cache, here, shared=shared)


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
    gpu = maker(recipes, recipe, tmp_path, EagerCompiler(), shared=shared)
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


def test_plans_are_built_when_made_and_found_the_next_time(
    recipes: Recipes, recipe: Recipe, tmp_path: Path
) -> None:
    compiler = EagerCompiler()
    for _ in range(2):
        maker(recipes, recipe, tmp_path, compiler, shared=False).close()
    assert compiler.compiled == ["lifter-streaming-b2", "lifter-streaming-b8"]


def test_a_model_without_a_network(recipes: Recipes) -> None:
    world = recipes.get("blazepose-world")
    with pytest.raises(EngineError, match="cannot run blazepose-world"):
        plans_of(world, b"", accelerator(EagerCompiler()))
