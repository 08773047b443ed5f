"""What a lifter says of one frame."""

from dataclasses import dataclass

from coach_server.body.keypoints import FloatArray


@dataclass(frozen=True, slots=True)
class Pose:
    """H36M-17 joints of one person in one frame.

    Attributes:
        joints: (17, 3) metres, pelvis at the origin, camera axes x right, y down, z forward.
        sigma: (17, 3) metres, one standard deviation per axis; NaN where the lifter has none.
    """

    joints: FloatArray
    sigma: FloatArray
