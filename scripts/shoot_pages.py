"""Photographs every page in every state: `python -m scripts.shoot_pages DIR [--only practice]`.

At 1280x720, 390x844 and 1920x1080, on a scripted server, and what is read while practising also at
a quarter of that, which is what three metres leave of a 15 inch screen. All pictures of a size are
on a sheet as well. Says what is wider than its window, what axe finds serious, and what pages do
that they should not. Needs the `test` extra and a Chromium.
"""

import argparse
from pathlib import Path

from scripts.command import run
from scripts.pages.gallery import Gallery
from scripts.pages.practice import browser, scripted_server, window_size
from scripts.pages.shooting import SCENES, SIZES, shoot


def main() -> None:
    """Photograph, and say what is wrong."""
    given = _arguments()
    given.folder.mkdir(parents=True, exist_ok=True)
    with scripted_server() as (server, data), browser() as opened:
        for size in given.size or SIZES:
            scheme = given.scheme or SIZES.get(size, "dark")
            gallery = Gallery(given.folder, size, scheme)
            shoot(opened, server, data, gallery, given.only or list(SCENES))
            print(gallery.sheet())
            print("\n".join(dict.fromkeys(gallery.complaints)), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", choices=list(SCENES))
    parser.add_argument("--size", nargs="+", type=window_size, metavar="WIDTHxHEIGHT")
    parser.add_argument("--scheme", choices=["dark", "light"])
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
