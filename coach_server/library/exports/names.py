"""What files call joints and keypoints."""

from typing import Final

from coach_server.body.skeleton import Coco, H36m

JOINT_NAMES: Final = tuple(joint.name.lower() for joint in H36m)
"""In tables: `right_hip`."""

KEYPOINT_NAMES: Final = tuple(keypoint.name.lower() for keypoint in Coco)
"""In tables: `left_eye`."""

MARKER_NAMES: Final = tuple(joint.name.title().replace("_", "") for joint in H36m)
"""Of points in a laboratory's files, where a name has no spaces: `RightHip`."""


def one_line(text: str) -> str:
    """Text for a header whose fields end at a tab or a line's end."""
    return " ".join(text.split())


def ascii_line(text: str) -> str:
    """One line for formats that know no other letters; what has no such letter becomes `?`."""
    return one_line(text).encode("ascii", "replace").decode("ascii")
