"""Someone as the detector sees them: each frame is drawn where the tracker looks next."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from coach_server.body.skeleton import JOINTS, Coco
from coach_server.inference.blazepose.detector import BlazePose
from coach_server.inference.blazepose.roi import Roi
from scripts.studio.filming import Filming
from scripts.studio.motion import Motion
from scripts.studio.posing import Posed
from scripts.studio.rotations import Array, unit
from scripts.studio.scene import Scene
from scripts.studio.skeletons import coco_joints, h36m_joints
from scripts.studio.training.record import Record, truth_check

BEYOND: Final = 1.1
"""How far the body reaches beyond its keypoints: fingers, toes, crown."""
PATIENCE: Final = 3
"""After so many frames in vain the detector is shown where the person is: students who lie on the
floor were tracked on their way there, and a sequence of nothing teaches nothing."""


def watch(
    scene: Scene,
    filming: Filming,
    motion: Motion,
    detector: BlazePose,
    count: int,
    fps: int,
    take: Mapping[str, Any],
    after: Callable[[int, Posed], None] = lambda _i, _posed: None,
    *,
    patience: float = PATIENCE,
) -> Record:
    """What the detector, which begins anew, says of a scene, and what is true of it.

    Args:
        scene: who is seen, and where.
        filming: of the scene.
        motion: what is done.
        detector: the product's own.
        count: of frames.
        fps: frames a second.
        take: what is to be kept of how the scene was made.
        after: is told the number of each frame when it is drawn, and where the bones are in it.
        patience: after how many frames in vain the detector is shown where the person is.
    """
    camera = scene.camera
    found, shown = np.zeros((2, count), np.bool_)
    pixels = np.zeros((count, JOINTS, 2), np.float32)
    score = np.zeros((count, JOINTS), np.float32)
    world = np.zeros((count, JOINTS, 3), np.float32)
    joints = np.zeros((count, JOINTS, 3))
    keypoints = np.zeros((JOINTS, 2))
    detector.reset()
    missed = 0
    for i in range(count):
        if missed >= patience:
            detector.follow(around(keypoints))
            shown[i], missed = True, 0
        roi = detector.looks_at
        region = None if roi is None else roi.bounds(camera.width, camera.height)
        picture, posed = filming.frame(motion, i / fps, region)
        after(i, posed)
        joints[i] = camera.to_camera(h36m_joints(scene.figure, posed))
        keypoints = camera.to_pixels(coco_joints(scene.figure, posed))
        seen = detector.detect(picture)
        missed = 0 if seen else missed + 1
        if seen is None or seen.world is None:
            continue
        found[i] = True
        pixels[i], score[i] = seen.pixels[:, :2], seen.points[:, 2]
        world[i] = seen.world
    return Record(
        take=take,
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
