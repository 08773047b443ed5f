"""A plan is found again for its very key only, whole or not at all, and the shelf is bounded."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
import structlog

from coach_server.errors import EngineError
from coach_server.inference.machine import Gpu, Machine
from coach_server.inference.tensorrt.plan import Binding, Manifest, PlanKey, PlanShelf, Target

pytestmark = pytest.mark.unit

MACHINE = Machine(
    driver="580.65.06",
    gpus=(Gpu("T4", (7, 5)),),
    packages={"torch": "2.14.1", "torch-tensorrt": "2.14.0", "torchvision": "0.29.1"},
    torch_cuda=(13, 0),
)
KEY = PlanKey(
    graph="lifter-streaming-b8",
    graph_version=1,
    weights="0" * 64,
    inputs={"frame": (8, 88), "past_0": (8, 176)},
    outputs=("joints",),
    precision="float16",
    options={"disable_tf32": True},
    target=Target.of(MACHINE),
)


def changed(**fields: Any) -> PlanKey:
    return KEY.model_copy(update=fields)


def manifest(key: PlanKey, plan: bytes, built: str = "2026-01-01T00:00:00Z") -> Manifest:
    return Manifest(
        key=key,
        sha256=hashlib.sha256(plan).hexdigest(),
        size=len(plan),
        bindings=(Binding(name="frame", shape=(8, 88), dtype="float32", is_input=True),),
        parity={"joints mm": 0.4},
        limits={"joints mm": 5.0},
        speed_ms=0.3,
        built=built,
    )


def on_a_gpu(**fields: Any) -> Target:
    return Target.of(MACHINE).model_copy(update=fields)


OTHERS = {
    "graph": changed(graph="lifter-streaming-b16"),
    "graph version": changed(graph_version=2),
    "weights": changed(weights="1" * 64),
    "shape": changed(inputs={"frame": (8, 89), "past_0": (8, 176)}),
    "order of inputs": changed(inputs={"past_0": (8, 176), "frame": (8, 88)}),
    "outputs": changed(outputs=("joints", "sigma")),
    "precision": changed(precision="float32"),
    "options": changed(options={"disable_tf32": False}),
    "gpu": changed(target=on_a_gpu(gpu="L4")),
    "compute capability": changed(target=on_a_gpu(compute=(8, 9))),
    "driver": changed(target=on_a_gpu(driver="581.1")),
    "cuda": changed(target=on_a_gpu(cuda="13.1")),
    "torch-tensorrt": changed(target=on_a_gpu(packages={"torch-tensorrt": "2.14.1"})),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_whatever_changes_makes_a_plan_stale(tmp_path: Path, other: PlanKey) -> None:
    shelf = PlanShelf(tmp_path)
    shelf.store(b"plan", manifest(KEY, b"plan"))
    assert shelf.load(KEY) == (b"plan", manifest(KEY, b"plan"))
    assert other.digest != KEY.digest
    assert shelf.load(other) is None


def test_what_does_not_compile_or_run_plans_changes_nothing() -> None:
    other = Machine(**{**_fields(MACHINE), "packages": {**MACHINE.packages, "torchvision": "9"}})
    assert Target.of(other) == Target.of(MACHINE)


def test_a_new_plan_takes_the_place_of_the_stale_one_alone(tmp_path: Path) -> None:
    shelf = PlanShelf(tmp_path)
    for key in (KEY, OTHERS["gpu"], OTHERS["precision"], OTHERS["graph"], OTHERS["weights"]):
        shelf.store(b"old", manifest(key, b"old"))
    shelf.store(b"new", manifest(OTHERS["driver"], b"new"))
    assert shelf.load(KEY) is None
    assert len(shelf.all()) == 5
    assert len(list(shelf.folder.iterdir())) == 10


@pytest.mark.parametrize("content", [b"pl", b"plaN", b""])
def test_a_damaged_plan_is_built_again(tmp_path: Path, content: bytes) -> None:
    shelf = PlanShelf(tmp_path)
    shelf.store(b"plan", manifest(KEY, b"plan"))
    (shelf.folder / f"{KEY.name}.plan").write_bytes(content)
    with structlog.testing.capture_logs() as logs:
        assert shelf.load(KEY) is None
    assert [entry["plan"] for entry in logs] == [KEY.name]


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"key": 1}', b"\xff"])
def test_a_damaged_manifest_is_none(tmp_path: Path, content: bytes) -> None:
    shelf = PlanShelf(tmp_path)
    shelf.store(b"plan", manifest(KEY, b"plan"))
    (shelf.folder / f"{KEY.name}.json").write_bytes(content)
    assert shelf.load(KEY) is None
    assert shelf.all() == []


def test_a_plan_under_anothers_name_is_not_taken(tmp_path: Path) -> None:
    shelf = PlanShelf(tmp_path)
    shelf.store(b"plan", manifest(KEY, b"plan"))
    other = OTHERS["weights"]
    for ending in ("json", "plan"):
        (shelf.folder / f"{KEY.name}.{ending}").rename(shelf.folder / f"{other.name}.{ending}")
    assert shelf.load(other) is None


def test_beyond_the_bound_the_oldest_go(tmp_path: Path) -> None:
    shelf = PlanShelf(tmp_path, most_bytes=25)
    keys = [changed(weights=str(n) * 64) for n in range(4)]
    for n, key in enumerate(keys):
        shelf.store(b"0123456789", manifest(key, b"0123456789", f"2026-01-0{9 - n}T00:00:00Z"))
    left = [key for key in keys if shelf.load(key)]
    assert left == [keys[0], keys[3]]  # the one just stored stays, though it says it is the oldest


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "plans").write_text("a file")
    with pytest.raises(EngineError, match="cannot be used") as failure:
        PlanShelf(tmp_path).store(b"plan", manifest(KEY, b"plan"))
    assert "COACH_CACHE" in failure.value.hint


def _fields(machine: Machine) -> dict[str, Any]:
    return {name: getattr(machine, name) for name in Machine.__dataclass_fields__}
