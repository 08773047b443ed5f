"""What `doctor` says of the GPU: what is there, what is missing, what mends it; and of plans."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from coach_server.cli.gpu_findings import Finding, gpu_findings
from coach_server.inference.machine import Gpu, Machine
from coach_server.inference.tensorrt.plan import Manifest, PlanKey, PlanShelf, Target
from coach_server.settings import Device, Settings

pytestmark = pytest.mark.unit

LAPTOP: Final = Machine(packages={"onnxruntime": "1.32.0"}, launcher=True)
READY: Final = Machine(
    cards=1,
    driver="580.65.06",
    cuda=(13, 0),
    gpus=(Gpu("Tesla T4", (7, 5), 15_360),),
    packages={
        "onnxruntime-gpu": "1.31.1",
        "torch": "2.14.1",
        "torch-tensorrt": "2.14.0",
        "tensorrt-cu13-libs": "11.1.0.1",
        "nvidia-cudnn-cu13": "9.24.0.43",
    },
    torch_cuda=(13, 0),
)
OLD_DRIVER: Final = replace(READY, driver="550.54.14", cuda=(12, 4))


def settings(cache: Path, device: Device) -> Settings:
    # BlazePose, so that nothing hangs on which recipes there are
    return Settings(device=device, keypoints="blazepose-full", cache=cache)


def findings(cache: Path, device: Device, machine: Machine) -> list[Finding]:
    return list(gpu_findings(settings(cache, device), machine))


def manifest(machine: Machine) -> Manifest:
    return Manifest(
        key=PlanKey(
            graph="lifter-streaming-b16",
            graph_version=1,
            weights="0" * 64,
            inputs={"frame": (16, 36)},
            outputs=("joints",),
            precision="float16",
            options={},
            target=Target.of(machine),
        ),
        sha256="0" * 64,
        size=4,
        bindings=(),
        parity={},
        limits={},
        speed_ms=0.25,
        built="2026-01-01T00:00:00",
    )


def test_a_laptop_is_well_as_it_is(tmp_path: Path) -> None:
    found = findings(tmp_path, "auto", LAPTOP)
    assert {finding.verdict for finding in found} == {"ok"}
    assert "no NVIDIA GPU" in found[0].said
    assert "the CPU is used" in found[0].said
    assert "onnxruntime 1.32.0" in found[1].said


def test_a_gpu_that_was_asked_for_and_is_not_there_must_be_mended(tmp_path: Path) -> None:
    found = findings(tmp_path, "cuda", LAPTOP)
    mended = [finding.said for finding in found if finding.verdict == "MEND"]
    assert len(mended) == 2
    assert "run: coach serve --device cpu" in mended[0]
    assert "run: ./coach --gpu serve" in mended[1]


def test_nothing_is_said_against_a_machine_whose_gpu_is_not_wanted(tmp_path: Path) -> None:
    assert {finding.verdict for finding in findings(tmp_path, "cpu", OLD_DRIVER)} == {"ok"}


@pytest.mark.parametrize(("device", "verdict"), [("auto", "note"), ("cuda", "MEND")])
def test_what_keeps_a_gpu_idle_is_named_with_its_mend(
    tmp_path: Path, device: Device, verdict: str
) -> None:
    found = findings(tmp_path, device, OLD_DRIVER)
    (problem,) = [
        finding for finding in found if finding.verdict == verdict and finding.of == "gpu"
    ]
    assert "driver is too old (550.54.14" in problem.said  # of both engines, but said once
    assert "run: sudo apt install" in problem.said
    assert found[0].said.startswith("Tesla T4 (15360 MB, compute capability 7.5), driver 550")


def test_a_gpu_that_is_ready_is_named_with_its_packages(tmp_path: Path) -> None:
    gpu, packages, plans = findings(tmp_path, "cuda", READY)
    assert (gpu.verdict, packages.verdict, plans.verdict) == ("ok", "ok", "note")
    assert "driver 580.65.06, CUDA 13.0" in gpu.said
    assert "torch-tensorrt 2.14.0" in packages.said
    assert "torch is for CUDA 13.0" in packages.said
    assert "coach engines build" in plans.said


def test_plans_are_listed_and_those_of_other_times_are_to_be_built_again(tmp_path: Path) -> None:
    updated = replace(READY, packages={**READY.packages, "torch-tensorrt": "2.14.1"})
    moved = replace(READY, gpus=(Gpu("NVIDIA L4", (8, 9), 23_034),))
    PlanShelf(tmp_path).store(b"plan", manifest(READY))
    for machine, verdict, said in (
        (READY, "ok", "0.2 ms a run"),
        (updated, "note", "other versions"),
        (moved, "note", "another GPU"),
    ):
        plan = findings(tmp_path, "cuda", machine)[-1]
        assert (plan.of, plan.verdict) == ("plan", verdict)
        assert "lifter-streaming-b16 in float16 for Tesla T4" in plan.said
        assert said in plan.said
        assert ("coach engines build" in plan.said) == (verdict == "note")
