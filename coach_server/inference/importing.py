"""Makes an engine of a checkpoint, whichever of the two kinds it is."""

from pathlib import Path
from typing import Final

from coach_server.errors import InputError
from coach_server.inference.cache import EngineCache
from coach_server.inference.checkpoints.torch_file import read_weights
from coach_server.inference.downloads import matches, sums
from coach_server.inference.imported import Imported, keep_imported
from coach_server.inference.keypoint_rcnn.architecture import Zoo
from coach_server.inference.keypoint_rcnn.weights import RcnnWeights, imported, zoo_of
from coach_server.inference.pull import keep_rcnn
from coach_server.inference.recipe import Recipe, Recipes, UrlSource
from coach_server.inference.videopose.importing import STATE, import_checkpoint


def import_engine(
    cache: Path, checkpoint: Path, *, widths: tuple[int, ...] | None = None, causal: bool = False
) -> Imported:
    """Make an engine of a checkpoint and keep it in `cache`; the same one again changes nothing.

    A Keypoint R-CNN that a recipe would fetch is kept as that recipe's.

    Args:
        cache: the cache folder of the settings.
        checkpoint: of VideoPose3D, or a Keypoint R-CNN of Detectron2's or torchvision's.
        widths: filter widths that a lifter is to have.
        causal: whether a lifter was trained with `--causal`.

    Raises:
        InputError: the file is no checkpoint, or asks for code to be executed; or what is said of
            it is for a lifter.
        EngineError: the weights are of another network, or cannot be kept.
    """
    state = read_weights(checkpoint, STATE, "model", "")
    if zoo_of(state) is None:
        if "expand_conv.weight" not in state:
            raise InputError(
                f"{checkpoint.name} is neither a VideoPose3D nor a Keypoint R-CNN.",
                hint="Give the file of a network that this version can run.",
                code="bad_checkpoint",
            )
        return import_checkpoint(cache, checkpoint, widths=widths, causal=causal)
    if widths is not None or causal:
        raise InputError(
            f"{checkpoint.name} is a Keypoint R-CNN, which has no filter widths and no time.",
            hint="Leave --widths and --causal away.",
            code="bad_widths",
        )
    published = _recipe_of(checkpoint, cache)
    if published is not None:
        shelf = EngineCache(cache)
        shelf.prepare()
        keep_rcnn(published, checkpoint, shelf)
        return Imported(published.name, ())
    return _kept(cache, checkpoint, imported(state))


def _recipe_of(checkpoint: Path, cache: Path) -> Recipe | None:
    """The recipe that would fetch this very file."""
    sha256, md5 = sums(checkpoint)
    for recipe in Recipes.known(cache).all():
        for source in recipe.sources:
            if isinstance(source, UrlSource) and matches(source, sha256, md5):
                return recipe
    return None


def _kept(cache: Path, checkpoint: Path, weights: RcnnWeights) -> Imported:
    depth, zoo = weights.architecture.depth, weights.architecture.zoo
    recipe = _RECIPE.replace("DEPTH", str(depth)).replace("ZOO", zoo.value)
    name = keep_imported(cache, checkpoint, "npz", weights.packed(), recipe)
    unsure = (_EPSILON,) if zoo is Zoo.TORCHVISION else ()
    return Imported(name, (_KEYPOINTS, *unsure, _GPU))


_KEYPOINTS: Final = (
    "It must have been trained on COCO's 17 keypoints in their order: nothing says so."
)
_EPSILON: Final = (
    "Its BatchNorms are taken to have an epsilon of 1e-5, as torchvision's code gives them; those "
    "of its published weights, and of what was trained from there, have none, and nothing says so."
)
_GPU: Final = "It runs on a GPU alone: `coach --gpu engines build` compiles it for yours."
_RECIPE: Final = """\
name = "{name}"
role = "keypoints"
family = "keypoint-rcnn"
summary = "An imported Keypoint R-CNN; for a GPU"
licence = "LicenseRef-unknown"
copyright = "its authors"

[weights]
file = "{file}"
size = {size}
sha256 = "{sha256}"

[rcnn]
depth = DEPTH
zoo = "ZOO"
"""
