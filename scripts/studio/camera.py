"""A laptop's camera: where it stands, what it sees, and its axes."""

from dataclasses import dataclass

import numpy as np

from scripts.studio.rotations import Array, unit

NEAR_M, FAR_M = 0.1, 30.0


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole without distortion.

    Attributes:
        width, height: picture size in pixels.
        distance_m: from the middle of the mat, along the floor.
        height_m: of the lens above the floor.
        yaw_deg: how far it stands to the person's left.
        look_at_m: height of the point above the middle of the mat that it looks at.
        field_deg: vertical field of view.
        roll_deg: turned about its axis, clockwise as seen from behind it.
    """

    width: int = 640
    height: int = 480
    distance_m: float = 2.9
    height_m: float = 1.05
    yaw_deg: float = 0.0
    look_at_m: float = 1.02
    field_deg: float = 47.0
    roll_deg: float = 0.0

    @property
    def pitch_deg(self) -> float:
        """How far it looks down; negative where it looks up."""
        return float(np.degrees(np.arctan2(self.height_m - self.look_at_m, self.distance_m)))

    @property
    def focal_px(self) -> float:
        """Pixels."""
        return float(self.height / 2.0 / np.tan(np.radians(self.field_deg) / 2.0))

    @property
    def eye(self) -> Array:
        """(3,) the lens, world axes."""
        yaw = np.radians(self.yaw_deg)
        return np.array(
            [np.sin(yaw) * self.distance_m, self.height_m, np.cos(yaw) * self.distance_m]
        )

    def view(self) -> Array:
        """(4, 4) world to OpenGL's eye axes (x right, y up, z backward)."""
        level = look_at(self.eye, np.array([0.0, self.look_at_m, 0.0]))
        roll = np.radians(self.roll_deg)
        turn = np.eye(4)
        turn[:2, :2] = [[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]]
        rolled: Array = turn @ level
        return rolled

    def projection(self) -> Array:
        """(4, 4) OpenGL's eye axes to clip space."""
        scale = 1.0 / np.tan(np.radians(self.field_deg) / 2.0)
        matrix = np.zeros((4, 4))
        matrix[0, 0] = scale * self.height / self.width
        matrix[1, 1] = scale
        matrix[2, 2] = (FAR_M + NEAR_M) / (NEAR_M - FAR_M)
        matrix[2, 3] = 2.0 * FAR_M * NEAR_M / (NEAR_M - FAR_M)
        matrix[3, 2] = -1.0
        return matrix

    def to_camera(self, points: Array) -> Array:
        """(..., 3) world points in camera axes: x right, y down, z forward, metres."""
        view = self.view()
        seen: Array = (points @ view[:3, :3].T + view[:3, 3]) * (1.0, -1.0, -1.0)
        return seen

    def to_pixels(self, points: Array) -> Array:
        """(..., 2) pixels from the upper left corner of world points (..., 3)."""
        seen = self.to_camera(points)
        centre = np.array([self.width / 2.0, self.height / 2.0])
        pixels: Array = self.focal_px * seen[..., :2] / seen[..., 2:] + centre
        return pixels


def look_at(eye: Array, target: Array) -> Array:
    """(4, 4) world to the axes of an eye that looks at a target, its x level."""
    back = unit(eye - target)
    right = unit(np.cross((0.0, 1.0, 0.0), back))
    matrix = np.eye(4)
    matrix[:3, :3] = right, np.cross(back, right), back
    matrix[:3, 3] = -matrix[:3, :3] @ eye
    return matrix
