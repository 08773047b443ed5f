"""Shoots trials: `NAME.npz` each, a `Record` whose `take` says what is in it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from coach_server.inference.blazepose.detector import BlazePose
from scripts.studio.faults import KINDS
from scripts.studio.filming import Filming
from scripts.studio.posing import Posed
from scripts.studio.routine import Routine
from scripts.studio.scene import Casting, Scene
from scripts.studio.stance import SIDES
from scripts.studio.training.record import Record, seen_of
from scripts.studio.training.shooting import MOST_EXPOSURES
from scripts.studio.trials.trial import (
    FPS,
    HOLD_S,
    INSTRUCTOR_S,
    RIGHT_S,
    VIEWS_DEG,
    FaultTrial,
    RoutineTrial,
)
from scripts.studio.visibility import Watcher
from scripts.studio.watching import watch
from scripts.studio.webcam import draw_sensor

SENSOR: Final = 7


def shoot_routine(
    trial: RoutineTrial, detector: BlazePose, body: Path
) -> Iterator[tuple[str, Record]]:
    """(name, record) of a routine, or of stillness."""
    spans = [(span.start_s, span.end_s) for span in trial.routine.spans()]
    known = {
        "kind": trial.name.partition("-")[0],
        "poses": [beat.pose for beat in trial.routine.beats],
        "spans_s": spans,
    }
    yield trial.name, _shoot(trial.casting, trial.routine, known, detector, body, fps=trial.fps)


def shoot_fault(trial: FaultTrial, detector: BlazePose, body: Path) -> Iterator[tuple[str, Record]]:
    """(name, record) of the student from each side, and of the instructor."""
    fault = trial.fault
    known: dict[str, Any] = {
        "kind": "fault",
        "pose": trial.pose,
        "angle": fault.angle.name,
        "fault": fault.kind,
        "side": SIDES[fault.side],
        "sign": KINDS[fault.kind].sign,
        "degrees": fault.degrees,
    }
    moments = (round(RIGHT_S * FPS) - 1, round(HOLD_S * FPS) - 1)
    for view in VIEWS_DEG:
        told = known | {"view_deg": view}
        casting, routine = trial.seen_from(view), trial.routine(HOLD_S)
        name = f"{trial.name}-{view:02.0f}"
        yield name, _shoot(casting, routine, told, detector, body, moments)
    told = {"kind": "instructor", "pose": trial.pose}
    routine = trial.routine(INSTRUCTOR_S)
    casting = replace(trial.instructor, camera=replace(trial.instructor.camera, yaw_deg=0.0))
    yield f"{trial.name}-instructor", _shoot(casting, routine, told, detector, body)


def _shoot(
    casting: Casting,
    routine: Routine,
    known: dict[str, Any],
    detector: BlazePose,
    body: Path,
    moments: tuple[int, ...] = (),
    fps: int = FPS,
) -> Record:
    """What the detector says; at the moments COCO's flags of what can be seen are kept as well."""
    scene = Scene(casting, body, supersampling=1)
    try:
        watcher = Watcher(scene.poser)
        flags: list[list[int]] = []

        def look(i: int, posed: Posed) -> None:
            if i in moments:
                flags.append(watcher.flags(posed, scene.camera, scene.depth()).tolist())

        seed = casting.manner.seed
        sensor = draw_sensor(np.random.default_rng([seed, SENSOR]))
        noise = seed ^ round(casting.camera.yaw_deg * 1000) & 0xFFFF
        filming = Filming(scene, sensor, noise, fps, most_exposures=MOST_EXPOSURES)
        motion = scene.perform(routine)
        count = round(motion.end_s * fps)
        take = known | {"fps": fps, "casting": seen_of(casting)}
        shot = watch(scene, filming, motion, detector, count, fps, take, look)
    finally:
        scene.close()
    return replace(shot, take=take | {"visibility": flags})
