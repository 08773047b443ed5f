"""One body: its shape, and the rig that moves it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from scripts.studio.base_mesh import BaseMesh, Indices, read_target
from scripts.studio.rotations import Array

DECIMETRE: Final = 0.1
MAX_HEIGHT: Final = 0.15
"""Beyond this MakeHuman's height target makes children and giants."""
WEIGHTS_PER_VERTEX: Final = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """What a body looks like undressed; weight, muscle and height run from -1 to 1, 0 average.

    A smile runs from 0 to 1.
    """

    sex: Literal["female", "male"] = "female"
    ancestry: Literal["african", "asian", "caucasian"] = "caucasian"
    age: Literal["young", "old"] = "young"
    weight: float = 0.0
    muscle: float = 0.0
    height: float = 0.0
    smile: float = 0.5

    def targets(self) -> dict[str, float]:
        """Names of the MakeHuman targets and how much of each."""
        who = f"{self.sex}-{self.age}"
        face = f"expression/units/{self.ancestry}"
        wanted = {
            f"macrodetails/{self.ancestry}-{who}": 1.0,
            f"{face}/mouth-corner-puller": self.smile,
            f"{face}/mouth-retraction": 0.3 * self.smile,
        }
        tall = "maxheight" if self.height > 0 else "minheight"
        height = min(abs(self.height), MAX_HEIGHT)
        for muscle, m in _shares(self.muscle, "muscle"):
            for weight, w in _shares(self.weight, "weight"):
                if m * w > 0:
                    build = f"{who}-{muscle}-{weight}"
                    wanted[f"macrodetails/universal-{build}"] = m * w
                    wanted[f"macrodetails/height/{build}-{tall}"] = m * w * height
        return {name: share for name, share in wanted.items() if share}


def _shares(value: float, noun: str) -> tuple[tuple[str, float], tuple[str, float]]:
    extreme = ("max" if value > 0 else "min") + noun
    return (f"average{noun}", 1.0 - abs(value)), (extreme, abs(value))


@dataclass(frozen=True, slots=True)
class Rig:
    """Bones in an order in which parents come first.

    Attributes:
        names: bone names; `.L` and `.R` are the person's sides.
        parents: (B,) index of each bone's parent, -1 for the root.
        heads, tails: (B, 3) ends of the bones at rest, metres.
        bones_of: (N, 4) the bones that move each vertex.
        weights: (N, 4) their shares, which add up to one.
    """

    names: tuple[str, ...]
    parents: Indices
    heads: Array
    tails: Array
    bones_of: Indices
    weights: Array

    def index(self, name: str) -> int:
        """Where a bone is in the order."""
        return self.names.index(name)

    def head(self, name: str) -> Array:
        """Where a bone begins at rest."""
        head: Array = self.heads[self.index(name)]
        return head

    def tail(self, name: str) -> Array:
        """Where a bone ends at rest."""
        tail: Array = self.tails[self.index(name)]
        return tail


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Figure:
    """A body at rest (arms hanging away from the trunk), soles on the floor at y = 0.

    Attributes:
        mesh: the base mesh, for its faces and texture coordinates.
        vertices: (N, 3) metres.
        rig: the bones in the same place.
    """

    mesh: BaseMesh
    vertices: Array
    rig: Rig


def build(folder: Path, shape: Shape) -> Figure:
    """The body of a shape, from a body data folder."""
    mesh = BaseMesh.read(folder)
    vertices = mesh.vertices.copy()
    for name, share in shape.targets().items():
        moved, by = read_target(folder, name)
        vertices[moved] += share * by
    vertices *= DECIMETRE
    vertices[:, 1] -= vertices[np.unique(mesh.triangles["body"]), 1].min()
    return Figure(mesh, vertices, _read_rig(folder, mesh, vertices))


def _read_rig(folder: Path, mesh: BaseMesh, vertices: Array) -> Rig:
    standard = folder / "rigs" / "standard"
    bones: dict[str, Any] = json.loads((standard / "rig.default.json").read_text())
    bones = bones.get("bones", bones)

    def place(end: dict[str, Any]) -> Array:
        if end["strategy"] == "CUBE":
            chosen = mesh.cubes[end["cube_name"]]
        elif end["strategy"] == "VERTEX":
            chosen = np.array([end["vertex_index"]])
        else:
            chosen = np.array(end["vertex_indices"])
        mean: Array = vertices[chosen].mean(axis=0)
        return mean

    names: list[str] = []
    waiting = list(bones)
    while waiting:
        ready = [n for n in waiting if not bones[n]["parent"] or bones[n]["parent"] in names]
        names += ready
        waiting = [n for n in waiting if n not in ready]
    at = {name: i for i, name in enumerate(names)}
    shares = np.zeros((len(vertices), len(names)), np.float32)
    by_bone = json.loads((standard / "weights.default.json").read_text())["weights"]
    for name, pairs in by_bone.items():
        if name in at and pairs:
            table = np.array(pairs)
            np.add.at(shares[:, at[name]], table[:, 0].astype(np.int64), table[:, 1])
    strongest = np.argsort(-shares, axis=1)[:, :WEIGHTS_PER_VERTEX]
    weights = np.take_along_axis(shares, strongest, axis=1).astype(np.float64)
    return Rig(
        names=tuple(names),
        parents=np.array([at.get(bones[n]["parent"], -1) for n in names], np.int64),
        heads=np.array([place(bones[n]["head"]) for n in names]),
        tails=np.array([place(bones[n]["tail"]) for n in names]),
        bones_of=strongest,
        weights=weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9),
    )
