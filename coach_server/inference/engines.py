"""The loaded models of one process, shared by all of its students."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import cv2
import structlog

from coach_server.errors import EngineError
from coach_server.inference.batching.gathering import Counts
from coach_server.inference.blazepose.detector import DECODER_VERSION
from coach_server.inference.blazepose.maker import BlazePoseMaker
from coach_server.inference.cache import EngineCache
from coach_server.inference.devices import choose
from coach_server.inference.keypoint_rcnn.weights import RcnnWeights
from coach_server.inference.lifters import LoadedLifter, fingerprint, unknown_family
from coach_server.inference.machine import Machine, this_machine
from coach_server.inference.onnx_runtime import load_model
from coach_server.inference.protocols import KeypointDetector, Lifter, Progress
from coach_server.inference.pull import pull
from coach_server.inference.recipe import Recipe, Recipes, Role
from coach_server.inference.tflite.convert import CONVERTER_VERSION
from coach_server.settings import Device

log = structlog.get_logger(__name__)


class DetectorMaker(Protocol):
    """A keypoint engine that is ready to run, whatever runs it.

    Attributes:
        name: as `engines list` prints it.
        fingerprint: changes whenever the same picture could give other keypoints.
        device: where it really runs: `cpu` or `cuda`.
        provider: what really runs it, for people.
    """

    name: str
    fingerprint: str
    device: str
    provider: str

    def new(self) -> KeypointDetector:
        """A detector for one student; for one thread at a time."""

    def counts(self) -> dict[str, Counts]:
        """What became of the asks of students who run side by side, by the name of the engine."""

    def close(self) -> None:
        """End the threads that run it."""


class LifterMaker(Protocol):
    """A lifter that is ready to run; as `DetectorMaker`."""

    name: str
    fingerprint: str
    device: str
    provider: str

    def new(self) -> Lifter:
        """A lifter for one student; for one thread at a time."""

    def counts(self) -> dict[str, Counts]:
        """What became of the asks of students who run side by side, by the name of the engine."""

    def close(self) -> None:
        """End the threads that run it."""


class Engines:
    """A keypoint engine and a lifter, loaded; make them with `load`."""

    def __init__(self, keypoints: DetectorMaker, lifter: LifterMaker) -> None:
        self._keypoints = keypoints
        self._lifter = lifter

    @classmethod
    def load(
        cls,
        cache: Path,
        *,
        keypoints: str,
        lifter: str,
        device: Device,
        shared: bool = False,
        progress: Progress | None = None,
    ) -> Self:
        """Load the models called `keypoints` and `lifter`, fetching first what `cache` lacks.

        Blocks for as long as a download takes; with everything in the cache it needs no network.

        Args:
            cache: the cache folder of the settings.
            keypoints: name of the keypoint engine.
            lifter: name of the lifter.
            device: where they are to run.
            shared: whether students run side by side, and so through a scheduler; who reads one
                film needs none.
            progress: is told how far it has come.

        Raises:
            EngineError: there is no such model, it cannot be had, or `device` cannot run it.
        """
        recipes, machine = Recipes.known(cache), this_machine()
        detecting, lifting = (
            recipes.get(keypoints, Role.KEYPOINTS),
            recipes.get(lifter, Role.LIFTER),
        )
        makers = _Makers(cache, recipes, shared=shared, progress=progress)
        # Students run side by side: spreading one frame's warp over cores costs more than it gains.
        cv2.setNumThreads(1)
        return cls(
            makers.of_keypoints(detecting, _placed(device, detecting, machine)),
            makers.of_lifter(lifting, _placed(device, lifting, machine)),
        )

    @staticmethod
    def check(
        cache: Path, *, keypoints: str, lifter: str, device: Device, live: bool = False
    ) -> dict[str, str]:
        """See that `load` would not refuse these, without loading or fetching anything.

        Args:
            cache: as for `load`.
            keypoints: as for `load`.
            lifter: as for `load`.
            device: as for `load`.
            live: whether students are to be served with them.

        Returns:
            Where each would run: `cpu` or `cuda`, by its name.

        Raises:
            EngineError: there is no such model, or it cannot run there.
        """
        recipes, machine = Recipes.known(cache), this_machine()
        places: dict[str, str] = {}
        for name, role in ((keypoints, Role.KEYPOINTS), (lifter, Role.LIFTER)):
            recipe = recipes.get(name, role)
            places[name] = choose(device, recipe.family, machine)
            if recipe.family != "detectron2":
                continue
            from coach_server.inference.keypoint_rcnn import detectron2_predictor

            detectron2_predictor.require_detectron2(machine)
            if live and places[name] == "cpu":
                raise EngineError(
                    f"{name} takes seconds for a frame on a CPU: it is for films there",
                    hint="choose --keypoints blazepose-full to serve, or a GPU",
                )
        return places

    def new_detector(self) -> KeypointDetector:
        """A detector for one student; for one thread at a time."""
        return self._keypoints.new()

    def new_lifter(self) -> Lifter:
        """A lifter for one student; for one thread at a time.

        Raises:
            FullError: there is no place for one more.
        """
        return self._lifter.new()

    @property
    def device(self) -> str:
        """Where the keypoint model really runs: `cpu` or `cuda`."""
        return self._keypoints.device

    def fingerprints(self) -> dict[str, str]:
        """Of `keypoints` and `lifter`: a change means that poses made before are of another kind.

        The same on every device, and whichever source the weights came from.
        """
        return {"keypoints": self._keypoints.fingerprint, "lifter": self._lifter.fingerprint}

    def describe(self) -> dict[str, str]:
        """What runs and where, for people: device, keypoints, lifter, and what runs each."""
        return {
            "device": self._keypoints.device,
            "keypoints": self._keypoints.name,
            "lifter": self._lifter.name,
            "provider": self._keypoints.provider,
            "lifter_provider": self._lifter.provider,
        }

    def counts(self) -> dict[str, Counts]:
        """What became of the asks of students who run side by side, by the name of the engine."""
        return self._keypoints.counts() | self._lifter.counts()

    def close(self) -> None:
        """End the threads that run the engines; afterwards nothing is asked of them."""
        self._keypoints.close()
        self._lifter.close()


@dataclass(frozen=True, slots=True)
class _Makers:
    """Loads engines by their family and the device that was found fit for it.

    What runs on a GPU through TensorRT is imported where it is asked for: it needs torch, which an
    installation for the CPU has not.
    """

    cache: Path
    recipes: Recipes
    shared: bool
    progress: Progress | None

    def of_keypoints(self, recipe: Recipe, device: Device) -> DetectorMaker:
        if recipe.family == "keypoint-rcnn":
            with _of_the_machine(recipe):
                from coach_server.inference.tensorrt.makers import rcnn_maker

                return rcnn_maker(recipe, self.cache, shared=self.shared, progress=self.progress)
        chosen = self.recipes.with_needs(recipe.name)
        if recipe.family == "detectron2":
            from coach_server.inference.keypoint_rcnn import detectron2_predictor

            detectron2_predictor.require_detectron2(this_machine())
            weights = RcnnWeights.unpacked(
                pull(chosen, EngineCache(self.cache), self.progress)[chosen[0].name]
            )
            where = "cpu" if device == "cpu" else "cuda"
            return detectron2_predictor.Detectron2Maker(
                recipe.name, weights, where, shared=self.shared
            )
        if recipe.family != "blazepose":
            raise unknown_family(recipe)
        contents = pull(chosen, EngineCache(self.cache), self.progress)
        search, landmarks = (load_model(contents[one.name], one.name, device) for one in chosen)
        marks = fingerprint(chosen, CONVERTER_VERSION, DECODER_VERSION)
        return BlazePoseMaker(recipe.name, marks, search, landmarks, shared=self.shared)

    def of_lifter(self, recipe: Recipe, device: Device) -> LifterMaker:
        if recipe.family == "videopose3d" and device != "cpu":
            try:
                with _of_the_machine(recipe):
                    from coach_server.inference.tensorrt.makers import lifter_maker

                    return lifter_maker(
                        recipe, self.cache, shared=self.shared, progress=self.progress
                    )
            except EngineError as error:
                if device == "cuda":
                    raise
                log.warning("the lifter runs on the CPU", reason=error.message)
                device = "cpu"
        return LoadedLifter.load(self.recipes, recipe.name, device, shared=self.shared)


@contextmanager
def _of_the_machine(recipe: Recipe) -> Iterator[None]:
    """Say of what torch and TensorRT raise that it is this machine, and not us."""
    try:
        yield
    except (ImportError, OSError, RuntimeError) as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        why = lines[0] if lines else type(error).__name__
        raise EngineError(
            f"{recipe.name} cannot run on this GPU: {why}",
            hint="look at `coach doctor`, or choose --device cpu --keypoints blazepose-full",
            code="no_device",
        ) from error


def _placed(device: Device, recipe: Recipe, machine: Machine) -> Device:
    """What is asked of a runtime: `auto` stays so where there is a GPU, for it may yet fail."""
    return device if choose(device, recipe.family, machine) == "cuda" else "cpu"


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
    recipes, shelf = Recipes.known(cache), EngineCache(cache)
    return [
        EngineListing(
            name=recipe.name,
            role=recipe.role.value,
            summary=recipe.summary,
            licence=recipe.licence,
            size=_size(recipe),
            pulled=all(
                not one.sources or shelf.has(one) for one in recipes.with_needs(recipe.name)
            ),
        )
        for recipe in recipes.all()
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
    return (carried.size or 0) if carried else 0
