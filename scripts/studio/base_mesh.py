"""MakeHuman's files read as they are: the base mesh by group, and shape targets."""

import gzip
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scripts.studio.rotations import Array

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BaseMesh:
    """The mesh every body is a variation of.

    Attributes:
        vertices: (N, 3) decimetres, y up, z forward, x to the person's left.
        uv: (N, 2) texture coordinates, the last one seen where a vertex lies on a seam.
        triangles: group name -> (T, 3) indices of vertices.
        cubes: `joint-...` group name -> indices of the vertices whose mean is that joint.
    """

    vertices: Array
    uv: Array
    triangles: dict[str, Indices]
    cubes: dict[str, Indices]

    @classmethod
    def read(cls, folder: Path) -> "BaseMesh":
        """The mesh in a body data folder (Wavefront OBJ, quads cut in two)."""
        positions: list[list[float]] = []
        textures: list[list[float]] = []
        faces: dict[str, list[tuple[int, int, int]]] = {}
        uv_of: dict[int, int] = {}
        group = ""
        with (folder / "3dobjs" / "base.obj").open() as lines:
            for line in lines:
                kind, _, rest = line.partition(" ")
                if kind == "v":
                    positions.append([float(x) for x in rest.split()[:3]])
                elif kind == "vt":
                    textures.append([float(x) for x in rest.split()[:2]])
                elif kind == "g":
                    group = rest.strip()
                elif kind == "f":
                    corners = []
                    for corner in rest.split():
                        vertex, _, texture = corner.partition("/")
                        corners.append(int(vertex) - 1)
                        if texture:
                            uv_of[int(vertex) - 1] = int(texture.partition("/")[0]) - 1
                    for second, third in pairwise(corners[1:]):
                        faces.setdefault(group, []).append((corners[0], second, third))
        uv = np.zeros((len(positions), 2))
        uv[list(uv_of)] = np.array(textures)[list(uv_of.values())]
        triangles = {name: np.array(list_, np.int64) for name, list_ in faces.items()}
        cubes = {n: np.unique(t) for n, t in triangles.items() if n.startswith("joint-")}
        return cls(np.array(positions), uv, triangles, cubes)


def read_target(folder: Path, name: str) -> tuple[Indices, Array]:
    """A shape target: the vertices it moves and by how much (decimetres)."""
    with gzip.open(folder / "targets" / f"{name}.target.gz", "rt") as lines:
        rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    table = np.array(rows, np.float64).reshape(-1, 4)
    return table[:, 0].astype(np.int64), table[:, 1:]
