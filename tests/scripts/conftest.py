"""A mannequin: the rig's bones with plain proportions, so that no body data has to be pulled.

And the body data itself, where it has been pulled.
"""

from pathlib import Path

import numpy as np
import pytest
from support.cache_lock import filling_the_cache

from coach_server.errors import InputError
from coach_server.settings import Settings
from scripts.studio import body_data
from scripts.studio.base_mesh import BaseMesh, Indices
from scripts.studio.figure import Figure, Rig
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array
from scripts.studio.wardrobe import NOSE_TIP

TRUNK = {
    "root": ("", (0.0, 0.90, 0.0)),
    "spine05": ("root", (0.0, 0.92, 0.0)),
    "spine04": ("spine05", (0.0, 1.00, 0.0)),
    "spine03": ("spine04", (0.0, 1.10, 0.0)),
    "spine02": ("spine03", (0.0, 1.20, 0.0)),
    "spine01": ("spine02", (0.0, 1.30, 0.0)),
    "neck01": ("spine01", (0.0, 1.42, 0.0)),
    "neck02": ("neck01", (0.0, 1.46, 0.0)),
    "neck03": ("neck02", (0.0, 1.50, 0.0)),
    "head": ("neck03", (0.0, 1.55, 0.0)),
}
LIMBS = {
    "clavicle": ("spine01", (0.02, 1.38, 0.0)),
    "shoulder01": ("clavicle", (0.10, 1.39, 0.0)),
    "upperarm01": ("shoulder01", (0.16, 1.37, 0.0)),
    "upperarm02": ("upperarm01", (0.24, 1.28, 0.0)),
    "lowerarm01": ("upperarm02", (0.33, 1.18, 0.0)),
    "lowerarm02": ("lowerarm01", (0.38, 1.12, 0.04)),
    "wrist": ("lowerarm02", (0.44, 1.05, 0.08)),
    "finger3-1": ("wrist", (0.48, 1.00, 0.11)),
    "upperleg01": ("root", (0.09, 0.88, 0.0)),
    "upperleg02": ("upperleg01", (0.11, 0.70, 0.01)),
    "lowerleg01": ("upperleg02", (0.13, 0.48, 0.02)),
    "lowerleg02": ("lowerleg01", (0.14, 0.28, 0.01)),
    "foot": ("lowerleg02", (0.15, 0.08, 0.0)),
    "toe2-3": ("foot", (0.16, 0.02, 0.14)),
}
FLESH_M = 0.05
TIP = np.array([0.01, -0.01, 0.03])


def mannequin_figure() -> Figure:
    bones = dict(TRUNK)
    for name, (parent, place) in LIMBS.items():
        for suffix, mirror in ((".L", 1.0), (".R", -1.0)):
            above = parent if parent in TRUNK else parent + suffix
            bones[name + suffix] = (above, (mirror * place[0], place[1], place[2]))
    names = tuple(bones)
    heads = np.array([place for _, place in bones.values()])
    tails = heads + TIP
    tails[names.index("head")] = (0.0, 1.70, 0.0)
    vertices, owners = _flesh(heads)
    face = [(0.03, 1.6, 0.1), (-0.03, 1.6, 0.1), (0.08, 1.58, 0.0), (-0.08, 1.58, 0.0)]
    vertices[0:4], vertices[NOSE_TIP] = face, (0.0, 1.56, 0.12)
    owners[[0, 1, 2, 3, NOSE_TIP]] = names.index("head")
    weights = np.zeros((len(vertices), 4))
    weights[:, 0] = 1.0
    rig = Rig(
        names=names,
        parents=np.array([names.index(p) if p else -1 for p, _ in bones.values()]),
        heads=heads,
        tails=tails,
        bones_of=np.repeat(owners[:, None], 4, axis=1),
        weights=weights,
    )
    everything = np.arange(len(vertices) // 3 * 3)
    triangles = {
        "helper-l-eye": np.array([[0, 0, 0]]),
        "helper-r-eye": np.array([[1, 1, 1]]),
        "body": everything.reshape(-1, 3),
    }
    uv = np.zeros((len(vertices), 2))
    return Figure(BaseMesh(vertices, uv, triangles, {}), vertices, rig)


def _flesh(heads: Array) -> tuple[Array, Indices]:
    """Six points about each bone's head that no more than touch the floor, and whose they are."""
    corners = np.concatenate([np.eye(3), -np.eye(3)])
    thick = np.minimum(FLESH_M, heads[:, 1])
    points = heads[:, None] + thick[:, None, None] * corners
    owners = np.repeat(np.arange(len(heads)), len(corners))
    spare = np.zeros(NOSE_TIP + 1, np.int64)
    at_head = np.tile((0.0, 1.60, 0.0), (len(spare), 1))
    return np.concatenate([at_head, points.reshape(-1, 3)]), np.concatenate([spare, owners])


@pytest.fixture(scope="session")
def poser() -> Poser:
    """Shared: it remembers the stances into which it has settled."""
    return Poser(mannequin_figure())


@pytest.fixture(scope="session")
def body_folder() -> Path:
    """The body data: pulled once into the user's cache."""
    try:
        with filling_the_cache():
            return body_data.pull(Settings().cache)
    except InputError as error:
        pytest.skip(f"no body data: {error.message}")
