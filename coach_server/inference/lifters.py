"""Lifters by name: loaded once, shared by all students, each of whom gets a stream of their own."""

import hashlib
from pathlib import Path
from typing import Final, Self

import numpy as np

from coach_server.errors import EngineError
from coach_server.inference.batching.gathering import BatchRules, Counts
from coach_server.inference.batching.places import Places
from coach_server.inference.onnx_runtime import load_model
from coach_server.inference.protocols import Lifter
from coach_server.inference.recipe import NetworkTable, Recipe, Recipes, Role
from coach_server.inference.runtime import LoadedModel
from coach_server.inference.videopose.causal_lifter import LIFTER_VERSION, CausalLifter
from coach_server.inference.videopose.encoding import ENCODING_VERSION
from coach_server.inference.videopose.lift_engine import (
    Lifted,
    LiftEngine,
    LiftStep,
    SlotPool,
)
from coach_server.inference.videopose.streams import Streams
from coach_server.inference.world_lifter import MAPPING_VERSION, WorldLifter
from coach_server.settings import Device

MOST_STUDENTS: Final = 256
"""Of one process: those who practise (128 at the most, by the settings), and as many again whose
session is kept for a minute, or who are being answered."""
MOST_AT_ONCE: Final = 16


class LoadedLifter:
    """A lifter that is ready to run; make it with `load`.

    Args:
        recipe: of the lifter.
        network: what runs and how it is made; None where the lifter has no weights.
        shared: whether students run side by side.
    """

    def __init__(
        self, recipe: Recipe, network: tuple[LoadedModel, NetworkTable] | None, *, shared: bool
    ) -> None:
        self.name = recipe.name
        versions = (LIFTER_VERSION, ENCODING_VERSION) if network else (MAPPING_VERSION,)
        self.fingerprint = fingerprint((recipe,), *versions)
        self.device = network[0].device if network else "cpu"
        self.provider = network[0].provider if network else "numpy"
        self._students = _Students(*network, shared=shared) if network else None

    @classmethod
    def load(cls, recipes: Recipes, name: str, device: Device, *, shared: bool = False) -> Self:
        """Load the lifter called `name`.

        Raises:
            EngineError: there is none, this version cannot run it, or `device` cannot.
        """
        recipe = recipes.get(name, Role.LIFTER)
        if recipe.family == "detector-world":
            return cls(recipe, None, shared=shared)
        content = recipes.weights(recipe)
        if recipe.family != "videopose3d" or recipe.network is None or content is None:
            raise unknown_family(recipe)
        model = load_model(content, name, device)
        # On a CPU a run is over in the time that a thread of its own would take to hear of it.
        shared = shared and model.device != "cpu"
        return cls(recipe, (model, recipe.network), shared=shared)

    def new(self) -> Lifter:
        """A lifter for one student; for one thread at a time.

        Raises:
            FullError: there is no place for one more.
        """
        if self._students is None:
            return WorldLifter(self.name, self.fingerprint)
        return self._students.new(self.name, self.fingerprint)

    def counts(self) -> dict[str, Counts]:
        """As `LifterMaker.counts`."""
        return {} if self._students is None else self._students.counts()

    def close(self) -> None:
        """End the threads that run the network."""
        if self._students is not None:
            self._students.close()


class _Students:
    """All students at one network."""

    def __init__(self, model: LoadedModel, network: NetworkTable, *, shared: bool) -> None:
        self._network = network
        self._rows = 2 if network.mirrored else 1
        capacity = MOST_STUDENTS * self._rows if shared else self._rows
        self._slots = SlotPool(capacity) if shared else None
        # One engine, for it keeps what was seen of everybody; who comes while it runs goes with the
        # next run, in which a second frame costs little: most of a run is reading the weights.
        self._places: Places[LiftStep, Lifted] = Places(
            lambda: LiftEngine(Streams(model, network.architecture, capacity), MOST_AT_ONCE),
            name="lifter",
            shared=shared,
            rules=BatchRules(most=MOST_AT_ONCE, workers=1, gather_s=0.0),
        )

    def new(self, name: str, fingerprint: str) -> Lifter:
        pool = self._slots
        slots = np.arange(self._rows) if pool is None else pool.lend(self._rows)
        place = self._places.place()
        if pool is None:
            return CausalLifter(name, fingerprint, place, slots, self._network.encoding)
        return CausalLifter(
            name, fingerprint, place, slots, self._network.encoding, lambda: pool.give_back(slots)
        )

    def counts(self) -> dict[str, Counts]:
        return {self._places.name: self._places.counts}

    def close(self) -> None:
        self._places.close()


def load_lifter(cache: Path, name: str, device: Device) -> LoadedLifter:
    """The lifter called `name`, of the package or imported into `cache`.

    Raises:
        EngineError: there is none, this version cannot run it, or `device` cannot.
    """
    return LoadedLifter.load(Recipes.known(cache), name, device)


def unknown_family(recipe: Recipe) -> EngineError:
    """What to say of a model for which we have no class."""
    return EngineError(
        f"this version cannot run {recipe.name}: it knows no models of the family {recipe.family}",
        hint="update coach-server, or choose another model",
    )


def fingerprint(recipes: tuple[Recipe, ...], *versions: int) -> str:
    """Name and hash of models and of the code that runs them."""
    digest = hashlib.sha256()
    for recipe in recipes:
        # All sources of a recipe convert to the same network: the first stands for them.
        carried = recipe.weights or next(iter(recipe.sources), None)
        digest.update(f"{recipe.name} {(carried.sha256 or '') if carried else ''} ".encode())
    digest.update(repr(versions).encode())
    return f"{recipes[-1].name}:{digest.hexdigest()[:16]}"
