"""What the detector said of frames of which the truth is known, and the files that keep it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from scripts.studio.asanas import ASANAS
from scripts.studio.visibility import Flags

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sightings:
    """T frames, one person in each.

    Attributes:
        pose: (T,) key of the asana that is held, or moved into.
        view_deg: (T,) how far the camera stands aside: of a still, of who is seen; of a film, of
            the front of the room.
        held: (T,) whether the pose is held, not moved into.
        keypoints: (T, 17, 2) the truth, COCO-17, pixels from the upper left corner.
        visibility: (T, 17) COCO's flags: 0 not in the picture, 1 hidden, 2 visible.
        at_once: (T,) whether the person was found in the first frame that the detector was shown;
            in a film, in this one.
        found: (T,) whether the person was found, while followed.
        detected: (T, 17, 2) pixels, 0 where nobody was found.
        sure: (T,) whether the product's swap guard was sure of the sides; never where nobody was
            found.
        guarded: (T, 17, 2) pixels after the guard's repair.
    """

    pose: NDArray[np.str_]
    view_deg: NDArray[np.int16]
    held: Bools
    keypoints: Floats
    visibility: Flags
    at_once: Bools
    found: Bools
    detected: Floats
    sure: Bools
    guarded: Floats

    @property
    def group(self) -> NDArray[np.str_]:
        """(T,) the group of the asana."""
        return np.array([ASANAS[pose].group for pose in self.pose.tolist()])

    def of(self, chosen: Bools) -> Self:
        """Some of the frames."""
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def after_guard(self) -> Self:
        """The same as the coach relies on them: repaired, and found only where sure."""
        return replace(self, found=self.sure, detected=self.guarded)


def joined(parts: Sequence[Sightings]) -> Sightings:
    """All frames of at least one part, in order."""
    names = [f.name for f in fields(Sightings)]
    return Sightings(**{n: np.concatenate([getattr(part, n) for part in parts]) for n in names})


def write(path: Path, sightings: Sightings) -> None:
    """Write a file, whole or not at all."""
    arrays: dict[str, NDArray[Any]] = {
        f.name: getattr(sightings, f.name) for f in fields(sightings)
    }
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    partial.replace(path)


def read(path: Path) -> Sightings:
    """Read a file of `write`."""
    with np.load(path, allow_pickle=False) as data:
        return Sightings(**{f.name: data[f.name] for f in fields(Sightings)})
