"""The driver is asked through its library; the bus and the packages are read."""

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coach_server.inference import machine
from coach_server.inference.machine import Gpu, this_machine

pytestmark = pytest.mark.unit


class Driver:
    """Stands for libcuda: answers through pointers, as cuda.h has it."""

    def __init__(self, gpus: list[Gpu], *, version: int = 13000, fault: int = 0) -> None:
        self._gpus = gpus
        self._version = version
        self.cuInit = lambda _flags: fault

    def cuDriverGetVersion(self, answer: Any) -> int:  # noqa: N802  # cuda.h's name
        answer._obj.value = self._version
        return 0

    def cuDeviceGetCount(self, answer: Any) -> int:  # noqa: N802  # as above
        answer._obj.value = len(self._gpus)
        return 0

    def cuDeviceGet(self, answer: Any, index: int) -> int:  # noqa: N802  # as above
        answer._obj.value = index
        return 0

    def cuDeviceGetName(self, answer: Any, size: int, device: Any) -> int:  # noqa: N802  # as above
        answer.value = self._gpus[device.value].name.encode()[: size - 1]
        return 0

    def cuDeviceTotalMem_v2(self, answer: Any, device: Any) -> int:  # noqa: N802  # as above
        answer._obj.value = self._gpus[device.value].memory_mb * 1_000_000
        return 0

    def cuDeviceGetAttribute(self, answer: Any, which: int, device: Any) -> int:  # noqa: N802  # as above
        answer._obj.value = self._gpus[device.value].compute[{75: 0, 76: 1}[which]]
        return 0


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Callable[[Driver | None], None]:
    """Puts a driver's library in place; no other library is there."""

    def put(library: Driver | None) -> None:
        def load(name: str) -> Driver:
            if library is None or name != "libcuda.so.1":
                raise OSError(name)
            return library

        monkeypatch.setattr(ctypes, "CDLL", load)

    return put


def test_the_driver_says_what_gpus_there_are(driver: Callable[[Driver | None], None]) -> None:
    gpus = [Gpu("Tesla T4", (7, 5), 15_360), Gpu("NVIDIA L4", (8, 9), 23_034)]
    driver(Driver(gpus, version=12040))
    found = this_machine()
    assert found.gpus == tuple(gpus)
    assert (found.cuda, found.fault) == ((12, 4), 0)
    assert found.libraries == frozenset()


def test_a_driver_that_cannot_start_says_why(driver: Callable[[Driver | None], None]) -> None:
    driver(Driver([Gpu("Tesla T4", (7, 5))], fault=803))
    found = this_machine()
    assert (found.cuda, found.fault, found.gpus) == ((13, 0), 803, ())


def test_no_library_no_driver(driver: Callable[[Driver | None], None]) -> None:
    driver(None)
    found = this_machine()
    assert (found.cuda, found.fault, found.gpus) == (None, 0, ())


def test_cards_are_counted_on_the_bus(tmp_path: Path) -> None:
    devices = {
        "nvidia display": ("0x10de", "0x030000"),
        "nvidia compute": ("0x10de", "0x030200"),
        "nvidia sound": ("0x10de", "0x040300"),
        "another display": ("0x8086", "0x030000"),
    }
    for name, (vendor, kind) in devices.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "vendor").write_text(f"{vendor}\n")
        (tmp_path / name / "class").write_text(f"{kind}\n")
    assert machine._cards(tmp_path) == 2
    assert machine._cards(tmp_path / "none") == 0


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("cuda: Optional[str] = '13.0'", (13, 0)),
        ("cuda: Optional[str] = None", None),
        ("cuda = '12.8'", (12, 8)),
    ],
)
def test_torch_is_asked_for_its_cuda_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, expected: tuple[int, int] | None
) -> None:
    info = tmp_path / "torch-2.14.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.14.1\n")
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "version.py").write_text(f"__version__ = '2.14.1'\n{said}\nhip = None\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = this_machine()
    assert found.packages["torch"] == "2.14.1"
    assert found.torch_cuda == expected
