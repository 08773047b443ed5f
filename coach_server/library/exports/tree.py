"""The skeleton of a BVH file: H36M-17 as a tree of bones that turn."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.skeleton import H36M_BONES, H36m
from coach_server.library.exports.turns import Matrices, frames

ROOT: Final = "Hips"

TRUNK_ORDER: Final = "YZX"
"""Of the axes that the trunk is turned about: locked only where somebody lies on their side."""

_LEFT, _RIGHT = (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)
_UP, _DOWN = (0.0, 1.0, 0.0), (0.0, -1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Bone:
    """A joint of the file: something that turns at one of the body's joints.

    Attributes:
        name: in the file.
        parent: the name of what carries it.
        joint: where it turns.
        child: the joint that it carries; None for what carries a part of the trunk.
        rest: unit vector from `joint` to `child` at rest.
        trunk: the joint whose part of the trunk it turns as; None for a bone.
    """

    name: str
    parent: str
    joint: H36m
    child: H36m | None = None
    rest: tuple[float, float, float] = _UP
    trunk: H36m | None = None

    @property
    def order(self) -> str:
        """Of the axes that it is turned about, its own length in the middle.

        A quarter turn about the middle axis makes the other two one, and no limb is capable of it
        about its length; about another it is, where a hip is bent square.
        """
        if self.trunk is not None:
            return TRUNK_ORDER
        return "ZXY" if self.rest[0] else "ZYX"


BONES: Final = (
    Bone("RHipJoint", ROOT, H36m.PELVIS, H36m.RIGHT_HIP, _RIGHT),
    Bone("RightUpLeg", "RHipJoint", H36m.RIGHT_HIP, H36m.RIGHT_KNEE, _DOWN),
    Bone("RightLeg", "RightUpLeg", H36m.RIGHT_KNEE, H36m.RIGHT_ANKLE, _DOWN),
    Bone("LHipJoint", ROOT, H36m.PELVIS, H36m.LEFT_HIP, _LEFT),
    Bone("LeftUpLeg", "LHipJoint", H36m.LEFT_HIP, H36m.LEFT_KNEE, _DOWN),
    Bone("LeftLeg", "LeftUpLeg", H36m.LEFT_KNEE, H36m.LEFT_ANKLE, _DOWN),
    Bone("LowerBack", ROOT, H36m.PELVIS, H36m.SPINE),
    Bone("Spine", "LowerBack", H36m.SPINE, H36m.THORAX),
    Bone("Chest", "Spine", H36m.THORAX, trunk=H36m.THORAX),
    Bone("Neck", "Chest", H36m.THORAX, H36m.NECK),
    Bone("Head", "Neck", H36m.NECK, H36m.HEAD),
    Bone("LeftShoulder", "Chest", H36m.THORAX, H36m.LEFT_SHOULDER, _LEFT),
    Bone("LeftArm", "LeftShoulder", H36m.LEFT_SHOULDER, H36m.LEFT_ELBOW, _LEFT),
    Bone("LeftForeArm", "LeftArm", H36m.LEFT_ELBOW, H36m.LEFT_WRIST, _LEFT),
    Bone("RightShoulder", "Chest", H36m.THORAX, H36m.RIGHT_SHOULDER, _RIGHT),
    Bone("RightArm", "RightShoulder", H36m.RIGHT_SHOULDER, H36m.RIGHT_ELBOW, _RIGHT),
    Bone("RightForeArm", "RightArm", H36m.RIGHT_ELBOW, H36m.RIGHT_WRIST, _RIGHT),
)
"""From the root outwards, as the file lists them.

Hips and chest carry several bones whose angles to each other change. So that each of them still
points where it does in the track, each has a joint of its own there, without a length from its
parent, as the files of the CMU database have them.
"""


def lengths_of(joints: NDArray[np.float64]) -> dict[tuple[H36m, H36m], float]:
    """The median length of each bone over (N, 17, 3) poses, in their unit."""
    return {
        (a, b): float(np.median(np.linalg.norm(joints[:, b] - joints[:, a], axis=-1)))
        for a, b in H36M_BONES
    }


def trunk_turns(joints: NDArray[np.float64], at: H36m) -> Matrices:
    """(N, 3, 3) how hips (`at` the pelvis) or chest (at the thorax) stand in the room.

    x to the body's left along hips or shoulders, y up the spine as far as it is square to that.
    """
    if at == H36m.PELVIS:
        left = joints[:, H36m.LEFT_HIP] - joints[:, H36m.RIGHT_HIP]
        up = joints[:, H36m.SPINE] - joints[:, H36m.PELVIS]
    else:
        left = joints[:, H36m.LEFT_SHOULDER] - joints[:, H36m.RIGHT_SHOULDER]
        up = joints[:, H36m.THORAX] - joints[:, H36m.SPINE]
    return frames(left, up)
