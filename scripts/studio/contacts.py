"""What of a body touches the floor: its skin by region, and how high each region is."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from scripts.studio.figure import Figure, Rig
from scripts.studio.posing import Posed
from scripts.studio.rotations import Array

REGION_OF: Final = {
    "root": "hips",
    "upperleg01": "hips",
    "spine04": "trunk",
    "clavicle": "trunk",
    "neck01": "head",
    "upperarm01": "upper_arm",
    "lowerarm01": "forearm",
    "wrist": "hand",
    "upperleg02": "thigh",
    "lowerleg01": "shin",
    "foot": "foot",
}
"""Bone (of either side) -> the region that it and the bones below it move."""
CONTACTS: Final = {
    "seat": ("hips",),
    "back": ("trunk",),
    "belly": ("trunk",),
    "head": ("head",),
    **{f"{side}_hand": (f"hand.{s}",) for side, s in (("left", "L"), ("right", "R"))},
    **{f"{side}_forearm": (f"forearm.{s}",) for side, s in (("left", "L"), ("right", "R"))},
    **{f"{side}_knee": (f"shin.{s}", f"thigh.{s}") for side, s in (("left", "L"), ("right", "R"))},
    **{f"{side}_foot": (f"foot.{s}",) for side, s in (("left", "L"), ("right", "R"))},
}
"""What a pose may rest on -> the regions of which the lowest touches."""
PAIRS: Final = {
    f"{name}s" if name != "foot" else "feet": (f"left_{name}", f"right_{name}")
    for name in ("hand", "forearm", "knee", "foot")
}
"""Short for both sides."""


class Skin:
    """The skin of a body, asked for heights only.

    Args:
        figure: the body at rest.
    """

    def __init__(self, figure: Figure) -> None:
        rig = figure.rig
        used = np.unique(figure.mesh.triangles["body"])
        used = used[rig.weights[used].sum(axis=1) > 0]
        self._rest = figure.vertices[used]
        self._bones, self._weights = rig.bones_of[used], rig.weights[used]
        self._origins = rig.heads
        region_of = _regions(rig)
        strongest = self._bones[np.arange(len(used)), self._weights.argmax(axis=1)]
        names = np.array([region_of[bone] for bone in strongest])
        order = np.argsort(names, kind="stable")
        self._rest, self._bones = self._rest[order], self._bones[order]
        self._weights = self._weights[order]
        self.regions, self._starts = np.unique(names[order], return_index=True)
        self._at = {str(name): i for i, name in enumerate(self.regions)}

    def heights(self, posed: Posed) -> Array:
        """(R,) the height of the lowest point of each of `regions`, metres."""
        rows = posed.turns[:, 1]
        shift = posed.heads[:, 1] - np.einsum("bj,bj->b", rows, self._origins)
        each = np.einsum("nkj,nj->nk", rows[self._bones], self._rest) + shift[self._bones]
        return np.minimum.reduceat((each * self._weights).sum(axis=1), self._starts)

    def by_region(self, posed: Posed) -> dict[str, float]:
        """Region -> the height of its lowest point, metres."""
        return dict(zip(map(str, self.regions), self.heights(posed).tolist(), strict=True))

    def contact_height(self, heights: Mapping[str, float], contact: str) -> float:
        """The height of a contact, from those of the regions."""
        return min(heights[region] for region in CONTACTS[contact])

    def contact_heights(self, heights: Array, contacts: tuple[str, ...]) -> Array:
        """(C,) the heights of contacts, from those of the regions."""
        return np.array(
            [min(heights[self._at[region]] for region in CONTACTS[c]) for c in contacts]
        )


def _regions(rig: Rig) -> list[str]:
    """The region of each bone."""
    regions: list[str] = []
    for name, parent in zip(rig.names, rig.parents, strict=True):
        bone, _, side = name.partition(".")
        own = REGION_OF.get(bone)
        if own is None:
            regions.append(regions[parent])
        else:
            regions.append(f"{own}.{side}" if side and own not in {"hips", "trunk"} else own)
    return regions
