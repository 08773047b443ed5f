"""Packs the training set for git, or restores it: `python -m scripts.pack_training pack|restore`.

Restoring computes the truth of motion capture again, a second a sequence, and needs the body data
and the clips; what is there already is left as it is.
"""

import argparse
from pathlib import Path

from rich.progress import track

from coach_server.settings import Settings
from scripts.command import run
from scripts.studio import body_data
from scripts.studio.mocap import MocapFile, default_path
from scripts.studio.training.corpus import PACKS, pack, restore


def main() -> None:
    """Pack or restore all."""
    settings = Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["pack", "restore"])
    parser.add_argument("--name", default=f"{settings.keypoints}-2026", help="of the set")
    parser.add_argument("--cache", type=Path, default=settings.cache)
    given = parser.parse_args()
    folder = given.cache / "studio" / "training" / given.name
    folder.mkdir(parents=True, exist_ok=True)
    if given.what == "pack":
        for path in pack(folder, PACKS):
            print(path.name, f"{path.stat().st_size / 1e6:.1f} MB")
        return
    body, file = body_data.pull(given.cache), MocapFile(default_path())
    for path in sorted(PACKS.glob(f"{given.name}-*.npz")):
        for _ in track(restore(path, folder, body, file), path.name):
            pass


if __name__ == "__main__":
    run(main)
