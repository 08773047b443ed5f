"""What this machine has of a GPU: cards, driver and packages, looked at without importing any.

What a runtime lists as available is no evidence: it lists what it was built for. So the driver
itself is asked, through its library, and the installed distributions are read.
"""

import ctypes
import os
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Final

PACKAGES: Final = (
    "onnxruntime",
    "onnxruntime-gpu",
    "torch",
    "torchvision",
    "torch-tensorrt",
    "tensorrt",
    "tensorrt-cu13-libs",
    "nvidia-cudnn-cu13",
    "detectron2",
)
"""Distributions that decide what can run on a GPU."""
LIBRARIES: Final = {"cudnn": "libcudnn.so.9", "nvinfer": "libnvinfer.so.11"}
"""Which the system may have in place of the distributions."""
_NVIDIA: Final = "0x10de"
_DISPLAY: Final = "0x03"
_COMPUTE_MAJOR: Final = 75
_COMPUTE_MINOR: Final = 76
"""Of CUdevice_attribute in cuda.h."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU that the driver can use.

    Attributes:
        name: as its maker calls it.
        compute: its compute capability, major and minor.
        memory_mb: megabytes.
    """

    name: str
    compute: tuple[int, int]
    memory_mb: int = 0

    def __str__(self) -> str:
        major, minor = self.compute
        return f"{self.name} ({self.memory_mb} MB, compute capability {major}.{minor})"


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is, whether or not it fits together.

    Attributes:
        cards: NVIDIA cards on the bus; 0 also where the bus cannot be seen.
        driver: the kernel module's version, as 580.65.06; None where none is loaded.
        cuda: the newest CUDA the driver knows; None where its library is missing.
        fault: cuda.h's number for why the driver cannot be used; 0 where it can.
        gpus: those that the driver can use, in its order.
        packages: versions of those of `PACKAGES` that are installed, by name.
        torch_cuda: the CUDA that torch was built for; None where it is the CPU build, or missing.
        libraries: those of `LIBRARIES` that the system has.
        system: its name in os-release, as debian.
        container: whether we are in one.
        hidden: what CUDA_VISIBLE_DEVICES says; None where it is not set.
        launcher: whether `./coach` stands beside the package.
        python: the interpreter.
    """

    cards: int = 0
    driver: str | None = None
    cuda: tuple[int, int] | None = None
    fault: int = 0
    gpus: tuple[Gpu, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    torch_cuda: tuple[int, int] | None = None
    libraries: frozenset[str] = frozenset()
    system: str = ""
    container: bool = False
    hidden: str | None = None
    launcher: bool = False
    python: str = "python3"


def this_machine() -> Machine:
    """Look at this machine; takes some milliseconds, more where a GPU has to wake up."""
    cuda, fault, gpus = _asked_driver()
    packages = {name: version for name in PACKAGES if (version := _installed(name))}
    return Machine(
        cards=_cards(Path("/sys/bus/pci/devices")),
        driver=_first_line(Path("/sys/module/nvidia/version")),
        cuda=cuda,
        fault=fault,
        gpus=gpus,
        packages=packages,
        torch_cuda=_torch_cuda() if "torch" in packages else None,
        libraries=frozenset(
            name for name, file in LIBRARIES.items() if cuda is not None and _loads(file)
        ),
        system=_system(),
        container=Path("/.dockerenv").exists() or Path("/run/.containerenv").exists(),
        hidden=os.environ.get("CUDA_VISIBLE_DEVICES"),
        launcher=(Path(__file__).parents[2] / "coach").is_file(),
        python=sys.executable or "python3",
    )


def _asked_driver() -> tuple[tuple[int, int] | None, int, tuple[Gpu, ...]]:
    """The driver's CUDA, its fault, its GPUs."""
    try:
        library = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None, 0, ()
    number = ctypes.c_int()
    library.cuDriverGetVersion(ctypes.byref(number))  # answers without a device
    cuda = (number.value // 1000, number.value % 1000 // 10)
    fault = int(library.cuInit(0))
    if fault:
        return cuda, fault, ()
    library.cuDeviceGetCount(ctypes.byref(number))
    return cuda, 0, tuple(_gpu(library, index) for index in range(number.value))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _gpu(library: ctypes.CDLL, index: int) -> Gpu:
    device = ctypes.c_int()
    library.cuDeviceGet(ctypes.byref(device), index)
    name = ctypes.create_string_buffer(128)
    library.cuDeviceGetName(name, len(name), device)
    memory = ctypes.c_size_t()
    library.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
    compute = []
    for attribute in (_COMPUTE_MAJOR, _COMPUTE_MINOR):
        value = ctypes.c_int()
        library.cuDeviceGetAttribute(ctypes.byref(value), attribute, device)
        compute.append(value.value)
    said = name.value.decode("utf-8", "replace")
    return Gpu(said, (compute[0], compute[1]), memory.value // 1_000_000)


def _installed(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _torch_cuda() -> tuple[int, int] | None:
    """What torch's own version file says: importing torch takes seconds."""
    try:
        path = Path(str(metadata.distribution("torch").locate_file("torch/version.py")))
        found = re.search(r"^cuda\b.*=\s*'(\d+)\.(\d+)", path.read_text("utf-8"), re.MULTILINE)
    except OSError:
        return None
    return (int(found[1]), int(found[2])) if found else None


def _cards(bus: Path) -> int:
    try:
        devices = list(bus.iterdir())
    except OSError:
        return 0
    return sum(
        _first_line(device / "vendor") == _NVIDIA
        and (_first_line(device / "class") or "").startswith(_DISPLAY)
        for device in devices
    )


def _first_line(path: Path) -> str | None:
    try:
        return path.read_text("utf-8").split("\n", 1)[0].strip()
    except OSError:
        return None


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("ID", "")
    except OSError:
        return ""
