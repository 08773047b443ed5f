"""A lifter without weights: the keypoint detector's own depth on its own picture, as H36M-17.

The detector says each joint twice: in the picture, to a few pixels, and in space, where its depth
is far too lively (straight limbs bend, the trunk tips over). So the joints are put on the rays of
their pixels, and the depth along them is trusted by half. On the two rendered students of the demo
P-MPJPE falls from 47 and 61 mm to 24 and 35, the median error of a joint angle from 10 and 12 to 3
and 4 degrees; the price is that a bend which only depth shows is read at about half its size.

BlazePose and COCO know joints that a surface shows; H36M's trunk and head joints lie within. They
are placed by proportions of an average body (constants below, from the proportions of the CMU
motion capture skeletons):

========== ====================================================================================
pelvis     mid-hip, the origin
spine      on the line from pelvis to thorax: a bend of the back is not seen
thorax     the base of the neck: a little beyond mid-shoulder, seen from the pelvis
neck       where the skull sits on it: a little below mid-ear, towards the thorax
head       the crown: above mid-ear, at right angles to the ears' axis and the line of sight
others     the COCO joint of the same name
========== ====================================================================================
"""

from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.pose import Pose
from coach_server.body.skeleton import JOINTS, LIMB_KEYPOINTS, Coco, H36m
from coach_server.errors import EngineError

MAPPING_VERSION: Final = 3
"""Part of the fingerprint: raised whenever the same keypoints are mapped differently."""
_DEPTH_TRUST: Final = 0.5
"""Share of the detector's depth that is believed."""
_FOCAL: Final = 0.87
"""Focal length in units of the picture's longer side: 60 degrees, the middle of laptop cameras."""
_THORAX: Final = 1.14
"""Distance of the thorax from the pelvis, in units of mid-shoulder's."""
_SPINE: Final = 0.445
"""Distance of the spine from the pelvis, in units of the thorax's."""
_SKULL_M: Final = 0.03
"""Metres from mid-ear down to where the skull sits on the neck."""
_CROWN_M: Final = 0.13
"""Metres from mid-ear to the crown of the head."""
_BODY: Final = slice(Coco.LEFT_SHOULDER, Coco.RIGHT_ANKLE + 1)
_TO: Final = list(LIMB_KEYPOINTS)
_FROM: Final = list(LIMB_KEYPOINTS.values())


class WorldLifter:
    """Puts the detector's own 3D on the rays of its own picture; keeps nothing between frames.

    Args:
        name: the engine's name.
        fingerprint: of the engine.

    """

    def __init__(self, name: str, fingerprint: str) -> None:
        self._name = name
        self._fingerprint = fingerprint

    @property
    def name(self) -> str:
        """The engine's name as `engines list` prints it."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same keypoints could give another pose."""
        return self._fingerprint

    def lift(self, keypoints: Keypoints, t: float) -> Pose:
        """The pose that the keypoints and `keypoints.world` hold; sigma is NaN.

        Raises:
            EngineError: the keypoints come from a detector without a 3D estimate of its own.
        """
        del t  # a pose is that of its own frame alone
        if keypoints.world is None:
            raise EngineError(
                f"the lifter {self._name} needs a keypoint detector that estimates 3D itself",
                hint="choose a BlazePose model for the keypoints, or another lifter",
            )
        coco = _on_rays(keypoints, keypoints.world)
        return Pose(h36m_joints(coco), np.full((JOINTS, 3), np.nan, np.float32))

    def close(self) -> None:
        """There is nothing to give back."""

    def reset(self) -> None:
        """Nothing of the past is kept."""


def _on_rays(keypoints: Keypoints, world: FloatArray) -> FloatArray:
    """(17, 3) COCO joints on the rays of their pixels, mid-hip at the origin, metres.

    How far away the person is follows from the scale at which the estimate in space fits the
    picture (least squares over the body, without the face).
    """
    width, height = keypoints.image_size
    pixels = (keypoints.points[:, :2] - 0.5) * np.array([width, height], np.float32)
    seen = pixels[_BODY] - pixels[_BODY].mean(axis=0)
    known = world[_BODY, :2] - world[_BODY, :2].mean(axis=0)
    metres_per_pixel = float(np.sum(seen * known) / max(float(np.sum(seen * seen)), 1e-6))
    if metres_per_pixel <= 0:  # picture and space contradict each other: nothing to put on rays
        return world * np.array([1, 1, _DEPTH_TRUST], np.float32)
    focal = _FOCAL * max(width, height)
    depth = world[:, 2] * np.float32(_DEPTH_TRUST)
    coco = np.empty_like(world)
    coco[:, :2] = pixels * (metres_per_pixel + depth / focal)[:, None]
    coco[:, 2] = depth
    return coco


def h36m_joints(world: FloatArray) -> FloatArray:
    """(17, 3) H36M joints from (17, 3) COCO joints, both in metres on the camera's axes."""
    pelvis = world[[Coco.LEFT_HIP, Coco.RIGHT_HIP]].mean(axis=0)
    world = world - pelvis
    joints = np.zeros((JOINTS, 3), np.float32)
    joints[_TO] = world[_FROM]
    thorax = world[[Coco.LEFT_SHOULDER, Coco.RIGHT_SHOULDER]].mean(axis=0) * _THORAX
    joints[H36m.THORAX] = thorax
    joints[H36m.SPINE] = thorax * _SPINE
    ears = world[[Coco.LEFT_EAR, Coco.RIGHT_EAR]].mean(axis=0)
    length = float(np.linalg.norm(thorax - ears)) or 1.0
    joints[H36m.NECK] = ears + (thorax - ears) * (_SKULL_M / length)
    joints[H36m.HEAD] = _crown(world, thorax)
    return joints


def _crown(world: FloatArray, thorax: FloatArray) -> FloatArray:
    """(3,) the top of the head: up is at right angles to the ears' axis and to the nose's line."""
    ears = world[[Coco.LEFT_EAR, Coco.RIGHT_EAR]]
    middle = ears.mean(axis=0)
    up = np.cross(ears[1] - ears[0], world[Coco.NOSE] - middle)
    length = float(np.linalg.norm(up))
    if length < np.finfo(np.float32).eps:  # a head without extent: along the neck instead
        up = middle - thorax
        length = float(np.linalg.norm(up)) or 1.0
    return np.asarray(middle + up * (_CROWN_M / length), np.float32)
