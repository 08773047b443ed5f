"""A person in a room before a camera: everything that one film is made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scripts.studio import figure, room, wardrobe
from scripts.studio.camera import Camera
from scripts.studio.footwork import Placed
from scripts.studio.performance import Manner, Performance
from scripts.studio.posing import Poser
from scripts.studio.renderer import Picture, Renderer
from scripts.studio.routine import Routine
from scripts.studio.surface import NormalField
from scripts.studio.truth import FrameTruth, frame_truth


@dataclass(frozen=True, slots=True)
class Casting:
    """Who is filmed, where, and how they follow."""

    shape: figure.Shape
    outfit: wardrobe.Outfit
    decor: room.Decor
    camera: Camera
    manner: Manner


class Scene:
    """One person, ready to be filmed.

    Args:
        casting: who and where.
        routine: what they do.
        folder: the body data.
    """

    def __init__(self, casting: Casting, routine: Routine, folder: Path) -> None:
        self.camera = casting.camera
        self.figure = figure.build(folder, casting.shape)
        self._person = wardrobe.dress(self.figure, casting.outfit, folder)
        self._surface = NormalField(self._person.triangles, len(self._person.rest))
        self._poser = Poser(self.figure)
        self.performance = Performance(self._poser, routine, casting.manner)
        furniture = room.furnish(casting.decor)
        self._renderer = Renderer(casting.camera, casting.decor, furniture, self._person)

    def still(self, placed: Placed) -> tuple[Picture, FrameTruth]:
        """A picture of the body at a place, and its truth."""
        posed = self._poser.pose(placed.stance, placed.pelvis)
        person = self._person
        points = self._poser.skin(posed, person.rest, person.bones_of, person.weights)
        height = placed.ankles[:, 1] - self._poser.ankle_m
        feet = placed.ankles + np.array([0.0, 0.0, 0.05])
        feet[:, 1] = np.clip(1.0 - height / 0.15, 0.0, 1.0)
        picture = self._renderer.draw(points, self._surface.normals(points), feet)
        return picture, frame_truth(self.figure, posed, self.camera)

    def frames(self, fps: int, duration_s: float) -> Iterator[tuple[Picture, FrameTruth]]:
        """The pictures of a film and their truth, in order."""
        for i in range(round(duration_s * fps)):
            yield self.still(self.performance.at(i / fps))

    def close(self) -> None:
        """Free the renderer."""
        self._renderer.close()
