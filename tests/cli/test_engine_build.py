"""`coach engines build`: what is refused without a GPU, and what is built and told with one."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from support.eager_compiler import EagerCompiler
from support.torch_devices import one_thread

from coach_server.cli import engine_build
from coach_server.errors import EngineError, InputError
from coach_server.inference.machine import Machine
from coach_server.inference.recipe import Recipes
from coach_server.inference.tensorrt.accelerator import Accelerator
from coach_server.inference.tensorrt.plan import Target

pytestmark = pytest.mark.unit

EAGER = Accelerator(
    EagerCompiler(), torch.device("cpu"), Target.of(Machine()), "eager torch", "float32"
)


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COACH_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def recipes(cache: Path) -> Recipes:
    return Recipes.known(cache)


def test_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_build, "this_machine", Machine)
    with pytest.raises(EngineError, match="no NVIDIA GPU") as failure:
        engine_build.build(["videopose3d"])
    assert (failure.value.exit_code, failure.value.error_code) == (2, "no_device")
    assert failure.value.hint.startswith("run: ")


def test_models_that_need_no_plan(recipes: Recipes, capsys: pytest.CaptureFixture[str]) -> None:
    full, world, lifter = map(recipes.get, ("blazepose-full", "blazepose-world", "videopose3d"))
    with pytest.raises(InputError, match="nothing to build of blazepose-full, blazepose-world"):
        engine_build.planned([full, world])
    assert engine_build.planned([full, lifter]) == [lifter]
    assert "blazepose-full runs without a plan" in capsys.readouterr().err


def test_an_unknown_model() -> None:
    with pytest.raises(EngineError, match="no model called 'nobody'"):
        engine_build.build(["nobody"])


def test_a_lifter_is_built_and_told_of(
    recipes: Recipes, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lifter = recipes.get("videopose3d")
    manifests = engine_build.build_all([lifter], cache, EAGER)
    assert len(list((cache / "plans").glob("*.plan"))) == 3
    capsys.readouterr()
    engine_build.report(manifests, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [
        "plan",
        "lifter-streaming-b2",
        "lifter-streaming-b8",
        "lifter-streaming-b32",
    ]
    assert lines[1].endswith("joints, mm 0, sigma 0")
    engine_build.report(manifests, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert [plan["key"]["inputs"]["frame"][0] for plan in told] == [2, 8, 32]
    assert told[0]["key"]["precision"] == "float32"


def test_an_installation_for_the_cpu_needs_no_torch() -> None:
    """Nothing that the CPU's way imports may import what only a GPU's installation has."""
    program = (
        "import sys; import coach_server.cli.engine_build, coach_server.inference.engines;"
        "print([name for name in ('torch', 'torch_tensorrt', 'tensorrt') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
