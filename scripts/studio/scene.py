"""A person in a room before a camera: everything that one film is made of."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from scripts.studio import figure, room, wardrobe
from scripts.studio.camera import Camera
from scripts.studio.motion import Motion
from scripts.studio.performance import Manner, Performance
from scripts.studio.placed import Placed
from scripts.studio.posing import Posed, Poser
from scripts.studio.proportions import Proportions, proportioned
from scripts.studio.renderer import SUPERSAMPLING, Picture, Region, Renderer
from scripts.studio.rotations import Array
from scripts.studio.routine import Routine
from scripts.studio.surface import NormalField
from scripts.studio.truth import FrameTruth, frame_truth


@dataclass(frozen=True, slots=True)
class Casting:
    """Who is filmed, where, and how they follow; the shape's limbs may be longer or shorter."""

    shape: figure.Shape
    outfit: wardrobe.Outfit
    decor: room.Decor
    camera: Camera
    manner: Manner
    proportions: Proportions = field(default_factory=Proportions)


class Scene:
    """One person, ready to be filmed.

    Args:
        casting: who and where.
        folder: the body data.
        supersampling: as in `Renderer`.
    """

    def __init__(
        self, casting: Casting, folder: Path, *, supersampling: int = SUPERSAMPLING
    ) -> None:
        self.camera = casting.camera
        self.figure = proportioned(figure.build(folder, casting.shape), casting.proportions)
        self.poser = Poser(self.figure)
        self._manner = casting.manner
        self._person = wardrobe.dress(self.figure, casting.outfit, folder)
        self._surface = NormalField(self._person.triangles, len(self._person.rest))
        furniture = room.furnish(casting.decor)
        self._renderer = Renderer(
            casting.camera, casting.decor, furniture, self._person, supersampling=supersampling
        )

    def perform(self, routine: Routine) -> Performance:
        """This person's way through a routine."""
        return Performance(self.poser, routine, self._manner)

    def still(self, placed: Placed) -> tuple[Picture, FrameTruth]:
        """A picture of the body at a place, and its truth."""
        posed = self.posed(placed)
        return self.picture(placed, posed), self.truth(posed)

    def posed(self, placed: Placed) -> Posed:
        """Where the bones are of the body at a place."""
        return self.poser.pose(placed.stance, placed.pelvis)

    def picture(self, placed: Placed, posed: Posed, region: Region | None = None) -> Picture:
        """A picture of the body, at a place and with its bones where `posed` has them.

        Outside the `region` it shows the empty room.
        """
        person = self._person
        points = self.poser.skin(posed, person.rest, person.bones_of, person.weights)
        height = placed.ankles[:, 1] - self.poser.ankle_m
        feet = placed.ankles + np.array([0.0, 0.0, 0.05])
        feet[:, 1] = np.clip(1.0 - height / 0.15, 0.0, 1.0)
        return self._renderer.draw(points, self._surface.normals(points), feet, region)

    def depth(self) -> Array:
        """(height, width) metres of the last picture, as in `Renderer`."""
        return self._renderer.depth()

    def truth(self, posed: Posed) -> FrameTruth:
        """What is known of the body."""
        return frame_truth(self.figure, posed, self.camera)

    def frames(
        self, motion: Motion, fps: int, duration_s: float
    ) -> Iterator[tuple[Picture, FrameTruth]]:
        """The pictures of a film and their truth, in order."""
        for i in range(round(duration_s * fps)):
            yield self.still(motion.at(i / fps))

    def close(self) -> None:
        """Free the renderer."""
        self._renderer.close()
