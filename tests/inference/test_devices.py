"""What keeps an engine off the GPU, with the command that mends it, on machines of every kind."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import structlog

from coach_server.errors import EngineError
from coach_server.inference import devices
from coach_server.inference.devices import RUNTIMES, choose, conflicts, problems
from coach_server.inference.machine import Gpu, Machine, this_machine
from coach_server.settings import Device, Settings, environment_of, load_settings

pytestmark = pytest.mark.unit

ROOT: Final = Path(__file__).resolve().parents[2]
ORT_GPU: Final = "onnxruntime-gpu"
T4: Final = Gpu("Tesla T4", (7, 5), 15_360)
RIGHT: Final = Machine(
    cards=1,
    driver="580.65.06",
    cuda=(13, 0),
    gpus=(T4,),
    packages={
        "onnxruntime-gpu": "1.31.1",
        "torch": "2.14.1",
        "torchvision": "0.29.1",
        "torch-tensorrt": "2.14.0",
        "tensorrt-cu13-libs": "11.1.0.1",
        "nvidia-cudnn-cu13": "9.24.0.43",
    },
    torch_cuda=(13, 0),
    system="ubuntu",
    launcher=True,
    python="/venv/bin/python",
)


def with_packages(**versions: str | None) -> Machine:
    """The right machine with other packages; None takes one away."""
    named = {name.replace("_", "-"): version for name, version in versions.items()}
    packages = {**RIGHT.packages, **{name: v for name, v in named.items() if v}}
    return replace(RIGHT, packages={n: v for n, v in packages.items() if named.get(n, v)})


NOTHING_HERE: Final = Machine(packages={"onnxruntime": "1.32.0"}, launcher=True)
PIP: Final = "/venv/bin/python -m pip"


def install(*names: str, option: str = "") -> str:
    wanted = shlex.join(devices._requirement(name) for name in names)
    return " ".join(filter(None, [PIP, "install", option, wanted]))


BOTH: Final = with_packages(onnxruntime="1.32.0")
CPU_TORCH: Final = replace(with_packages(torch="2.13.0+cpu"), torch_cuda=None)

CASES: Final[dict[str, tuple[Machine, str, list[tuple[str, str]]]]] = {
    "all is there, R-CNN": (RIGHT, "keypoint-rcnn", []),
    "all is there, BlazePose": (RIGHT, "blazepose", []),
    "world joints need nothing": (NOTHING_HERE, "detector-world", []),
    "no GPU, environment for the CPU": (
        NOTHING_HERE,
        "blazepose",
        [
            ("no NVIDIA GPU", "coach serve --device cpu --keypoints blazepose-full"),
            ("for the CPU", "./coach --gpu serve"),
        ],
    ),
    "installed by pip, not beside the launcher": (
        replace(RIGHT, packages={"onnxruntime": "1.32.0"}, launcher=False),
        "keypoint-rcnn",
        [("for the CPU", "python3 -m venv gpu && gpu/bin/pip install 'coach-server[gpu]'")],
    ),
    "no driver, Ubuntu": (
        replace(RIGHT, driver=None, cuda=None, gpus=()),
        "blazepose",
        [("driver is not installed", "sudo apt install nvidia-driver-580")],
    ),
    "no driver, Debian": (
        replace(RIGHT, driver=None, cuda=None, gpus=(), system="debian"),
        "blazepose",
        [("driver is not installed", "sudo apt install nvidia-driver")],
    ),
    "no driver, Fedora": (
        replace(RIGHT, driver=None, cuda=None, gpus=(), system="fedora"),
        "blazepose",
        [("driver is not installed", "sudo dnf install nvidia-driver-cuda")],
    ),
    "a container without the GPU": (
        replace(RIGHT, cuda=None, gpus=(), container=True),
        "keypoint-rcnn",
        [("cannot be seen from in here", "docker run --gpus all ...")],
    ),
    "the driver is too old": (
        replace(RIGHT, driver="550.54.14", cuda=(12, 4)),
        "keypoint-rcnn",
        [("driver is too old", "sudo apt install nvidia-driver-580")],
    ),
    "the driver was updated under us": (
        replace(RIGHT, fault=803, gpus=()),
        "keypoint-rcnn",
        [("driver and its library differ", "sudo reboot")],
    ),
    "the driver does not start": (
        replace(RIGHT, fault=999, gpus=()),
        "keypoint-rcnn",
        [("does not start", "sudo modprobe nvidia_uvm && nvidia-smi")],
    ),
    "the GPU is hidden": (
        replace(RIGHT, fault=100, gpus=(), hidden=""),
        "keypoint-rcnn",
        [("is hidden", "unset CUDA_VISIBLE_DEVICES")],
    ),
    "the driver has no card": (
        replace(RIGHT, fault=100, gpus=()),
        "keypoint-rcnn",
        [("no NVIDIA GPU", "coach serve --device cpu --keypoints blazepose-full")],
    ),
    "the GPU is too old": (
        replace(RIGHT, gpus=(Gpu("Tesla V100", (7, 0)),)),
        "keypoint-rcnn",
        [("GPU is too old", "coach serve --device cpu --keypoints blazepose-full")],
    ),
    "both onnxruntimes": (
        BOTH,
        "blazepose",
        [
            (
                "both installed",
                f"{PIP} uninstall --yes onnxruntime onnxruntime-gpu && {install(ORT_GPU)}",
            )
        ],
    ),
    "the CPU's onnxruntime": (
        with_packages(onnxruntime="1.32.0", onnxruntime_gpu=None),
        "blazepose",
        [
            (
                "onnxruntime is the CPU build",
                f"{PIP} uninstall --yes onnxruntime && {install(ORT_GPU)}",
            )
        ],
    ),
    "no onnxruntime": (
        with_packages(onnxruntime_gpu=None),
        "blazepose",
        [("onnxruntime-gpu is not installed", install(ORT_GPU))],
    ),
    "no cuDNN": (
        with_packages(nvidia_cudnn_cu13=None),
        "blazepose",
        [("cuDNN 9 is missing", install("torch"))],
    ),
    "the system's cuDNN": (
        replace(with_packages(nvidia_cudnn_cu13=None), libraries=frozenset({"cudnn"})),
        "blazepose",
        [],
    ),
    "no torch": (
        replace(with_packages(torch=None), torch_cuda=None),
        "keypoint-rcnn",
        [("torch is not installed", install("torch"))],
    ),
    "the CPU's torch, and another one": (
        CPU_TORCH,
        "videopose3d",
        [
            ("torch is the CPU build", install("torch", option="--force-reinstall")),
            (
                "belongs to another torch",
                install("torch", "torch-tensorrt", "torchvision"),
            ),
        ],
    ),
    "torch of another CUDA": (
        replace(RIGHT, torch_cuda=(12, 8)),
        "keypoint-rcnn",
        [("another CUDA", install("torch", option="--force-reinstall"))],
    ),
    "no torch-tensorrt": (
        with_packages(torch_tensorrt=None),
        "keypoint-rcnn",
        [("torch-tensorrt is not installed", install("torch-tensorrt"))],
    ),
    "no TensorRT": (
        with_packages(tensorrt_cu13_libs=None),
        "keypoint-rcnn",
        [
            (
                "TensorRT's libraries are missing",
                f"{PIP} install --no-cache-dir 'tensorrt-cu13>=11.1,<11.2'",
            )
        ],
    ),
    "the system's TensorRT": (
        replace(with_packages(tensorrt_cu13_libs=None), libraries=frozenset({"nvinfer"})),
        "keypoint-rcnn",
        [],
    ),
    "BlazePose does without TensorRT": (
        with_packages(tensorrt_cu13_libs=None, torch_tensorrt=None),
        "blazepose",
        [],
    ),
    "no Detectron2": (
        RIGHT,
        "detectron2",
        [("Detectron2 is not installed", devices.detectron2_command(RIGHT))],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_and_what_mends_it(case: str) -> None:
    machine, family, expected = CASES[case]
    found = problems(machine, family)
    assert [problem.command for problem in found] == [command for _, command in expected]
    for problem, (said, _) in zip(found, expected, strict=True):
        assert said in problem.what
        assert problem.why


@pytest.mark.parametrize("case", CASES)
def test_cuda_is_given_or_refused_in_one_line_with_the_first_command(case: str) -> None:
    machine, family, expected = CASES[case]
    if RUNTIMES[family].value == "":
        assert choose("cuda", family, machine) == "cpu"
    elif not expected:
        assert choose("cuda", family, machine) == "cuda"
        assert choose("auto", family, machine) == "cuda"
    else:
        with pytest.raises(EngineError) as refused:
            choose("cuda", family, machine)
        said, command = expected[0]
        assert (refused.value.exit_code, refused.value.error_code) == (2, "no_device")
        assert said in refused.value.message
        assert command in refused.value.hint
        assert "\n" not in refused.value.message + refused.value.hint
        assert ("lists 1 more" in refused.value.hint) == (len(expected) == 2)


def test_auto_takes_the_cpu_and_says_why_once() -> None:
    devices._warn_once.cache_clear()
    with structlog.testing.capture_logs() as logs:
        assert choose("auto", "blazepose", NOTHING_HERE) == "cpu"
        assert choose("auto", "videopose3d", NOTHING_HERE) == "cpu"
    (warning,) = logs
    assert warning["log_level"] == "warning"
    assert "no NVIDIA GPU" in warning["reason"]
    assert warning["mend"] == "coach serve --device cpu --keypoints blazepose-full"


def test_the_cpu_is_taken_in_silence_where_it_is_asked_for() -> None:
    with structlog.testing.capture_logs() as logs:
        assert choose("cpu", "blazepose", RIGHT) == "cpu"
    assert logs == []


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_an_engine_for_gpus_is_not_run_on_a_cpu(device: Device) -> None:
    with pytest.raises(EngineError) as refused:
        choose(device, "keypoint-rcnn", NOTHING_HERE)
    assert "GPU" in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("device", ["cpu", "auto", "cuda"])
def test_two_onnxruntimes_are_refused_on_every_device(device: Device) -> None:
    with pytest.raises(EngineError, match="both installed"):
        choose(device, "blazepose", BOTH)
    (problem,) = conflicts(replace(BOTH, gpus=()))
    assert problem.command.endswith(install("onnxruntime"))


@pytest.mark.parametrize("extra", ["cpu", "gpu"])
def test_what_is_to_be_installed_is_what_the_extra_names(extra: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for line in project["optional-dependencies"][extra]:
        wanted = re.fullmatch(r"([\w-]+)(.*)", line)
        assert wanted is not None
        name, rules = wanted.groups()
        found = devices._requirement(name)
        assert found.startswith(name)
        assert set(found.removeprefix(name).split(",")) == set(rules.split(","))


def test_the_default_keypoints_follow_the_device_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COACH_DEVICE", raising=False)
    assert load_settings().keypoints == load_settings(device="cpu").keypoints == "blazepose-full"
    assert load_settings(device="cuda").keypoints == "keypoint-rcnn-r50"
    assert load_settings(device="cuda", keypoints="blazepose-heavy").keypoints == "blazepose-heavy"
    monkeypatch.setenv("COACH_DEVICE", "cuda")
    assert load_settings().keypoints == "keypoint-rcnn-r50"


def test_another_process_gets_the_same_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(device="cuda")
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_this_machine_is_looked_at_without_torch_or_onnxruntime(tmp_path: Path) -> None:
    """Distributions are found by their metadata, wherever on sys.path they are."""
    for name in ("onnxruntime", "onnxruntime_gpu"):
        folder = tmp_path / f"{name}-1.31.1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.31.1\n")
    script = """
import sys
from coach_server.errors import EngineError
from coach_server.inference.devices import choose
from coach_server.inference.machine import this_machine
machine = this_machine()
print(sorted({"torch", "onnxruntime"} & sys.modules.keys()), machine.packages["onnxruntime-gpu"])
try:
    choose("cpu", "blazepose", machine)
except EngineError as error:
    print(error.message)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = done.stdout.splitlines()
    assert first == "[] 1.31.1"
    assert "onnxruntime and onnxruntime-gpu are both installed" in second


def test_what_is_said_of_this_machine_hangs_together() -> None:
    machine = this_machine()
    assert bool(machine.gpus) <= (machine.cuda is not None)
    assert (machine.torch_cuda is None) or "torch" in machine.packages
    assert machine.launcher
    assert Path(machine.python).exists()
