"""The loaded models of one process, shared by all of its students."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2

from coach_server.errors import EngineError
from coach_server.inference.blazepose.detector import DECODER_VERSION, BlazePose
from coach_server.inference.cache import EngineCache
from coach_server.inference.onnx_runtime import Model, load_model
from coach_server.inference.protocols import KeypointDetector, Lifter, Progress
from coach_server.inference.pull import pull
from coach_server.inference.recipe import Recipe, Recipes, Role
from coach_server.inference.tflite.convert import CONVERTER_VERSION
from coach_server.inference.world_lifter import MAPPING_VERSION, WorldLifter
from coach_server.resources import packaged
from coach_server.settings import Device


class Engines:
    """A keypoint model and a lifter, loaded; make them with `load`."""

    def __init__(
        self, keypoints: tuple[Recipe, ...], lifter: Recipe, models: dict[str, Model]
    ) -> None:
        self._keypoints = keypoints
        self._lifter = lifter
        self._models = models

    @classmethod
    def load(
        cls,
        cache: Path,
        *,
        keypoints: str,
        lifter: str,
        device: Device,
        progress: Progress | None = None,
    ) -> Self:
        """Load the models called `keypoints` and `lifter`, fetching first what `cache` lacks.

        Blocks for as long as a download takes; with everything in the cache it needs no network.

        Raises:
            EngineError: there is no such model, it cannot be had, or `device` cannot run it.
        """
        recipes = Recipes(packaged("engines"))
        chosen = _runnable(recipes, recipes.get(keypoints, Role.KEYPOINTS), "blazepose")
        lifting = _runnable(recipes, recipes.get(lifter, Role.LIFTER), "detector-world")
        contents = pull([*chosen, *lifting], EngineCache(cache), progress)
        models = {name: load_model(content, name, device) for name, content in contents.items()}
        # Students run side by side: spreading one frame's warp over cores costs more than it gains.
        cv2.setNumThreads(1)
        return cls(chosen, lifting[-1], models)

    def new_detector(self) -> KeypointDetector:
        """A detector for one student; for one thread at a time."""
        search, landmarks = self._keypoints
        return BlazePose(
            landmarks.name,
            self.fingerprints()["keypoints"],
            self._models[search.name],
            self._models[landmarks.name],
        )

    def new_lifter(self) -> Lifter:
        """A lifter for one student; for one thread at a time."""
        return WorldLifter(self._lifter.name, self.fingerprints()["lifter"])

    @property
    def device(self) -> str:
        """Where the keypoint model really runs: `cpu` or `cuda`."""
        return self._models[self._keypoints[-1].name].device

    def fingerprints(self) -> dict[str, str]:
        """Of `keypoints` and `lifter`: a change means that poses made before are of another kind.

        The same on every device, and whichever source the weights came from.
        """
        return {
            "keypoints": _fingerprint(self._keypoints, CONVERTER_VERSION, DECODER_VERSION),
            "lifter": _fingerprint((self._lifter,), MAPPING_VERSION),
        }

    def describe(self) -> dict[str, str]:
        """What runs and where, for people: device, keypoints, lifter, provider."""
        model = self._models[self._keypoints[-1].name]
        return {
            "device": model.device,
            "keypoints": self._keypoints[-1].name,
            "lifter": self._lifter.name,
            "provider": model.provider,
        }


@dataclass(frozen=True, slots=True)
class EngineListing:
    """One line of `engines list`.

    Attributes:
        name: of the model.
        role: keypoints, person_detector or lifter.
        summary: one line for people.
        licence: of the weights.
        size: bytes of the weights as they come; 0 where there are none.
        pulled: whether it is in the cache, or needs no weights.
    """

    name: str
    role: str
    summary: str
    licence: str
    size: int
    pulled: bool


def list_engines(cache: Path) -> list[EngineListing]:
    """All models that there are recipes for."""
    shelf = EngineCache(cache)
    return [
        EngineListing(
            name=recipe.name,
            role=recipe.role.value,
            summary=recipe.summary,
            licence=recipe.licence,
            size=recipe.sources[0].size if recipe.sources else 0,
            pulled=not recipe.sources or shelf.has(recipe),
        )
        for recipe in Recipes(packaged("engines")).all()
    ]


def pull_engines(cache: Path, names: list[str], progress: Progress | None = None) -> None:
    """Bring the models called `names`, and what they need, into the cache.

    Raises:
        EngineError: there is no such model, or it cannot be had.
    """
    recipes = Recipes(packaged("engines"))
    wanted = {recipe.name: recipe for name in names for recipe in recipes.with_needs(name)}
    pull(wanted.values(), EngineCache(cache), progress)


def _runnable(recipes: Recipes, recipe: Recipe, family: str) -> tuple[Recipe, ...]:
    """The recipe after those it needs, where we have the class that runs it."""
    if recipe.family != family:
        raise EngineError(
            f"this version cannot run {recipe.name}: it knows no models of the family "
            f"{recipe.family}",
            hint="update coach-server, or choose another model",
        )
    return recipes.with_needs(recipe.name)


def _fingerprint(recipes: tuple[Recipe, ...], *versions: int) -> str:
    digest = hashlib.sha256()
    for recipe in recipes:
        # All sources of a recipe convert to the same network: the first stands for them.
        weights = recipe.sources[0].sha256 if recipe.sources else ""
        digest.update(f"{recipe.name} {weights} ".encode())
    digest.update(repr(versions).encode())
    return f"{recipes[-1].name}:{digest.hexdigest()[:16]}"
