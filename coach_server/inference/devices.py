"""Where an engine may run, and what has to be mended where it may not.

Judgement only: what there is comes from `machine`, so that every machine can be made up.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import metadata
from typing import Final, Literal

import structlog

from coach_server.errors import EngineError
from coach_server.inference.machine import Machine
from coach_server.settings import Device, default_keypoints

__all__ = ["Problem", "Runtime", "choose", "conflicts", "default_keypoints", "problems"]

log = structlog.get_logger(__name__)

CUDA_MAJOR: Final = 13
"""Of the wheels that the extra `gpu` brings: torch 2.14, onnxruntime-gpu 1.31, TensorRT 11."""
DRIVER_MAJOR: Final = 580
"""The first driver that knows CUDA 13."""
OLDEST_GPU: Final = (7, 5)
"""Turing: CUDA 13 compiles for nothing older."""
_ONNX_BUILDS: Final = ("onnxruntime", "onnxruntime-gpu")
_NO_DEVICE: Final = 100
_MISMATCHES: Final = (803, 804)
"""cuda.h: CUDA_ERROR_NO_DEVICE; CUDA_ERROR_SYSTEM_DRIVER_MISMATCH and ..._COMPAT_NOT_SUPPORTED."""


class Runtime(Enum):
    """What runs a family of engines on a GPU; the value is the distribution that it comes with."""

    NONE = ""
    ONNX = "onnxruntime-gpu"
    TENSORRT = "torch-tensorrt"
    DETECTRON2 = "detectron2"


RUNTIMES: Final = {
    "detector-world": Runtime.NONE,
    "blazepose": Runtime.ONNX,
    "videopose3d": Runtime.TENSORRT,
    "keypoint-rcnn": Runtime.TENSORRT,
    "detectron2": Runtime.DETECTRON2,
}
"""By the family of a recipe."""
GPU_ONLY: Final = frozenset({"keypoint-rcnn"})
"""Families that take seconds a frame on a CPU, and so are not run there."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps an engine off the GPU.

    Attributes:
        what: is the matter, to stand after a comma.
        why: that matters, or what is known of the cause.
        command: mends it; run as it stands.
    """

    what: str
    why: str
    command: str

    @property
    def sentence(self) -> str:
        """What and why."""
        return f"{self.what} ({self.why})"


def problems(machine: Machine, family: str) -> tuple[Problem, ...]:
    """All that keeps the engines of a family off the GPU, what has to be mended first before."""
    return problems_of(machine, RUNTIMES.get(family, Runtime.ONNX))


def problems_of(machine: Machine, runtime: Runtime) -> tuple[Problem, ...]:
    """All that keeps a runtime off the GPU, what has to be mended first before the rest."""
    if runtime is Runtime.NONE:
        return ()
    found = [*_of_driver(machine), *conflicts(machine)]
    if _is_for_cpu(machine):
        found.append(_wrong_environment(machine))
    elif runtime is Runtime.ONNX:
        found += _of_onnxruntime(machine)
    else:
        found += _of_torch(machine)
        found += _of_tensorrt(machine) if runtime is Runtime.TENSORRT else _of_detectron2(machine)
    return tuple(found)


def conflicts(machine: Machine) -> tuple[Problem, ...]:
    """What breaks onnxruntime on every device."""
    if not all(build in machine.packages for build in _ONNX_BUILDS):
        return ()
    wanted = "onnxruntime-gpu" if machine.gpus else "onnxruntime"
    command = f"{_pip(machine, 'uninstall', '--yes', *_ONNX_BUILDS)} && {_install(machine, wanted)}"
    why = "they share one folder, and the CPU build wins without a word"
    return (Problem("onnxruntime and onnxruntime-gpu are both installed", why, command),)


def choose(device: Device, family: str, machine: Machine) -> Literal["cpu", "cuda"]:
    """Where an engine runs: where it was asked to, or not at all.

    Only `auto` may turn a GPU into a CPU; it says why, once.

    Raises:
        EngineError: what was asked for cannot be; says what, why, and the command that mends it.
    """
    runtime = RUNTIMES.get(family, Runtime.ONNX)
    if runtime is Runtime.NONE:
        return "cpu"
    if broken := conflicts(machine):
        raise _refusal("the models cannot be run", broken)
    if device == "cpu":
        if family in GPU_ONLY:
            raise EngineError(
                f"the device cpu is asked for, but engines of the family {family} run on a GPU "
                "only: a frame takes seconds on a CPU",
                hint="choose --keypoints blazepose-full, or --device cuda",
            )
        return "cpu"
    found = problems_of(machine, runtime)
    if not found:
        return "cuda"
    if device == "cuda":
        raise _refusal("the device cuda is asked for, but it cannot be used", found)
    if family in GPU_ONLY:
        raise _refusal(f"engines of the family {family} run on a GPU only", found)
    _warn_once(found[0].sentence, found[0].command)
    return "cpu"


def _refusal(begin: str, found: tuple[Problem, ...]) -> EngineError:
    first, *others = found
    more = f"; `coach doctor --device cuda` lists {len(others)} more" if others else ""
    return EngineError(
        f"{begin}: {first.sentence}", hint=f"run: {first.command}{more}", code="no_device"
    )


@cache
def _warn_once(reason: str, mend: str) -> None:
    """For each reason once a process: every engine that is loaded would say it again."""
    log.warning("no GPU can be used, so the CPU is used", reason=reason, mend=mend)


def _of_driver(machine: Machine) -> Iterator[Problem]:
    if machine.cuda is None:
        yield _no_driver(machine)
    elif machine.fault in _MISMATCHES:
        why = "it was updated while the old one was loaded"
        yield Problem("the NVIDIA driver and its library differ", why, "sudo reboot")
    elif not machine.gpus and machine.hidden is not None:
        why = f"CUDA_VISIBLE_DEVICES is {machine.hidden!r}"
        yield Problem("the GPU is hidden", why, "unset CUDA_VISIBLE_DEVICES")
    elif machine.fault not in (0, _NO_DEVICE):
        why = f"its error is {machine.fault}"
        yield Problem(
            "the NVIDIA driver does not start", why, "sudo modprobe nvidia_uvm && nvidia-smi"
        )
    elif not machine.gpus:
        yield _no_card("the driver finds none")
    elif machine.cuda[0] < CUDA_MAJOR:
        have = machine.driver or f"one for CUDA {machine.cuda[0]}.{machine.cuda[1]}"
        why = f"{have} is there, CUDA {CUDA_MAJOR} needs {DRIVER_MAJOR} or newer"
        yield Problem("the NVIDIA driver is too old", why, _driver_command(machine))
    if machine.gpus and machine.gpus[0].compute < OLDEST_GPU:
        why = f"{machine.gpus[0]}; CUDA {CUDA_MAJOR} begins with 7.5"
        yield Problem("the GPU is too old", why, _ON_CPU)


_ON_CPU: Final = "coach serve --device cpu --keypoints blazepose-full"


def _no_card(why: str) -> Problem:
    return Problem("there is no NVIDIA GPU", why, _ON_CPU)


def _no_driver(machine: Machine) -> Problem:
    if machine.container and (machine.cards or machine.driver):
        why = "the container was started without it"
        return Problem("the GPU cannot be seen from in here", why, "docker run --gpus all ...")
    if not machine.cards and machine.driver is None:
        return _no_card("no card on the bus, no driver")
    why = "a card is there, but no libcuda.so.1"
    return Problem("the NVIDIA driver is not installed", why, _driver_command(machine))


def _driver_command(machine: Machine) -> str:
    if machine.system == "ubuntu":
        return f"sudo apt install nvidia-driver-{DRIVER_MAJOR}"
    if machine.system in ("fedora", "rhel", "rocky", "almalinux"):
        return "sudo dnf install nvidia-driver-cuda"
    return "sudo apt install nvidia-driver"


def _is_for_cpu(machine: Machine) -> bool:
    """Whether nothing of the extra `gpu` is here."""
    return not {"onnxruntime-gpu", "torch-tensorrt"} & machine.packages.keys()


def _wrong_environment(machine: Machine) -> Problem:
    command = (
        "./coach --gpu serve"
        if machine.launcher
        else "python3 -m venv gpu && gpu/bin/pip install 'coach-server[gpu]'"
    )
    what = "this Python environment is the one for the CPU"
    return Problem(what, "neither onnxruntime-gpu nor torch-tensorrt is in it", command)


def _of_onnxruntime(machine: Machine) -> Iterator[Problem]:
    if "onnxruntime-gpu" not in machine.packages:
        what, why = "onnxruntime-gpu is not installed", "BlazePose runs through its CUDA provider"
        if "onnxruntime" in machine.packages:
            what, why = "onnxruntime is the CPU build", "only onnxruntime-gpu has a CUDA provider"
            swap = _pip(machine, "uninstall", "--yes", "onnxruntime")
            yield Problem(what, why, f"{swap} && {_install(machine, 'onnxruntime-gpu')}")
        else:
            yield Problem(what, why, _install(machine, "onnxruntime-gpu"))
    if "nvidia-cudnn-cu13" not in machine.packages and "cudnn" not in machine.libraries:
        why = "onnxruntime-gpu does not bring it, torch does"
        yield Problem("cuDNN 9 is missing", why, _install(machine, "torch"))


def _of_torch(machine: Machine) -> Iterator[Problem]:
    version = machine.packages.get("torch")
    if version is None:
        why = "it holds the networks that are compiled"
        yield Problem("torch is not installed", why, _install(machine, "torch"))
    elif machine.torch_cuda is None:
        why = f"{version} knows no CUDA"
        yield Problem("torch is the CPU build", why, _install(machine, "torch", anew=True))
    elif machine.torch_cuda[0] != CUDA_MAJOR:
        major, minor = machine.torch_cuda
        why = f"torch {version} was built for CUDA {major}.{minor}, the rest for {CUDA_MAJOR}"
        again = _install(machine, "torch", anew=True)
        yield Problem("torch is of another CUDA", why, again)


def _of_tensorrt(machine: Machine) -> Iterator[Problem]:
    version = machine.packages.get("torch-tensorrt")
    torch = machine.packages.get("torch")
    if version is None:
        why = "it compiles and runs the engines"
        yield Problem("torch-tensorrt is not installed", why, _install(machine, "torch-tensorrt"))
    elif torch is not None and _release(version) != _release(torch):
        why = f"{version} beside torch {torch}: their first two numbers must be the same"
        both = _install(machine, "torch", "torch-tensorrt", "torchvision")
        yield Problem("torch-tensorrt belongs to another torch", why, both)
    if "tensorrt-cu13-libs" not in machine.packages and "nvinfer" not in machine.libraries:
        why = "pip fetches them from NVIDIA's own index, which must be reachable"
        libraries = _pip(machine, "install", "--no-cache-dir", "tensorrt-cu13>=11.1,<11.2")
        yield Problem("TensorRT's libraries are missing", why, libraries)


def _of_detectron2(machine: Machine) -> Iterator[Problem]:
    if "detectron2" not in machine.packages:
        why = "no package index has it; it is built from source"
        yield Problem("Detectron2 is not installed", why, detectron2_command(machine))


DETECTRON2_COMMIT: Final = "02b5c4e295e990042a714712c21dc79b731e8833"
"""Of 6 June 2026."""


def detectron2_command(machine: Machine) -> str:
    """Builds Detectron2 into the environment: minutes, and it needs a C++ compiler."""
    tools = _pip(machine, "install", "setuptools>=77.0.3,<82", "wheel")
    source = f"git+https://github.com/facebookresearch/detectron2@{DETECTRON2_COMMIT}"
    build = _pip(machine, "install", "--no-build-isolation", f"detectron2 @ {source}")
    return f"{tools} && {build}"


def _release(version: str) -> list[str]:
    return version.split("+")[0].split(".")[:2]


def _install(machine: Machine, *names: str, anew: bool = False) -> str:
    """As the package's own extras want it, so that versions stand in one place."""
    options = ["--force-reinstall"] if anew else []
    return _pip(machine, "install", *options, *(_requirement(name) for name in names))


def _pip(machine: Machine, *arguments: str) -> str:
    return shlex.join([machine.python, "-m", "pip", *arguments])


def _requirement(name: str) -> str:
    """What the extra `gpu` (`cpu` for onnxruntime) says of a package; its name where nothing."""
    extra = "cpu" if name == "onnxruntime" else "gpu"
    wanted = re.compile(rf"({re.escape(name)}(?![\w.-])[^;]*);.*extra == ['\"]{extra}['\"]")
    try:
        found = filter(None, map(wanted.match, metadata.requires("coach-server") or ()))
    except metadata.PackageNotFoundError:
        return name
    return next((match[1].strip() for match in found), name)
