"""Which device really runs, and what is said where it cannot."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import structlog
from support.tiny_tflite import tiny_tflite

from coach_server.errors import EngineError
from coach_server.inference import onnx_runtime
from coach_server.inference.onnx_runtime import CPU, CUDA, Runner, load_model
from coach_server.inference.tflite.convert import Port, convert
from coach_server.settings import Device

pytestmark = pytest.mark.unit

SHAPE = (1, 2, 2, 3)
MODEL = convert(tiny_tflite(), "tiny", {"x": Port("image", SHAPE)}, {"y": Port("answer", SHAPE)})


@dataclass
class GpuBuild:
    """onnxruntime-gpu on a machine that has a GPU, or has none and does not say so."""

    gpu_there: bool

    strict: bool = True
    takes_all: bool = True
    options: list[Any] = field(default_factory=list)

    SessionOptions = onnx_runtime._runtime().SessionOptions

    @staticmethod
    def get_available_providers() -> list[str]:
        return ["TensorrtExecutionProvider", CUDA, CPU]

    def InferenceSession(  # noqa: N802  # onnxruntime's own name
        self,
        _content: bytes,
        options: Any,
        providers: Sequence[str | tuple[str, dict[str, str]]],
    ) -> "GpuSession":
        names = [p if isinstance(p, str) else p[0] for p in providers]
        self.options = [p[1] for p in providers if isinstance(p, tuple)]
        if CUDA not in names:
            return GpuSession(names)
        assert options.get_session_config_entry("session.disable_cpu_ep_fallback") == "1"
        assert CPU not in names, "both at once is an error: the one forbids the other"
        if self.gpu_there and self.takes_all:
            return GpuSession(names)
        if self.strict:
            raise RuntimeError("fallback to CPU EP has been explicitly disabled by the user")
        return GpuSession([CPU])


@dataclass
class GpuSession:
    providers: list[str]

    def get_providers(self) -> list[str]:
        return self.providers


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Callable[[GpuBuild], None]:
    def set_runtime(build: GpuBuild) -> None:
        monkeypatch.setattr(onnx_runtime, "_runtime", lambda: build)

    return set_runtime


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_a_model_runs_on_the_cpu(device: Device) -> None:
    model = load_model(MODEL, "tiny", device)
    assert (model.device, model.provider) == ("cpu", CPU)
    runner = Runner(model, {"image": SHAPE}, {"answer": SHAPE})
    before = runner.outputs["answer"]
    for value in (0, 2):
        runner.inputs["image"][:] = value
        runner.run()
        assert runner.outputs["answer"] is before
        np.testing.assert_allclose(before, 1 / (1 + np.exp(-value)), rtol=1e-6)


def test_two_runners_of_one_model_do_not_share_buffers() -> None:
    model = load_model(MODEL, "tiny", "cpu")
    one, other = (Runner(model, {"image": SHAPE}, {"answer": SHAPE}) for _ in range(2))
    one.inputs["image"][:] = 5
    one.run()
    other.run()
    assert one.outputs["answer"].min() > 0.9
    np.testing.assert_allclose(other.outputs["answer"], 0.5)


def test_one_thread_a_model() -> None:
    options = load_model(MODEL, "tiny", "cpu").session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_cuda_with_the_cpu_build() -> None:
    with pytest.raises(EngineError, match="CPU build") as failure:
        load_model(MODEL, "tiny", "cuda")
    assert failure.value.exit_code == 2
    assert "gpu extra" in failure.value.hint


@pytest.mark.parametrize("strict", [True, False])
def test_cuda_without_a_gpu(pretend: Callable[[GpuBuild], None], strict: bool) -> None:
    pretend(GpuBuild(gpu_there=False, strict=strict))
    with pytest.raises(EngineError, match="found no GPU") as failure:
        load_model(MODEL, "tiny", "cuda")
    assert "nvidia-smi" in failure.value.hint


def test_auto_without_a_gpu_warns(pretend: Callable[[GpuBuild], None]) -> None:
    pretend(GpuBuild(gpu_there=False))
    with structlog.testing.capture_logs() as logs:
        assert load_model(MODEL, "tiny", "auto").device == "cpu"
    assert [entry["model"] for entry in logs] == ["tiny"]


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_a_gpu_is_used(device: Device, pretend: Callable[[GpuBuild], None]) -> None:
    pretend(GpuBuild(gpu_there=True))
    assert load_model(MODEL, "tiny", device).device == "cuda"


def test_a_model_that_the_gpu_takes_in_part_only_is_not_run_in_part(
    pretend: Callable[[GpuBuild], None],
) -> None:
    pretend(GpuBuild(gpu_there=True, takes_all=False))
    with pytest.raises(EngineError, match=r"for tiny.*explicitly disabled"):
        load_model(MODEL, "tiny", "cuda")
    assert load_model(MODEL, "tiny", "auto").provider == CPU


def test_the_gpu_computes_in_whole_float32(pretend: Callable[[GpuBuild], None]) -> None:
    build = GpuBuild(gpu_there=True)
    pretend(build)
    load_model(MODEL, "tiny", "cuda")
    assert build.options[0]["use_tf32"] == "0"


def test_cpu_is_cpu_even_beside_a_gpu(pretend: Callable[[GpuBuild], None]) -> None:
    pretend(GpuBuild(gpu_there=True))
    assert load_model(MODEL, "tiny", "cpu").device == "cpu"


def test_both_builds_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_runtime, "_is_installed", lambda _name: True)
    with pytest.raises(EngineError, match="both installed"):
        load_model(MODEL, "tiny", "cpu")


def test_no_build_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_runtime, "find_spec", lambda _name: None)
    with pytest.raises(EngineError, match="not installed") as failure:
        load_model(MODEL, "tiny", "cpu")
    assert "coach-server[cpu]" in failure.value.hint


def test_a_broken_model() -> None:
    with pytest.raises(EngineError, match="cannot load the model tiny"):
        load_model(MODEL[:50], "tiny", "cpu")


def test_nothing_is_reported_to_the_makers_of_the_runtime(tmp_path: Path) -> None:
    (tmp_path / "tiny.onnx").write_bytes(MODEL)
    load = (
        "import pathlib, sys; from coach_server.inference.onnx_runtime import load_model;"
        "load_model(pathlib.Path(sys.argv[1]).read_bytes(), 'tiny', 'cpu');"
        "print([link for link in map(lambda p: str(p.resolve()), "
        "pathlib.Path('/proc/self/fd').glob('*')) if link.startswith(sys.argv[2])])"
    )
    home = tmp_path / "home"
    home.mkdir()
    # variables that silence the reports by themselves would hide that we did not
    quiet = ("CI", "GITHUB_ACTIONS", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in quiet}
    done = subprocess.run(
        [sys.executable, "-c", load, str(tmp_path / "tiny.onnx"), str(home)],
        env=environment | {"HOME": str(home)},
        cwd=Path(onnx_runtime.__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
    assert list(home.iterdir()) == []
