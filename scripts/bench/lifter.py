"""`coach bench lifter`: how good lifters are and what they cost, BlazePose's own 3D beside them.

Trials of the studio (`scripts.shoot_trials`) are what is lifted: `dev` gives each source its
constant offsets, `val` is what is reported. Nothing of either was trained on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.errors import InputError
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.onnx_runtime import load_model
from coach_server.inference.recipe import Recipes, Role
from coach_server.settings import load_settings
from scripts.bench.cpu import machine
from scripts.lifter_scores import accuracy, calibration, captured, speed, steadiness, views
from scripts.lifter_scores.accuracy import Answers
from scripts.lifter_scores.report import markdown
from scripts.lifter_scores.sightings import Sighting, of_kind, sightings, with_true_limbs
from scripts.lifter_scores.sources import RAW, Lifted, Source, engine, raw_world
from scripts.studio.mocap import MocapFile, default_path
from scripts.studio.noise_model import NoiseModel
from scripts.studio.noise_model import default_path as noise_path
from scripts.studio.trials.trial import VIEWS_DEG

WORLD: Final = "blazepose-world"
TRUE: Final = "{}, true limbs"
SPEED_FRAMES: Final = 120


@dataclass(frozen=True, slots=True)
class _Set:
    """Trials of a set and what a source says of them."""

    trials: Sequence[Sighting]
    said: Sequence[Lifted]

    def answers(self, *kinds: str) -> Answers:
        """Of the trials of some kinds."""
        return self._answers(lambda trial: trial.kind in kinds)

    def answers_from(self, view: str) -> Answers:
        """Of the trials of faults that a camera so many degrees aside sees."""
        return self._answers(lambda trial: view_of(trial) == view)

    def _answers(self, chosen: Callable[[Sighting], bool]) -> Answers:
        every = zip(self.trials, self.said, strict=True)
        return Answers.of(*zip(*(pair for pair in every if chosen(pair[0])), strict=True))


def run(*, lifter: str | None = None) -> dict[str, Any]:
    """All figures of a lifter (the default one), of `blazepose-world` and of BlazePose's own 3D."""
    settings = load_settings(device="cpu")  # whatever `--gpu` asks for
    name = lifter or settings.lifter
    recipes = Recipes.known(settings.cache)
    sources: dict[str, Source] = {RAW: raw_world()}
    for known in dict.fromkeys((WORLD, name)):
        sources[known] = engine(LoadedLifter.load(recipes, known, "cpu"))
    packs = {split: sightings(f"{settings.keypoints}-{split}") for split in ("dev", "val")}
    result: dict[str, Any] = {
        "machine": machine(),
        "keypoints": settings.keypoints,
        "lifter": name,
        "sources": {},
    }
    for known, source in sources.items():
        result["sources"][known] = _scores(source, packs)
    for known in (WORLD, name):
        exact = {split: [with_true_limbs(t) for t in trials] for split, trials in packs.items()}
        result["sources"][TRUE.format(known)] = _scores(sources[known], exact)
    recipe = recipes.get(name, Role.LIFTER)
    content = recipes.weights(recipe)
    # a network that looks ahead has no window of its own that ends with the newest frame
    if recipe.network is not None and content is not None and recipe.network.causal:
        model = load_model(content, name, "cpu")
        said = [k for t in of_kind(packs["val"], "routine") for k in t.keypoints if k is not None]
        said = said[:SPEED_FRAMES]
        result["exactness"] = speed.exactness(model, recipe.network, content, said)
        result["cost"] = speed.cost(
            LoadedLifter.load(recipes, name, "cpu"), model, recipe.network, content, said
        )
        try:
            file = MocapFile(default_path())
        except InputError as error:
            result["captured"] = {"left_out": error.message}
        else:
            noise = NoiseModel.read(noise_path(settings.keypoints))
            windows = captured.windows_of_test_subjects(file, noise)
            result["captured"] = captured.captured(model, recipe.network, windows)
    return result


def table(result: dict[str, Any]) -> str:
    """The figures as markdown tables."""
    return markdown(result)


def _scores(source: Source, packs: Mapping[str, Sequence[Sighting]]) -> dict[str, Any]:
    """Everything that can be said of one source."""
    dev, val = (
        _Set(packs[split], accuracy.lift_all(source, packs[split])) for split in ("dev", "val")
    )
    fitted_on = dev.answers("routine", "fault", "instructor")
    offsets = fitted_on.offsets()
    people = views.by_person(
        [views.Watched(t, said) for t, said in zip(val.trials, val.said, strict=True)]
    )
    scores = {
        "accuracy": accuracy.accuracy(val.answers("routine"), offsets),
        "by_view": {
            view: accuracy.accuracy(val.answers_from(view), offsets)
            for view in (f"{degrees:.0f}" for degrees in VIEWS_DEG)
        },
        "consistency": views.consistency(people),
        "sensitivity": views.sensitivity(people),
        "false_readings": views.false_readings(people),
        "steadiness": steadiness.steadiness(val.trials, val.said),
    }
    if np.isfinite(fitted_on.sigma).all():
        scores["calibration"] = calibration.calibration(_by_view(val), _constant(fitted_on))
    return scores


def _by_view(val: _Set) -> dict[str, tuple[FloatArray, FloatArray]]:
    """View of the camera, degrees -> errors and stated spreads of trials of faults."""
    pairs: dict[str, list[tuple[FloatArray, FloatArray]]] = {}
    for trial, said in zip(val.trials, val.said, strict=True):
        if view := view_of(trial):
            errors = (said.joints - trial.joints)[said.present]
            pairs.setdefault(view, []).append((errors, said.sigma[said.present]))
    return {
        view: (np.concatenate([e for e, _ in every]), np.concatenate([s for _, s in every]))
        for view, every in pairs.items()
    }


def view_of(trial: Sighting) -> str:
    """From how many degrees aside a fault is seen; empty in other trials."""
    return f"{trial.take['view_deg']:.0f}" if trial.kind == "fault" else ""


def _constant(answers: Answers) -> FloatArray:
    """(17, 3) the spread of each joint and axis over all frames."""
    return np.asarray(np.sqrt(np.mean((answers.joints - answers.truth) ** 2, axis=0)), np.float32)
