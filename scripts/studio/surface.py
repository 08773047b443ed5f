"""Smooth normals of a triangle mesh."""

import numpy as np
from scipy.sparse import csr_array

from scripts.studio.base_mesh import Indices
from scripts.studio.rotations import Array, unit


class NormalField:
    """Vertex normals of one mesh for many sets of positions.

    Args:
        triangles: (T, 3) indices of vertices.
        count: how many vertices there are.
    """

    def __init__(self, triangles: Indices, count: int) -> None:
        self._triangles = triangles
        faces = np.repeat(np.arange(len(triangles)), 3)
        entries = (np.ones(faces.size), (triangles.ravel(), faces))
        self._faces_of = csr_array(entries, shape=(count, len(triangles)))

    def normals(self, points: Array) -> Array:
        """(V, 3) unit normals, the faces about a vertex weighted by their area."""
        corners = points[self._triangles]
        first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        return unit(self._faces_of @ np.cross(first, second))


def vertex_normals(points: Array, triangles: Indices) -> Array:
    """(V, 3) unit normals of one set of positions."""
    return NormalField(triangles, len(points)).normals(points)
