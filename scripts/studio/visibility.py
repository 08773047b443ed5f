"""Which keypoints can be seen in a picture: COCO's flags, from the depth of what was drawn.

A joint lies inside the body, so what is drawn before it may be its own flesh: it is hidden where
something nearer to the camera than that is drawn.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.skeleton import Coco
from scripts.studio.camera import Camera
from scripts.studio.posing import Posed, Poser
from scripts.studio.rotations import Array
from scripts.studio.skeletons import LIMBS, coco_joints

OUTSIDE, HIDDEN, VISIBLE = 0, 1, 2
"""Not in the picture; in it, behind something; in it and to be seen."""

Flags = NDArray[np.uint8]

FLESH_M: Final = {
    Coco.LEFT_SHOULDER: 0.18,
    Coco.LEFT_ELBOW: 0.15,
    Coco.LEFT_WRIST: 0.10,
    Coco.LEFT_HIP: 0.22,
    Coco.LEFT_KNEE: 0.16,
    Coco.LEFT_ANKLE: 0.12,
}
"""Skin this near to a joint, at rest, is its own; of the left one, and of the right."""
ASIDE_M: Final = 0.03
"""Skin this near to the line of sight is before the joint or behind it."""
CLOTH_M: Final = 0.035
"""Cloth stands off the skin, hair off the head, and the skin's points are as far apart."""


class Watcher:
    """Tells which keypoints of one person can be seen.

    Args:
        poser: the body.
    """

    def __init__(self, poser: Poser) -> None:
        self._poser = poser
        figure = poser.figure
        skin = np.unique(figure.mesh.triangles["body"])
        owned = {}
        for bone, (left, _, _) in LIMBS.items():
            for keypoint, suffix in ((left, ".L"), (left + 1, ".R")):
                away = figure.vertices[skin] - figure.rig.head(bone + suffix)
                owned[keypoint] = skin[np.linalg.norm(away, axis=1) < FLESH_M[left]]
        self._keypoints = np.repeat(list(owned), [len(points) for points in owned.values()])
        self._skin = np.concatenate(list(owned.values()))

    def flags(self, posed: Posed, camera: Camera, depth: Array) -> Flags:
        """(17,) COCO's flags of the keypoints.

        Args:
            posed: where the bones are.
            camera: what the picture is seen by.
            depth: (height, width) metres along the camera's axis of what was drawn.
        """
        keypoints = coco_joints(self._poser.figure, posed)
        x, y = camera.to_pixels(keypoints).T
        inside = (x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height)
        inside &= camera.to_camera(keypoints)[:, 2] > 0
        column, row = np.where(inside, (x, y), 0.0).astype(np.int64)
        nearest = self._surface(posed, camera, camera.to_camera(keypoints))
        seen = np.where(depth[row, column] < nearest - CLOTH_M, HIDDEN, VISIBLE)
        return np.where(inside, seen, OUTSIDE).astype(np.uint8)

    def _surface(self, posed: Posed, camera: Camera, keypoints: Array) -> Array:
        """(17,) metres along the camera's axis of each keypoint's own skin before it."""
        figure, skin = self._poser.figure, self._skin
        rig = figure.rig
        points = self._poser.skin(
            posed, figure.vertices[skin], rig.bones_of[skin], rig.weights[skin]
        )
        seen, joints = camera.to_camera(points), keypoints[self._keypoints]
        across = seen[:, :2] / seen[:, 2:] * joints[:, 2:] - joints[:, :2]
        near = np.linalg.norm(across, axis=1) < ASIDE_M
        nearest: Array = keypoints[:, 2].copy()
        np.minimum.at(nearest, self._keypoints[near], seen[near, 2])
        return nearest
