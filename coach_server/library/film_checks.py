"""What is to be said against a film as a routine: found while it is tracked, frame by frame."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, label, median_filter

from coach_server.body.keypoints import FloatArray
from coach_server.inference.protocols import Rgb
from coach_server.library.routine_file import FilmWarning, Span
from coach_server.pipeline.tracker import Tracked

LOW_FPS: Final = 14.0
"""At fewer frames a second movement is seen in jumps."""
SMALL: Final = 0.3
"""A body that is smaller than this share of the picture's shorter side is read badly."""
DARK: Final = 40.0
"""Mean brightness of what is around the body, of 255."""
CUT: Final = 14.0
"""Mean change of brightness between two pictures, of 255, from which they are not one scene's."""
CUT_RATIO: Final = 5.0
"""So many times the changes around it."""
EDGE: Final = 0.01
"""A joint that lies beyond the picture by this share of it is out of it."""
LASTS_S: Final = 1.0
"""What passes sooner is not worth a word."""
AWAY_S: Final = 2.0
"""Nobody in view for so long."""
MOST: Final = 12
"""Stretches named of one kind; beyond, the nearest are named as one."""

_ENDS: Final = (0, 9, 10, 15, 16)
"""COCO-17: nose, wrists, ankles."""
_THUMB: Final = (18, 32)
"""Rows and columns of the picture that cuts are told by."""


class FilmChecks:
    """Watches a film while it is tracked; costs some hundredths of the tracking."""

    def __init__(self) -> None:
        self._t: list[float] = []
        self._change: list[float] = []
        self._light: list[float] = []
        self._people: list[int] = []
        self._size: list[float] = []
        self._outside: list[bool] = []
        self._before: FloatArray | None = None

    def see(self, t: float, rgb: Rgb, row: Tracked | None) -> None:
        """Take in the next frame, shown at `t` seconds."""
        thumb = _thumb(rgb)
        light = float(thumb.mean())
        self._light.append(light if row is None else _light_around(thumb, row))
        thumb -= np.float32(light)  # a camera that adapts to the light is no cut
        before, self._before = self._before, thumb
        if before is not None and before.shape == thumb.shape:
            self._change.append(float(np.abs(thumb - before).mean()))
        else:
            self._change.append(0.0)
        self._t.append(t)
        self._people.append(0 if row is None else row.keypoints.people)
        if row is None:
            self._size.append(np.nan)
            self._outside.append(False)
            return
        points = row.keypoints.points[:, :2]
        self._size.append(_size(points, rgb.shape[:2]))
        ends = points[list(_ENDS)]
        self._outside.append(bool(((ends < -EDGE) | (ends > 1 + EDGE)).any()))

    def warnings(self, fps: float) -> tuple[FilmWarning, ...]:
        """What is to be said, in words that name a way out.

        Args:
            fps: of the film.
        """
        t = np.array(self._t)
        people, size = np.array(self._people), np.array(self._size)
        found = [
            _warning("cut", self._cuts(fps)),
            _warning("several_people", _stretches(people > 1, t, fps, LASTS_S)),
            _warning("out_of_frame", _stretches(np.array(self._outside), t, fps, LASTS_S)),
            _warning("nobody", _stretches(people == 0, t, fps, AWAY_S)),
        ]
        if fps < LOW_FPS:
            found.append(FilmWarning(code="low_rate", message=_WORDS["low_rate"].format(fps=fps)))
        seen = size[np.isfinite(size)]
        if len(seen) and np.median(seen) < SMALL:
            found.append(FilmWarning(code="small", message=_WORDS["small"]))
        if len(t) and np.median(self._light) < DARK:
            found.append(FilmWarning(code="dark", message=_WORDS["dark"]))
        return tuple(warning for warning in found if warning is not None)

    def _cuts(self, fps: float) -> list[Span]:
        """A picture that differs from the one before, where its neighbours do not."""
        change = np.array(self._change)
        if len(change) < 3:
            return []
        around = median_filter(change, size=2 * max(1, round(fps / 2)) + 1, mode="nearest")
        at = np.flatnonzero((change > CUT) & (change > CUT_RATIO * around))
        return [Span(start_s=round(self._t[i], 2), end_s=round(self._t[i], 2)) for i in at]


_WORDS: Final = {
    "cut": "The film is cut here: students cannot follow from one picture to the next. "
    "Use a film in one take, or trim it to one.",
    "several_people": "Somebody else is in the picture: the coach may follow the wrong one. "
    "Use a film of one person, or trim it.",
    "out_of_frame": "Hands, feet or head leave the picture here: what is not seen is not compared. "
    "Film from further away.",
    "nobody": "Nobody is seen here. Trim it away if it is at the beginning or the end.",
    "low_rate": "The film has {fps:.0f} pictures a second: quick movements are not followed well. "
    "Film with 25 or more.",
    "small": "The instructor is small in the picture, so poses are read less exactly. "
    "Film from nearer, or crop the film.",
    "dark": "The film is dark, so poses are read less exactly. Film with more light.",
}


def _warning(code: str, spans: Sequence[Span]) -> FilmWarning | None:
    if not spans:
        return None
    return FilmWarning(code=code, message=_WORDS[code], spans=tuple(_fewer(spans)))


def _stretches(
    is_so: NDArray[np.bool_], t: NDArray[np.float64], fps: float, least_s: float
) -> list[Span]:
    """When something is so for `least_s` seconds or more; shorter breaks do not end it."""
    if not is_so.any():
        return []
    frames = np.ones(max(1, round(least_s * fps / 2)))
    padded = np.pad(is_so, len(frames))
    closed = binary_closing(padded, frames)[len(frames) : -len(frames)]
    runs, count = label(closed)
    ends = [np.flatnonzero(runs == run)[[0, -1]] for run in range(1, count + 1)]
    return [
        Span(start_s=round(float(t[a]), 2), end_s=round(float(t[b]), 2))
        for a, b in ends
        if t[b] - t[a] >= least_s
    ]


def _fewer(spans: Sequence[Span]) -> list[Span]:
    """At most `MOST` of them: those with the smallest gaps between become one."""
    kept = list(spans)
    while len(kept) > MOST:
        gaps = [after.start_s - before.end_s for before, after in pairwise(kept)]
        i = int(np.argmin(gaps))
        kept[i : i + 2] = [Span(start_s=kept[i].start_s, end_s=kept[i + 1].end_s)]
    return kept


def _size(points: FloatArray, shape: tuple[int, ...]) -> float:
    """The body's larger extent as a share of the picture's shorter side: people also lie."""
    height, width = shape
    extent = np.ptp(points, axis=0) * (width, height)
    return float(extent.max()) / min(width, height)


def _light_around(thumb: FloatArray, row: Tracked) -> float:
    """Mean brightness where the body is: a black backdrop does no harm."""
    scale = np.array(thumb.shape[::-1])
    low, high = (
        np.clip(f(row.keypoints.points[:, :2], axis=0) * scale, 0, scale - 1).astype(int)
        for f in (np.min, np.max)
    )
    return float(thumb[low[1] : high[1] + 1, low[0] : high[0] + 1].mean())


def _thumb(rgb: Rgb) -> FloatArray:
    """`_THUMB` brightness: of each fourth line at the most, for that is enough."""
    rows, columns = _THUMB
    step_y, step_x = max(1, rgb.shape[0] // (rows * 4)), max(1, rgb.shape[1] // (columns * 4))
    green = np.ascontiguousarray(rgb[::step_y, ::step_x, 1])
    small = cv2.resize(green, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
