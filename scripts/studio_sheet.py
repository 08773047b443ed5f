"""A contact sheet of the pose library, to be looked at: `python -m scripts.studio_sheet OUT.png`.

Needs what `scripts/render_demo.py` needs. A quarter of a second a pose on one core.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw
from rich.progress import track

from coach_server.errors import InputError
from coach_server.settings import Settings
from scripts.studio import body_data
from scripts.studio.asanas import ASANAS
from scripts.studio.casts import CASTS
from scripts.studio.footwork import place
from scripts.studio.scene import Scene

COLUMNS: Final = 5
TILE: Final = (384, 288)


def sheet(keys: list[str], cast: str, cache: Path) -> Image.Image:
    """Pictures of poses in rows, each with its key."""
    scene = Scene(CASTS[cast], body_data.pull(cache))
    poser = scene.poser
    rows = -(-len(keys) // COLUMNS)
    page = Image.new("RGB", (TILE[0] * COLUMNS, TILE[1] * rows))
    pen = ImageDraw.Draw(page)
    mountain = place(poser, ASANAS["mountain"])
    for i, key in enumerate(track(keys, cast)):
        picture, _ = scene.still(place(poser, ASANAS[key], mountain))
        corner = (i % COLUMNS * TILE[0], i // COLUMNS * TILE[1])
        page.paste(Image.fromarray(picture).resize(TILE, Image.Resampling.LANCZOS), corner)
        pen.text((corner[0] + 6, corner[1] + 4), key, fill=(0, 0, 0))
    scene.close()
    return page


def main() -> None:
    """Draw the poses that are named, or all but the right sides of those that have two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("poses", nargs="*", choices=[*ASANAS, []])
    parser.add_argument("--cast", choices=CASTS, default="instructor")
    parser.add_argument("--cache", type=Path, default=Settings().cache)
    given = parser.parse_args()
    left = [key for key in ASANAS if not key.endswith("_right")]
    sheet(given.poses or left, given.cast, given.cache).save(given.out)


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)
        sys.exit(error.exit_code)
