"""The two skeletons: COCO-17 in the picture and H36M-17 in space.

Sides are the person's anatomical sides. Orders are those of the COCO keypoint task and of
VideoPose3D's Human3.6M subset.
"""

from enum import IntEnum
from typing import Final


class Coco(IntEnum):
    """COCO-17 keypoint order."""

    NOSE = 0
    LEFT_EYE = 1
    RIGHT_EYE = 2
    LEFT_EAR = 3
    RIGHT_EAR = 4
    LEFT_SHOULDER = 5
    RIGHT_SHOULDER = 6
    LEFT_ELBOW = 7
    RIGHT_ELBOW = 8
    LEFT_WRIST = 9
    RIGHT_WRIST = 10
    LEFT_HIP = 11
    RIGHT_HIP = 12
    LEFT_KNEE = 13
    RIGHT_KNEE = 14
    LEFT_ANKLE = 15
    RIGHT_ANKLE = 16


class H36m(IntEnum):
    """H36M-17 joint order, as VideoPose3D writes it."""

    PELVIS = 0
    RIGHT_HIP = 1
    RIGHT_KNEE = 2
    RIGHT_ANKLE = 3
    LEFT_HIP = 4
    LEFT_KNEE = 5
    LEFT_ANKLE = 6
    SPINE = 7
    THORAX = 8
    NECK = 9  # labelled "Neck/Nose"; here where the skull sits on the neck
    HEAD = 10
    LEFT_SHOULDER = 11
    LEFT_ELBOW = 12
    LEFT_WRIST = 13
    RIGHT_SHOULDER = 14
    RIGHT_ELBOW = 15
    RIGHT_WRIST = 16


JOINTS: Final = 17
"""Number of joints in either skeleton."""

COCO_MIRROR: Final = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)
"""`points[COCO_MIRROR]` exchanges left and right of a COCO-17 array."""

H36M_MIRROR: Final = (0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 11, 12, 13)
"""`joints[H36M_MIRROR]` exchanges left and right of an H36M-17 array."""

H36M_BONES: Final = (
    (H36m.PELVIS, H36m.RIGHT_HIP),
    (H36m.RIGHT_HIP, H36m.RIGHT_KNEE),
    (H36m.RIGHT_KNEE, H36m.RIGHT_ANKLE),
    (H36m.PELVIS, H36m.LEFT_HIP),
    (H36m.LEFT_HIP, H36m.LEFT_KNEE),
    (H36m.LEFT_KNEE, H36m.LEFT_ANKLE),
    (H36m.PELVIS, H36m.SPINE),
    (H36m.SPINE, H36m.THORAX),
    (H36m.THORAX, H36m.NECK),
    (H36m.NECK, H36m.HEAD),
    (H36m.THORAX, H36m.LEFT_SHOULDER),
    (H36m.LEFT_SHOULDER, H36m.LEFT_ELBOW),
    (H36m.LEFT_ELBOW, H36m.LEFT_WRIST),
    (H36m.THORAX, H36m.RIGHT_SHOULDER),
    (H36m.RIGHT_SHOULDER, H36m.RIGHT_ELBOW),
    (H36m.RIGHT_ELBOW, H36m.RIGHT_WRIST),
)
"""(parent, child) of each bone."""

HIP_LINE: Final = ((H36m.PELVIS, H36m.RIGHT_HIP), (H36m.PELVIS, H36m.LEFT_HIP))
"""The two short bones of the pelvis: too short for their directions to say much."""

LIMB_KEYPOINTS: Final = {
    H36m.LEFT_HIP: Coco.LEFT_HIP,
    H36m.RIGHT_HIP: Coco.RIGHT_HIP,
    H36m.LEFT_KNEE: Coco.LEFT_KNEE,
    H36m.RIGHT_KNEE: Coco.RIGHT_KNEE,
    H36m.LEFT_ANKLE: Coco.LEFT_ANKLE,
    H36m.RIGHT_ANKLE: Coco.RIGHT_ANKLE,
    H36m.LEFT_SHOULDER: Coco.LEFT_SHOULDER,
    H36m.RIGHT_SHOULDER: Coco.RIGHT_SHOULDER,
    H36m.LEFT_ELBOW: Coco.LEFT_ELBOW,
    H36m.RIGHT_ELBOW: Coco.RIGHT_ELBOW,
    H36m.LEFT_WRIST: Coco.LEFT_WRIST,
    H36m.RIGHT_WRIST: Coco.RIGHT_WRIST,
}
"""The joints that both skeletons have."""
