"""Writes the poses of the studio's library as the product knows them, to suggest names.

    python -m scripts.export_poses          writes coach_server/library/poses.json

Of each pose the limbs' directions, as a body of usual build takes it that faces the camera: camera
axes, in hundredths.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.progress import track

from coach_server.body.registration import limb_directions
from coach_server.settings import Settings
from scripts.command import run
from scripts.studio import body_data
from scripts.studio.asana import Asana
from scripts.studio.asanas import ASANAS
from scripts.studio.figure import Shape, build
from scripts.studio.footwork import place
from scripts.studio.posing import Poser
from scripts.studio.skeletons import h36m_joints

FILE: Final = Path("coach_server/library/poses.json")


def main() -> None:
    """Pose a body and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, default=Settings().cache)
    parser.add_argument("--to", type=Path, default=FILE)
    given = parser.parse_args()
    poser = Poser(build(body_data.pull(given.cache), Shape()))
    poses = [_pose(poser, asana) for asana in track(ASANAS.values(), transient=True)]
    lines = ",\n".join(json.dumps(pose, separators=(",", ":")) for pose in poses)
    given.to.write_text(f"[\n{lines}\n]\n", "utf-8")


def _pose(poser: Poser, asana: Asana) -> dict[str, Any]:
    placed = place(poser, asana)
    joints = h36m_joints(poser.figure, poser.pose(placed.stance, placed.pelvis))
    facing = ((joints - joints[0]) * (1.0, -1.0, -1.0)).astype(np.float32)
    limbs = np.rint(100.0 * limb_directions(facing)).astype(int)
    return {"english": asana.english, "sanskrit": asana.sanskrit, "limbs": limbs.tolist()}


if __name__ == "__main__":
    run(main)
