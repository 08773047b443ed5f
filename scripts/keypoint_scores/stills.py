"""Stills of all poses from three sides, each shown to a detector that knows nothing yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np

from coach_server.body.skeleton import JOINTS
from coach_server.inference.protocols import KeypointDetector
from scripts.keypoint_scores.sightings import Sightings
from scripts.studio.asanas import ASANAS
from scripts.studio.draws import draw_casting
from scripts.studio.filming import Filming
from scripts.studio.footwork import place
from scripts.studio.placed import Placed
from scripts.studio.renderer import Picture
from scripts.studio.rotations import Array
from scripts.studio.scene import Scene
from scripts.studio.skeletons import coco_joints
from scripts.studio.visibility import Flags, Watcher
from scripts.studio.webcam import draw_sensor

SEED: Final = 2026
BODIES: Final = 8
BODIES_A_VIEW: Final = 2
VIEWS_DEG: Final = (0, 45, 90)
FPS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Still:
    """One picture to be taken.

    Attributes:
        number: tells its light and noise apart from those of others.
        pose: key of the asana.
        view_deg: which way the person faces: 0 the camera, 90 their own left.
        body: who, in which room and before which camera.
    """

    number: int
    pose: str
    view_deg: int
    body: int


@dataclass(frozen=True, slots=True)
class Shot:
    """A still that was taken.

    Attributes:
        still: which.
        picture: (height, width, 3) RGB, as a webcam gives it.
        keypoints: (17, 2) the truth, COCO-17, pixels.
        visibility: (17,) COCO's flags.
    """

    still: Still
    picture: Picture
    keypoints: Array
    visibility: Flags


@dataclass(frozen=True, slots=True)
class Standstill:
    """A motion in which nothing moves."""

    placed: Placed
    end_s: float = 1.0

    def at(self, t: float) -> Placed:  # noqa: ARG002 - the same at any time
        """The body at a time."""
        return self.placed


def all_stills() -> list[Still]:
    """Every pose from every side, each time by other bodies."""
    wanted = list(product(enumerate(sorted(ASANAS)), enumerate(VIEWS_DEG), range(BODIES_A_VIEW)))
    return [
        Still(number, pose, view, body=(i + 2 * j + 3 * k) % BODIES)
        for number, ((i, pose), (j, view), k) in enumerate(wanted)
    ]


def take(stills: Sequence[Still], body: int, folder: Path) -> Iterator[Shot]:
    """Take those stills of one body.

    Args:
        stills: of that body.
        body: which.
        folder: the body data.
    """
    scene = Scene(draw_casting((SEED, body), "dev", yaw_deg=0.0), folder)
    watcher = Watcher(scene.poser)
    for still in stills:
        asana = replace(ASANAS[still.pose], facing_deg=float(still.view_deg))
        rng = np.random.default_rng([SEED, still.number])
        filming = Filming(scene, draw_sensor(rng), int(rng.integers(2**31)), FPS)
        picture, posed = filming.frame(Standstill(place(scene.poser, asana)), 0.0)
        keypoints = scene.camera.to_pixels(coco_joints(scene.figure, posed))
        flags = watcher.flags(posed, scene.camera, scene.depth())
        yield Shot(still, picture, keypoints, flags)
    scene.close()


def look(shot: Shot, detector: KeypointDetector) -> Sightings:
    """What a detector says of a still: of a film, rather, that shows nothing else.

    The first frame is searched for a person, and in the second the person is followed: what is
    said of that one counts. There is no guard: it knows sides by what was before.

    Args:
        shot: the still.
        detector: which has not seen anything yet.
    """
    at_once = detector.detect(shot.picture) is not None
    seen = detector.detect(shot.picture)
    pixels = np.zeros((JOINTS, 2)) if seen is None else seen.pixels[:, :2]
    detected = np.asarray(pixels[None], np.float32)
    found = np.array([seen is not None])
    return Sightings(
        pose=np.array([shot.still.pose]),
        view_deg=np.array([shot.still.view_deg], np.int16),
        held=np.array([True]),
        keypoints=shot.keypoints[None].astype(np.float32),
        visibility=shot.visibility[None],
        at_once=np.array([at_once]),
        found=found,
        detected=detected,
        sure=found,
        guarded=detected,
    )
