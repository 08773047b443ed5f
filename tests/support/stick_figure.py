"""A stick figure posed by joint angles: truth for tests of angles and coaching.

Camera axes: x right, y down, z forward; the figure faces the camera (forward is -z) and its left
is at +x.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.pose import Pose
from coach_server.body.skeleton import COCO_MIRROR, H36m
from coach_server.coaching.track import Track

LEFT: Final = np.array([1.0, 0.0, 0.0])
UP: Final = np.array([0.0, -1.0, 0.0])
FORWARD: Final = np.array([0.0, 0.0, -1.0])

COCO_FROM_H36M: Final = (9, 9, 9, 10, 10, 11, 14, 12, 15, 13, 16, 4, 1, 5, 2, 6, 3)


@dataclass(frozen=True)
class Limbs:
    """Angles in degrees of the figure's limbs; sides in order (left, right)."""

    elbow: tuple[float, float] = (5.0, 5.0)
    knee: tuple[float, float] = (5.0, 5.0)
    hip_flexion: tuple[float, float] = (0.0, 0.0)
    hip_abduction: tuple[float, float] = (6.0, 6.0)
    shoulder: tuple[float, float] = (12.0, 12.0)
    plane: tuple[float, float] = (0.0, 0.0)
    trunk_side: float = 0.0
    trunk_forward: float = 0.0

    def but(self, **changes: float | tuple[float, float]) -> "Limbs":
        return replace(self, **changes)  # type: ignore[arg-type]  # fields by name


ARMS_OUT: Final = Limbs(shoulder=(90.0, 90.0))
ARMS_UP: Final = Limbs(shoulder=(170.0, 170.0))
WARRIOR: Final = Limbs(
    shoulder=(90.0, 90.0), knee=(70.0, 5.0), hip_abduction=(60.0, 40.0), hip_flexion=(15.0, 0.0)
)


def joints_of(limbs: Limbs, *, scale: float = 1.0, yaw_deg: float = 0.0) -> FloatArray:
    """(17, 3) H36M-17 joints in metres of a figure in that pose."""
    lean = Rotation.from_rotvec(-np.radians(limbs.trunk_side) * FORWARD) * Rotation.from_rotvec(
        np.radians(limbs.trunk_forward) * LEFT
    )
    joints = np.zeros((17, 3))
    spine = lean.apply(UP)
    side_axis = lean.apply(LEFT)
    front = lean.apply(FORWARD)
    joints[H36m.SPINE] = 0.24 * spine
    joints[H36m.THORAX] = 0.48 * spine
    joints[H36m.NECK] = joints[H36m.THORAX] + 0.10 * spine + 0.05 * front
    joints[H36m.HEAD] = joints[H36m.THORAX] + 0.22 * spine
    for side, sign, hip, shoulder in (
        (0, 1, H36m.LEFT_HIP, H36m.LEFT_SHOULDER),
        (1, -1, H36m.RIGHT_HIP, H36m.RIGHT_SHOULDER),
    ):
        joints[hip] = sign * 0.12 * LEFT
        thigh = _swing(limbs.hip_flexion[side], limbs.hip_abduction[side], sign)
        shin = _bent(thigh, -FORWARD, limbs.knee[side])
        joints[hip + 1] = joints[hip] + 0.42 * thigh
        joints[hip + 2] = joints[hip + 1] + 0.42 * shin
        joints[shoulder] = joints[H36m.THORAX] + sign * 0.18 * side_axis
        elevation, plane = np.radians([limbs.shoulder[side], limbs.plane[side]])
        outward = np.cos(plane) * sign * side_axis + np.sin(plane) * front
        arm = -np.cos(elevation) * spine + np.sin(elevation) * outward
        joints[shoulder + 1] = joints[shoulder] + 0.28 * arm
        joints[shoulder + 2] = joints[shoulder + 1] + 0.26 * _bent(arm, front, limbs.elbow[side])
    turned = Rotation.from_rotvec(np.radians(yaw_deg) * UP).apply(joints) * scale
    return np.asarray(turned, np.float32)


def keypoints_of(joints: FloatArray) -> Keypoints:
    """Keypoints as a camera three metres away would see them; all scores 0.95."""
    coco = joints[list(COCO_FROM_H36M)]
    points = np.empty((17, 3), np.float32)
    depth = coco[:, 2] + 3.0
    points[:, 0] = 0.5 + coco[:, 0] / depth * 0.8
    points[:, 1] = 0.5 + coco[:, 1] / depth * 1.05
    points[:, 2] = 0.95
    return Keypoints(points, coco[:, 2].copy(), coco.copy(), (640, 480))


def pose_of(joints: FloatArray) -> Pose:
    return Pose(joints, np.full((17, 3), np.nan, np.float32))


def mirror_image(keypoints: Keypoints) -> Keypoints:
    """What the detector says of the mirrored picture, sides named as it would."""
    points = keypoints.points[list(COCO_MIRROR)].copy()
    points[:, 0] = 1 - points[:, 0]
    return replace(keypoints, points=points, world=None)


def track_of(poses: list[tuple[Limbs, float, float]], *, fps: float = 30.0) -> Track:
    """A track that moves to each (pose, seconds to get there, seconds held) in turn."""
    rows: list[FloatArray] = []
    last = joints_of(poses[0][0])
    for limbs, move_s, hold_s in poses:
        target = joints_of(limbs)
        steps = round(move_s * fps)
        for share in np.arange(1, steps + 1) / steps if steps else ():
            eased = share**2 * (3 - 2 * share)
            rows.append(last + np.float32(eased) * (target - last))
        rows.extend([target] * round(hold_s * fps))
        last = target
    joints = np.stack(rows)
    count = len(joints)
    points = np.stack([keypoints_of(pose).pixels for pose in joints])
    return Track(
        fps=fps,
        time_s=np.arange(count) / fps,
        image_size=(640, 480),
        keypoints=points,
        depth=np.stack([keypoints_of(pose).depth for pose in joints]),
        joints=joints,
        joints_sigma=np.full((count, 17, 3), np.nan, np.float32),
        present=np.ones(count, bool),
    )


def _swing(flexion: float, abduction: float, sign: int) -> NDArray[np.float64]:
    """A thigh's direction from its flexion and abduction."""
    forward, out = np.radians([flexion, abduction])
    down = np.cos(out) * (np.cos(forward) * -UP + np.sin(forward) * FORWARD)
    return np.asarray(down + np.sin(out) * sign * LEFT)


def _bent(
    limb: NDArray[np.float64], towards: NDArray[np.float64], degrees: float
) -> NDArray[np.float64]:
    """The next bone, turned by `degrees` from the limb's direction towards a side of it."""
    square = towards - limb * (towards @ limb)
    square /= np.linalg.norm(square)
    bend = np.radians(degrees)
    return np.asarray(np.cos(bend) * limb + np.sin(bend) * square)
