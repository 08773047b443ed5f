"""Other proportions for a body: limbs and trunk longer or shorter, which the shape does not say."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scripts.studio.figure import Figure
from scripts.studio.rotations import unit

PART_OF: Final = {
    "upperarm01": "arms",
    "upperarm02": "arms",
    "lowerarm01": "arms",
    "lowerarm02": "arms",
    "upperleg01": "legs",
    "upperleg02": "legs",
    "lowerleg01": "legs",
    "lowerleg02": "legs",
    "spine05": "trunk",
    "spine04": "trunk",
    "spine03": "trunk",
    "spine02": "trunk",
    "spine01": "trunk",
}
"""Bone (of either side) -> the part that is stretched with it."""


@dataclass(frozen=True, slots=True)
class Proportions:
    """Lengths as shares of what they are, 0.8 to 1.2."""

    arms: float = 1.0
    legs: float = 1.0
    trunk: float = 1.0


def proportioned(figure: Figure, proportions: Proportions) -> Figure:
    """The body with its bones stretched along themselves, soles on the floor."""
    rig = figure.rig
    count = len(rig.names)
    stretches = np.tile(np.eye(3), (count, 1, 1))
    for bone, name in enumerate(rig.names):
        part = PART_OF.get(name.partition(".")[0])
        children = np.flatnonzero(rig.parents == bone)
        if part and len(children):
            along = unit(rig.heads[children[0]] - rig.heads[bone])
            if part == "trunk":
                along = np.array((0.0, 1.0, 0.0))
            share = getattr(proportions, part)
            stretches[bone] += (share - 1.0) * np.outer(along, along)
    heads = rig.heads.copy()
    for bone, parent in enumerate(rig.parents):
        if parent >= 0:
            heads[bone] = heads[parent] + stretches[parent] @ (rig.heads[bone] - rig.heads[parent])
    tails = heads + np.einsum("bij,bj->bi", stretches, rig.tails - rig.heads)
    shift = heads - np.einsum("bij,bj->bi", stretches, rig.heads)
    moved = np.einsum("nkij,nj->nki", stretches[rig.bones_of], figure.vertices)
    vertices = ((moved + shift[rig.bones_of]) * rig.weights[:, :, None]).sum(axis=1)
    bare = rig.weights.sum(axis=1) == 0
    vertices[bare] = figure.vertices[bare]
    used = np.unique(figure.mesh.triangles["body"])
    lift = np.array((0.0, figure.vertices[used, 1].min() - vertices[used, 1].min(), 0.0))
    changed = replace(rig, heads=heads + lift, tails=tails + lift)
    return replace(figure, vertices=vertices + lift, rig=changed)
