"""Plans on disk: what makes one valid, what was measured of it, and where it lies.

A plan is valid for one graph with one set of weights, on one kind of GPU, under one set of
versions: all of that is its key. Whatever of it changes, the plan is stale and is built anew.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coach_server.errors import EngineError
from coach_server.files import write_whole
from coach_server.inference.machine import Machine

log = structlog.get_logger(__name__)

Precision = Literal["float16", "float32"]
Shape = tuple[int, ...]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Graph = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,95}$")]

MOST_BYTES: Final = 8 << 30
"""On the shelf: forty plans of the largest network in float16, with room."""
_VERSIONS: Final = ("torch", "torch-tensorrt", "tensorrt", "tensorrt-cu13-libs")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(_Table):
    """What a plan is built for.

    Attributes:
        gpu: as its maker calls it.
        compute: its compute capability.
        driver: version of the kernel's module.
        cuda: version that torch was built for.
        packages: versions of what compiles and runs plans.
    """

    gpu: str
    compute: tuple[int, int]
    driver: str
    cuda: str
    packages: dict[str, str]

    @classmethod
    def of(cls, machine: Machine) -> Self:
        """The first GPU of a machine, where plans run; or its CPU, where none can."""
        gpu = machine.gpus[0] if machine.gpus else None
        return cls(
            gpu=gpu.name if gpu else "cpu",
            compute=gpu.compute if gpu else (0, 0),
            driver=machine.driver or "",
            cuda=".".join(map(str, machine.torch_cuda or ())),
            packages={n: v for n, v in machine.packages.items() if n in _VERSIONS},
        )


class PlanKey(_Table):
    """All that makes a plan another one.

    Attributes:
        graph: name of the network, its shapes and its batch.
        graph_version: of the code that makes graphs of weights.
        weights: sha256 of the network's weights.
        inputs: shape of each binding by name, in order.
        outputs: names of bindings, in order.
        precision: of the layers; bindings are float32 always.
        options: that the compiler was given.
        target: what it is built for.
    """

    graph: Graph
    graph_version: int
    weights: Sha256
    inputs: dict[str, Shape]
    outputs: tuple[str, ...]
    precision: Precision
    options: dict[str, bool | int]
    target: Target

    @property
    def digest(self) -> str:
        """Sha256 over everything."""
        # Lists keep the order of the bindings, which counts; keys are sorted.
        written = {**self.model_dump(mode="json"), "inputs": list(self.inputs.items())}
        return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()

    @property
    def name(self) -> str:
        """Of its files, without the ending."""
        return f"{self.graph}-{self.precision}-{self.digest[:16]}"

    def replaces(self, other: "PlanKey") -> bool:
        """Whether a plan of `other` has had its day: the same graph on the same GPU, otherwise."""
        mine = (self.graph, self.precision, self.target.gpu, self.weights)
        return self != other and mine == (
            other.graph,
            other.precision,
            other.target.gpu,
            other.weights,
        )


class Binding(_Table):
    """What goes in or out of a plan, as the plan itself says.

    Attributes:
        name: of the tensor.
        shape: batch first.
        dtype: as numpy calls it.
        is_input: whether it goes in.
    """

    name: str
    shape: Shape
    dtype: str
    is_input: bool


class Manifest(_Table):
    """A plan's key, and what was found when it was built.

    Attributes:
        key: of the plan.
        sha256: of the plan.
        size: bytes.
        bindings: as the plan itself says.
        parity: how far its answers lie from the reference's, by measure.
        limits: up to which they may.
        speed_ms: median milliseconds of a run.
        built: when, in UTC.
    """

    key: PlanKey
    sha256: Sha256
    size: int = Field(gt=0)
    bindings: tuple[Binding, ...]
    parity: dict[str, float]
    limits: dict[str, float]
    speed_ms: float
    built: str


class PlanShelf:
    """The folder of plans.

    Args:
        cache: the cache folder of the settings; ours is `plans` below it, made when needed.
        most_bytes: beyond it the plans that were built first are dropped.
    """

    def __init__(self, cache: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder = cache / "plans"
        self._most_bytes = most_bytes

    def load(self, key: PlanKey) -> tuple[bytes, Manifest] | None:
        """The plan of this very key, checked; None where it must be built (again).

        Raises:
            EngineError: the folder cannot be read.
        """
        manifest = self._read(self._path(key, "json"))
        if manifest is None or manifest.key != key:
            return None
        try:
            plan = self._path(key, "plan").read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from error
        if hashlib.sha256(plan).hexdigest() != manifest.sha256:
            log.warning("a plan is damaged and will be built again", plan=key.name)
            return None
        return plan, manifest

    def store(self, plan: bytes, manifest: Manifest) -> None:
        """Keep a plan; those that it replaces go, and the oldest where there is no room.

        Raises:
            EngineError: the folder cannot be written.
        """
        key = manifest.key
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(key, "plan"), plan)
            write_whole(self._path(key, "json"), manifest.model_dump_json(indent=1).encode())
        except OSError as error:
            raise self._unusable(error) from error
        for other in self.all():
            if key.replaces(other.key):
                self.drop(other.key)
        self._make_room(key)

    def all(self) -> list[Manifest]:
        """Of every plan here, the one that was built first before."""
        return sorted(self._manifests(), key=lambda manifest: (manifest.built, manifest.key.name))

    def drop(self, key: PlanKey) -> None:
        """Take a plan away, the manifest first: it is what says that there is one.

        Raises:
            EngineError: the folder cannot be written.
        """
        try:
            self._path(key, "json").unlink(missing_ok=True)
            self._path(key, "plan").unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    def _make_room(self, newest: PlanKey) -> None:
        kept = self.all()
        size = sum(manifest.size for manifest in kept)
        for manifest in kept:
            if size <= self._most_bytes:
                return
            if manifest.key != newest:
                self.drop(manifest.key)
                size -= manifest.size

    def _manifests(self) -> Iterator[Manifest]:
        for path in self.folder.glob("*.json"):
            if manifest := self._read(path):
                yield manifest

    def _path(self, key: PlanKey, ending: str) -> Path:
        return self.folder / f"{key.name}.{ending}"

    def _read(self, path: Path) -> Manifest | None:
        try:
            return Manifest.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError:
            log.warning("the manifest of a plan is damaged", plan=path.name)
            return None
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> EngineError:
        return EngineError(
            f"the plans' folder {self.folder} cannot be used: {error.strerror or error}",
            hint="make it writable, or set COACH_CACHE to a folder that is",
        )
