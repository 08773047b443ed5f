"""The loaded models of one process, shared by all of its students."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2

from coach_server.inference.blazepose.detector import DECODER_VERSION, BlazePose
from coach_server.inference.cache import EngineCache
from coach_server.inference.lifters import LoadedLifter, fingerprint, unknown_family
from coach_server.inference.onnx_runtime import Model, load_model
from coach_server.inference.protocols import KeypointDetector, Lifter, Progress
from coach_server.inference.pull import pull
from coach_server.inference.recipe import Recipe, Recipes, Role
from coach_server.inference.tflite.convert import CONVERTER_VERSION
from coach_server.settings import Device


class Engines:
    """A keypoint model and a lifter, loaded; make them with `load`."""

    def __init__(
        self, keypoints: tuple[Recipe, ...], lifter: LoadedLifter, models: dict[str, Model]
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
        recipes = Recipes.known(cache)
        detecting = recipes.get(keypoints, Role.KEYPOINTS)
        if detecting.family != "blazepose":
            raise unknown_family(detecting)
        chosen = recipes.with_needs(keypoints)
        lifting = LoadedLifter.load(recipes, lifter, device)
        contents = pull(chosen, EngineCache(cache), progress)
        models = {name: load_model(content, name, device) for name, content in contents.items()}
        # Students run side by side: spreading one frame's warp over cores costs more than it gains.
        cv2.setNumThreads(1)
        return cls(chosen, lifting, models)

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
        return self._lifter.new()

    @property
    def device(self) -> str:
        """Where the keypoint model really runs: `cpu` or `cuda`."""
        return self._models[self._keypoints[-1].name].device

    def fingerprints(self) -> dict[str, str]:
        """Of `keypoints` and `lifter`: a change means that poses made before are of another kind.

        The same on every device, and whichever source the weights came from.
        """
        return {
            "keypoints": fingerprint(self._keypoints, CONVERTER_VERSION, DECODER_VERSION),
            "lifter": self._lifter.fingerprint,
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
        pulled: whether it is here: in the cache or with its recipe, or it needs no weights.
    """

    name: str
    role: str
    summary: str
    licence: str
    size: int
    pulled: bool


def list_engines(cache: Path) -> list[EngineListing]:
    """All models that there are recipes for, imported ones among them."""
    shelf = EngineCache(cache)
    return [
        EngineListing(
            name=recipe.name,
            role=recipe.role.value,
            summary=recipe.summary,
            licence=recipe.licence,
            size=_size(recipe),
            pulled=not recipe.sources or shelf.has(recipe),
        )
        for recipe in Recipes.known(cache).all()
    ]


def pull_engines(cache: Path, names: list[str], progress: Progress | None = None) -> None:
    """Bring the models called `names`, and what they need, into the cache.

    Raises:
        EngineError: there is no such model, or it cannot be had.
    """
    recipes = Recipes.known(cache)
    wanted = {recipe.name: recipe for name in names for recipe in recipes.with_needs(name)}
    pull(wanted.values(), EngineCache(cache), progress)


def _size(recipe: Recipe) -> int:
    carried = recipe.weights or next(iter(recipe.sources), None)
    return carried.size if carried else 0
