"""Shoots a take of the training set as the detector sees it."""

from pathlib import Path
from typing import Final

import numpy as np

from coach_server.inference.blazepose.detector import BlazePose
from scripts.studio.filming import Filming
from scripts.studio.mocap import MocapFile
from scripts.studio.mocap_motion import MocapMotion
from scripts.studio.motion import Motion
from scripts.studio.posing import Poser
from scripts.studio.scene import Scene
from scripts.studio.training.record import Record, described
from scripts.studio.training.take import FPS, Capture, Take
from scripts.studio.watching import watch

MOST_EXPOSURES: Final = 3


def shoot(take: Take, detector: BlazePose, folder: Path, file: MocapFile) -> Record:
    """What the detector says of a take.

    Args:
        take: what is to be seen.
        detector: the product's own, which begins anew.
        folder: the body data.
        file: the motion capture.
    """
    scene = Scene(take.casting, folder, supersampling=1)
    motion = motion_of(take, scene.poser, file)
    filming = Filming(scene, take.sensor, take.number, FPS, most_exposures=MOST_EXPOSURES)
    count = round(min(take.seconds, motion.end_s) * FPS)
    shot = watch(scene, filming, motion, detector, count, FPS, described(take))
    scene.close()
    return shot


def motion_of(take: Take, poser: Poser, file: MocapFile) -> Motion:
    """What is done in a take."""
    if take.capture is not None:
        return captured(take.capture, poser, file)
    if take.flow is None:
        raise ValueError("A take is either motion capture or asanas.")
    return take.flow.motion(poser, take.casting.manner)


def captured(capture: Capture, poser: Poser, file: MocapFile) -> MocapMotion:
    """A slice of motion capture as a body does it."""
    clip = file.clip(capture.clip)
    part = slice(capture.start, capture.start + capture.frames)
    roots = file.roots(clip)[part]
    middle = np.median(roots, axis=0) * (1.0, 0.0, 1.0)
    near = middle + (roots - middle) * (capture.roaming, 1.0, capture.roaming)
    return MocapMotion(
        poser,
        file.joints(clip)[part],
        near,
        file.fps,
        speed=capture.speed,
        heading_deg=capture.heading_deg,
        straighten_elbows_deg=capture.elbows_deg,
        straighten_knees_deg=capture.knees_deg,
    )
