"""Lifters by name: loaded once, shared by all students, each of whom gets a stream of their own."""

import hashlib
from pathlib import Path
from typing import Self

from coach_server.errors import EngineError
from coach_server.inference.onnx_runtime import Model, load_model
from coach_server.inference.protocols import Lifter
from coach_server.inference.recipe import NetworkTable, Recipe, Recipes, Role
from coach_server.inference.videopose.causal_lifter import LIFTER_VERSION, CausalLifter
from coach_server.inference.videopose.encoding import ENCODING_VERSION
from coach_server.inference.world_lifter import MAPPING_VERSION, WorldLifter
from coach_server.settings import Device


class LoadedLifter:
    """A lifter that is ready to run; make it with `load`.

    Args:
        recipe: of the lifter.
        network: what runs and how it is made; None where the lifter has no weights.
    """

    def __init__(self, recipe: Recipe, network: tuple[Model, NetworkTable] | None) -> None:
        self.name = recipe.name
        versions = (LIFTER_VERSION, ENCODING_VERSION) if network else (MAPPING_VERSION,)
        self.fingerprint = fingerprint((recipe,), *versions)
        self._network = network

    @classmethod
    def load(cls, recipes: Recipes, name: str, device: Device) -> Self:
        """Load the lifter called `name`.

        Raises:
            EngineError: there is none, this version cannot run it, or `device` cannot.
        """
        recipe = recipes.get(name, Role.LIFTER)
        if recipe.family == "detector-world":
            return cls(recipe, None)
        content = recipes.weights(recipe)
        if recipe.family != "videopose3d" or recipe.network is None or content is None:
            raise unknown_family(recipe)
        return cls(recipe, (load_model(content, name, device), recipe.network))

    def new(self) -> Lifter:
        """A lifter for one student; for one thread at a time."""
        if self._network is None:
            return WorldLifter(self.name, self.fingerprint)
        model, table = self._network
        return CausalLifter(
            self.name,
            self.fingerprint,
            model,
            table.architecture,
            table.encoding,
            mirrored=table.mirrored,
        )


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
        digest.update(f"{recipe.name} {carried.sha256 if carried else ''} ".encode())
    digest.update(repr(versions).encode())
    return f"{recipes[-1].name}:{digest.hexdigest()[:16]}"
