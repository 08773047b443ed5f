"""The pose library: the demo's asanas, those of the pose files, and the other side of each."""

from pathlib import Path
from types import MappingProxyType
from typing import Final

from scripts.studio.asana import Asana, other_side
from scripts.studio.pose_files import read_poses
from scripts.studio.rotations import frame
from scripts.studio.stance import FORWARD, RIGHT, UP, Stance, both, each, standing

POSES: Final = Path(__file__).parent / "poses"
"""One file of poses for each group."""


def _side_bend() -> Stance:
    return standing(
        pelvis=frame((-0.10, 1, 0), FORWARD),
        chest=frame((0.62, 0.80, 0), FORWARD),
        head=frame((0.60, 0.80, 0.02), (0.0, -0.02, 1)),
        upper_arm=each((0.66, 0.76, 0.02), (0.50, 0.86, 0.02)),
        forearm=each((0.64, 0.77, 0.02), (0.53, 0.85, 0.02)),
        inner_elbow=both(-0.75, 0, 0.65),
        thigh=each((-0.03, -1, 0.02), (-0.13, -1, 0.02)),
        shin=each((-0.04, -1, -0.03), (-0.13, -1, -0.03)),
    )


_DEMO: Final = MappingProxyType(
    {
        "mountain": Asana("Mountain pose", "Tadasana", standing()),
        "upward_salute": Asana(
            "Upward salute",
            "Urdhva Hastasana",
            standing(
                upper_arm=both(0.30, 0.95, 0.04),
                forearm=both(0.25, 0.97, 0.02),
                inner_elbow=both(-0.75, 0, 0.65),
            ),
        ),
        "star": Asana(
            "Five-pointed star",
            "Utthita Tadasana",
            standing(
                upper_arm=both(1, 0.0, 0),
                forearm=both(1, 0.01, 0.02),
                inner_elbow=both(0, 0.4, 1),
                thigh=both(0.40, -1, 0.01),
                shin=both(0.40, -1, -0.02),
                toes=both(0.35, 0, 1),
            ),
        ),
        "goddess": Asana(
            "Goddess pose",
            "Utkata Konasana",
            standing(
                upper_arm=both(1, -0.05, 0.06),
                forearm=both(0.10, 1, 0.04),
                inner_elbow=both(0, 1, 0.1),
                thigh=both(0.82, -0.62, 0.24),
                shin=both(0.03, -1, -0.10),
                toes=both(0.75, 0, 0.75),
            ),
        ),
        "warrior_two_left": Asana(
            "Warrior II, left",
            "Virabhadrasana II",
            standing(
                head=frame(UP, (0.55, 0, 0.83)),
                upper_arm=both(1, 0.0, 0),
                forearm=both(1, 0.01, 0.01),
                inner_elbow=both(0, 0.7, 0.7),
                thigh=each((0.88, -0.47, 0.08), (-0.62, -0.78, 0)),
                shin=each((0.02, -1, -0.03), (-0.62, -0.78, -0.02)),
                toes=each((1, 0, 0.25), (-0.45, 0, 0.9)),
            ),
            levelled=RIGHT,
        ),
        "side_bend_left": Asana(
            "Standing side bend, left", "Parsva Urdhva Hastasana", _side_bend(), levelled=RIGHT
        ),
        "tree_left": Asana(
            "Tree pose, left foot raised",
            "Vrksasana",
            standing(
                upper_arm=both(0.42, 0.90, 0.05),
                forearm=both(-0.30, 0.95, 0.05),
                inner_elbow=both(-1, 0, 0.2),
                thigh=each((0.78, -0.60, 0.20), (-0.02, -1, 0.02)),
                shin=each((-0.83, -0.54, -0.13), (0.0, -1, -0.03)),
                toes=each((-0.22, -0.95, 0.20), (-0.1, 0, 1)),
                soles=each((0.83, -0.2, 0.4), UP),
            ),
            planted=(RIGHT,),
            group="balancing",
        ),
    }
)
"""The poses of the demo films, which stay as they are for the films to stay as they are."""


def _library() -> dict[str, Asana]:
    known = dict(_DEMO)
    for path in sorted(POSES.glob("*.toml")):
        known.update(read_poses(path))
    sided = {other_side(key): asana.mirrored() for key, asana in known.items()}
    return {**sided, **known}


ASANAS: Final = MappingProxyType(_library())
"""Key -> asana. Keys are what truth files call a pose; those of poses with two sides end in one."""
