"""Shoots practices: a `Record` each, whose `take` holds the truth of holds and faults."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from coach_server.inference.blazepose.detector import BlazePose
from scripts.studio.filming import Filming
from scripts.studio.placed import Placed
from scripts.studio.practices.practice import FPS, Practice
from scripts.studio.scene import Scene
from scripts.studio.sight import can_be_seen
from scripts.studio.skeletons import h36m_joints
from scripts.studio.training.record import Record, seen_of
from scripts.studio.training.shooting import MOST_EXPOSURES
from scripts.studio.truth import film_truth
from scripts.studio.visibility import Watcher
from scripts.studio.watching import watch
from scripts.studio.webcam import draw_sensor

PACKS: Final = Path(__file__).parent / "packs"
SENSOR: Final = 10
TAIL_S: Final = 0.5
"""A practice goes on for so long after the last pose."""


def shoot(practice: Practice, detector: BlazePose, body: Path) -> Record:
    """What the detector, alone as in the product, says of a practice, and what is true of it."""
    scene = Scene(practice.casting, body, supersampling=1)
    try:
        seed = practice.casting.manner.seed
        sensor = draw_sensor(np.random.default_rng([seed, SENSOR]))
        filming = Filming(scene, sensor, seed, FPS, most_exposures=MOST_EXPOSURES)
        performance = scene.perform(practice.routine)
        known: dict[str, Any] = film_truth(performance, practice.routine, scene.camera)
        wrong = [held for held in performance.held if held.wrong is not None]
        for fault, held in zip(known["faults"], wrong, strict=True):
            if held.wrong is not None:
                fault["seen"] = _can_be_seen(scene, held.placed, held.wrong)
        take = {
            "kind": practice.role,
            "routine": practice.key,
            "fps": FPS,
            "casting": seen_of(practice.casting),
            "truth": known,
        }
        count = round((performance.end_s + TAIL_S) * FPS)
        shot = watch(scene, filming, performance, detector, count, FPS, take, patience=float("inf"))
    finally:
        scene.close()
    return replace(shot, take=take)


def _can_be_seen(scene: Scene, right: Placed, wrong: Placed) -> bool:
    """Whether the camera can tell one from the other, by the truth."""
    watcher = Watcher(scene.poser)
    flags, places = [], []
    for placed in (right, wrong):
        posed = scene.posed(placed)
        scene.picture(placed, posed)
        flags.append(watcher.flags(posed, scene.camera, scene.depth()))
        places.append(scene.camera.to_camera(h36m_joints(scene.figure, posed)))
    return can_be_seen(places[0], places[1], np.array(flags), scene.camera.focal_px)
