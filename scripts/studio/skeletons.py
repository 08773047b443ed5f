"""Where the joints of the two skeletons lie in a posed body: the truth of every frame.

Rig joints lie a little off from where detectors put their landmarks: allow a fixed offset before
a detector is blamed.
"""

from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from coach_server.body.skeleton import JOINTS, Coco, H36m
from scripts.studio.figure import Figure
from scripts.studio.posing import Posed
from scripts.studio.rotations import Array
from scripts.studio.wardrobe import NOSE_TIP

LIMBS: Final = {
    "upperarm01": (Coco.LEFT_SHOULDER, H36m.LEFT_SHOULDER, H36m.RIGHT_SHOULDER),
    "lowerarm01": (Coco.LEFT_ELBOW, H36m.LEFT_ELBOW, H36m.RIGHT_ELBOW),
    "wrist": (Coco.LEFT_WRIST, H36m.LEFT_WRIST, H36m.RIGHT_WRIST),
    "upperleg01": (Coco.LEFT_HIP, H36m.LEFT_HIP, H36m.RIGHT_HIP),
    "lowerleg01": (Coco.LEFT_KNEE, H36m.LEFT_KNEE, H36m.RIGHT_KNEE),
    "foot": (Coco.LEFT_ANKLE, H36m.LEFT_ANKLE, H36m.RIGHT_ANKLE),
}
"""Bone -> the left joint at its head in COCO-17 (the right one follows it), and in H36M-17."""

_faces: WeakKeyDictionary[Figure, Array] = WeakKeyDictionary()


def h36m_joints(figure: Figure, posed: Posed) -> Array:
    """(17, 3) joints, world axes, metres; thorax between the shoulders, spine half-way to it."""
    rig = figure.rig
    joints = np.zeros((JOINTS, 3))
    for bone, (_, left, right) in LIMBS.items():
        joints[left] = posed.heads[rig.index(bone + ".L")]
        joints[right] = posed.heads[rig.index(bone + ".R")]
    joints[H36m.PELVIS] = (joints[H36m.LEFT_HIP] + joints[H36m.RIGHT_HIP]) / 2.0
    joints[H36m.THORAX] = (joints[H36m.LEFT_SHOULDER] + joints[H36m.RIGHT_SHOULDER]) / 2.0
    joints[H36m.SPINE] = (joints[H36m.PELVIS] + joints[H36m.THORAX]) / 2.0
    head = rig.index("head")
    joints[H36m.NECK] = posed.heads[head]
    along = rig.tails[head] - rig.heads[head]
    joints[H36m.HEAD] = posed.heads[head] + posed.turns[head] @ along
    return joints


def coco_joints(figure: Figure, posed: Posed) -> Array:
    """(17, 3) keypoints in space, world axes, metres."""
    rig = figure.rig
    points = np.zeros((JOINTS, 3))
    for bone, (left, _, _) in LIMBS.items():
        points[left] = posed.heads[rig.index(bone + ".L")]
        points[left + 1] = posed.heads[rig.index(bone + ".R")]
    head = rig.index("head")
    if figure not in _faces:
        _faces[figure] = _face(figure)
    moved = (_faces[figure] - rig.heads[head]) @ posed.turns[head].T + posed.heads[head]
    points[Coco.NOSE : Coco.RIGHT_EAR + 1] = moved
    return points


def _face(figure: Figure) -> Array:
    """(5, 3) nose, eyes and ears of the body at rest, each left before right."""
    rest = figure.vertices
    eyes = [rest[np.unique(figure.mesh.triangles[f"helper-{s}-eye"])].mean(axis=0) for s in "lr"]
    return np.array([rest[NOSE_TIP], *eyes, *(_ear(figure, outward) for outward in (1.0, -1.0))])


def _ear(figure: Figure, outward: float) -> Array:
    """The outermost point of the head beside the eyes."""
    rest, body = figure.vertices, np.unique(figure.mesh.triangles["body"])
    eye_y = rest[np.unique(figure.mesh.triangles["helper-l-eye"]), 1].mean()
    on_head = body[np.abs(rest[body, 1] - eye_y + 0.015) < 0.02]
    on_head = on_head[np.abs(rest[on_head, 0]) < 0.15]
    ear: Array = rest[on_head[np.argmax(outward * rest[on_head, 0])]]
    return ear
