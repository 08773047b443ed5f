"""One picture of a film as a JPEG."""

from pathlib import Path
from typing import Final

import cv2

from coach_server.errors import MediaError
from coach_server.video.limits import LET_IN
from coach_server.video.pixels import PictureMaker
from coach_server.video.reader import FilmReader

_WIDEST: Final = 640
_QUALITY: Final = 82


def save_still(film: Path, at_s: float, target: Path) -> None:
    """Write the frame shown at `at_s` (or the last one before the end), at most 640 px wide.

    Raises:
        MediaError: the film cannot be read, or the picture not written.
    """
    picture = None
    with FilmReader(film, LET_IN) as reader:
        for shown in reader:
            picture = shown
            if shown.time_s >= at_s:
                break
    if picture is None:
        raise MediaError(f"{film.name} holds no picture.", hint="Give a film.")
    rgb = PictureMaker().rgb(picture.frame)
    scale = min(1.0, _WIDEST / rgb.shape[1])
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    encoded, data = cv2.imencode(
        ".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    )
    if not encoded:
        raise MediaError(f"No poster can be made of {film.name}.")
    target.write_bytes(data.tobytes())
