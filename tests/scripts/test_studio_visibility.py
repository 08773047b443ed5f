"""COCO's flags: from depths that are made up, and from those of a drawn body."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach_server.body.skeleton import Coco
from coach_server.errors import InputError
from scripts.studio.asana import Asana
from scripts.studio.camera import Camera
from scripts.studio.casts import CASTS
from scripts.studio.footwork import place
from scripts.studio.posing import Poser
from scripts.studio.scene import Scene
from scripts.studio.stance import Stance, both, standing
from scripts.studio.visibility import HIDDEN, OUTSIDE, VISIBLE, Flags, Watcher

pytestmark = pytest.mark.unit

FACE = [Coco.NOSE, Coco.LEFT_EYE, Coco.RIGHT_EYE]
WRISTS = [Coco.LEFT_WRIST, Coco.RIGHT_WRIST]
SHOULDERS = [Coco.LEFT_SHOULDER, Coco.RIGHT_SHOULDER]

BEHIND_THE_BACK = standing(
    upper_arm=both(0.30, -0.85, -0.40), forearm=both(-0.75, -0.25, -0.50), hand=both(-1, 0, 0)
)
BEFORE_THE_BELLY = standing(
    upper_arm=both(0.30, -0.90, 0.20), forearm=both(-0.50, 0.0, 0.85), hand=both(-0.5, 0, 0.85)
)


@pytest.mark.parametrize(("metres", "flag"), [(np.inf, VISIBLE), (0.5, HIDDEN)])
def test_what_is_drawn_before_a_joint_hides_it(poser: Poser, metres: float, flag: int) -> None:
    camera = Camera(distance_m=1.2, field_deg=30.0)
    placed = place(poser, Asana("Mountain", "Tadasana", standing()))
    posed = poser.pose(placed.stance, placed.pelvis)
    flags = Watcher(poser).flags(posed, camera, np.full((480, 640), metres))
    assert flags[Coco.LEFT_HIP] == flags[Coco.RIGHT_HIP] == flag
    assert flags[Coco.LEFT_ANKLE] == flags[Coco.NOSE] == OUTSIDE


@pytest.fixture(scope="module")
def scene(body_folder: Path) -> Iterator[Scene]:
    casting = replace(CASTS["student_right"], camera=Camera())
    try:
        scene = Scene(casting, body_folder, supersampling=1)
    except InputError as error:
        pytest.skip(f"no EGL: {error.message}")
    yield scene
    scene.close()


def seen(scene: Scene, stance: Stance, facing_deg: float) -> Flags:
    placed = place(scene.poser, Asana("Any", "Any", stance, facing_deg=facing_deg))
    posed = scene.posed(placed)
    scene.picture(placed, posed)
    return Watcher(scene.poser).flags(posed, scene.camera, scene.depth())


def test_who_stands_before_the_camera_shows_everything(scene: Scene) -> None:
    flags = seen(scene, standing(), 0.0)
    assert (flags[Coco.LEFT_SHOULDER :] == VISIBLE).all()
    assert (flags[FACE] == VISIBLE).all()


def test_hands_behind_the_back_are_hidden_until_the_back_is_turned(scene: Scene) -> None:
    assert (seen(scene, BEHIND_THE_BACK, 0.0)[WRISTS] == HIDDEN).all()
    assert (seen(scene, BEHIND_THE_BACK, 180.0)[WRISTS] == VISIBLE).all()
    assert (seen(scene, BEFORE_THE_BELLY, 0.0)[WRISTS] == VISIBLE).all()
    assert (seen(scene, BEFORE_THE_BELLY, 180.0)[WRISTS] == HIDDEN).all()


def test_faces_are_hidden_from_behind_and_shoulders_are_not(scene: Scene) -> None:
    flags = seen(scene, standing(), 180.0)
    assert (flags[FACE] == HIDDEN).all()
    assert (flags[SHOULDERS] == VISIBLE).all()


def test_the_far_arm_is_hidden_from_the_side(scene: Scene) -> None:
    flags = seen(scene, standing(), 90.0)  # faces the right of the picture
    assert flags[Coco.RIGHT_SHOULDER] == flags[Coco.RIGHT_ELBOW] == VISIBLE
    assert flags[Coco.LEFT_SHOULDER] == flags[Coco.LEFT_ELBOW] == HIDDEN
    assert flags[Coco.LEFT_EAR] == HIDDEN
