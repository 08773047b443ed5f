"""Other windows from windows: what is as true of them, and would have been seen as well."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import COCO_MIRROR, H36M_MIRROR
from scripts.lifter.windows import PICTURE, Windows


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How much windows are varied.

    Attributes:
        flip: share that is mirrored.
        no_depth: share whose depth is taken away, so that one network serves detectors without.
        aim_deg: spread of turning the camera about its lens, to the side and up. That is exact for
            the truth and for the rays of pixels; the detector's own depth is left, since what it
            sees of the body stays the same.
        roll_deg: the same about its axis.
        zoom: spread of the logarithm of the focal length: which one a camera has is not known.
    """

    flip: float = 0.5
    no_depth: float = 0.2
    aim_deg: float = 4.0
    roll_deg: float = 2.0
    zoom: float = 0.08

    def __call__(self, rng: np.random.Generator, windows: Windows) -> Windows:
        """Vary each window in its own way."""
        count = len(windows.points)
        varied = flipped(windows, rng.random(count) < self.flip)
        spread = np.array([self.aim_deg, self.aim_deg, self.roll_deg])
        varied = aimed(varied, rng.normal(size=(count, 3)) * spread)
        varied = zoomed(varied, np.exp(rng.normal(0, self.zoom, count)))
        blind = rng.random(count) < self.no_depth
        return replace(varied, depth=np.where(blind[:, None, None], np.nan, varied.depth))


def flipped(windows: Windows, which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Windows:
    """Those windows as a mirror shows them: sides exchanged, x negated."""
    points, depth, joints = (a.copy() for a in (windows.points, windows.depth, windows.joints))
    points[which] = points[which][:, :, list(COCO_MIRROR)]
    points[which, ..., 0] = PICTURE[0] - points[which, ..., 0]
    depth[which] = depth[which][:, :, list(COCO_MIRROR)]
    joints[which] = joints[which][:, :, list(H36M_MIRROR)]
    joints[which, ..., 0] *= -1
    return replace(windows, points=points, depth=depth, joints=joints)


def aimed(windows: Windows, degrees: FloatArray) -> Windows:
    """Windows as cameras see them that are turned by (B, 3) rotation vectors about their axes."""
    turns = Rotation.from_rotvec(degrees, degrees=True).as_matrix().astype(np.float32)
    middle = np.array(PICTURE, np.float32) / 2
    focal = windows.focal[:, None, None, None]
    rays = np.ones_like(windows.points)
    rays[..., :2] = (windows.points[..., :2] - middle) / focal
    rays = np.einsum("bij,blkj->blki", turns, rays)
    points = windows.points.copy()
    points[..., :2] = rays[..., :2] / rays[..., 2:] * focal + middle
    joints = np.einsum("bij,blkj->blki", turns, windows.joints)
    return replace(windows, points=points, joints=np.asarray(joints, np.float32))


def zoomed(windows: Windows, factors: FloatArray) -> Windows:
    """Windows as lenses see them whose focal lengths are (B,) times as long."""
    factors = np.asarray(factors, np.float32)
    middle = np.array(PICTURE, np.float32) / 2
    points = windows.points.copy()
    points[..., :2] = (points[..., :2] - middle) * factors[:, None, None, None] + middle
    return replace(windows, points=points, focal=windows.focal * factors)
