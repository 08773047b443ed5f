"""Shoots a take: each frame is drawn where the tracker looks next, and the detector looks at it."""

from pathlib import Path
from typing import Final

import numpy as np

from coach_server.body.skeleton import JOINTS, Coco
from coach_server.inference.blazepose.detector import BlazePose
from coach_server.inference.blazepose.roi import Roi
from scripts.studio.filming import Filming
from scripts.studio.mocap import MocapFile
from scripts.studio.mocap_motion import MocapMotion
from scripts.studio.motion import Motion
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array, unit
from scripts.studio.scene import Scene
from scripts.studio.skeletons import coco_joints, h36m_joints
from scripts.studio.training.record import Record, described, truth_check
from scripts.studio.training.take import FPS, Capture, Take

MOST_EXPOSURES: Final = 3
BEYOND: Final = 1.1
"""How far the body reaches beyond its keypoints: fingers, toes, crown."""
PATIENCE: Final = 3
"""After so many frames in vain the detector is shown where the person is: students who lie on the
floor were tracked on their way there, and a sequence of nothing teaches nothing."""


def shoot(take: Take, detector: BlazePose, folder: Path, file: MocapFile) -> Record:
    """What the detector says of a take.

    Args:
        take: what is to be seen.
        detector: the product's own, which begins anew.
        folder: the body data.
        file: the motion capture.
    """
    camera = take.casting.camera
    scene = Scene(take.casting, folder, supersampling=1)
    motion = motion_of(take, scene.poser, file)
    filming = Filming(scene, take.sensor, take.number, FPS, most_exposures=MOST_EXPOSURES)
    count = round(min(take.seconds, motion.end_s) * FPS)
    found, shown = np.zeros((2, count), np.bool_)
    pixels = np.zeros((count, JOINTS, 2), np.float32)
    score = np.zeros((count, JOINTS), np.float32)
    world = np.zeros((count, JOINTS, 3), np.float32)
    joints = np.zeros((count, JOINTS, 3))
    keypoints = np.zeros((JOINTS, 2))
    detector.reset()
    missed = 0
    for i in range(count):
        if missed >= PATIENCE:
            detector.follow(around(keypoints))
            shown[i], missed = True, 0
        roi = detector.looks_at
        region = None if roi is None else roi.bounds(camera.width, camera.height)
        picture, posed = filming.frame(motion, i / FPS, region)
        joints[i] = camera.to_camera(h36m_joints(scene.figure, posed))
        keypoints = camera.to_pixels(coco_joints(scene.figure, posed))
        seen = detector.detect(picture)
        missed = 0 if seen else missed + 1
        if seen is None or seen.world is None:
            continue
        found[i] = True
        pixels[i], score[i] = seen.pixels[:, :2], seen.points[:, 2]
        world[i] = seen.world
    scene.close()
    return Record(
        take=described(take),
        found=found,
        shown=shown,
        pixels=pixels,
        score=score,
        world=world,
        joints=joints.astype(np.float32),
        check=truth_check(joints),
    )


def around(keypoints: Array) -> Roi:
    """The region that a tracker would look at, from (17, 2) keypoints in pixels."""
    hip = keypoints[[Coco.LEFT_HIP, Coco.RIGHT_HIP]].mean(axis=0)
    up = keypoints[[Coco.LEFT_SHOULDER, Coco.RIGHT_SHOULDER]].mean(axis=0) - hip
    reach = np.linalg.norm(keypoints - hip, axis=1).max()
    return Roi.around(hip, hip + BEYOND * reach * unit(up))


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
