"""One picture of the overlay: both films, both skeletons, the errors, and where it all is."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach_server.coaching.comparing.comparison import Comparison
from coach_server.coaching.comparing.findings import Finding
from coach_server.coaching.cues import LEAVE
from coach_server.library.comparisons.paint import (
    BLUE,
    CARD,
    DARK,
    GROUND,
    LINE,
    QUIET,
    RED,
    TEXT,
    Picture,
    card,
    fitting,
    of_excess,
    stroke,
    width_of,
    write,
)
from coach_server.library.comparisons.pictures import Pictures
from coach_server.library.comparisons.stage import Stage

SIZE: Final = (1280, 720)
BOX: Final = (392, 262)
"""Of a film's picture, pixels."""
STAGE: Final = (824, 532)
CALM_S: Final = 1.0
"""A number that changes with each frame cannot be read."""

_MARGIN: Final = 20
_TOPS: Final = (62, 390)
_STAGE_LEFT: Final = _MARGIN + BOX[0] + 24
_SAID_TOP: Final = 566
_STRIP: Final = (_STAGE_LEFT, 674, STAGE[0], 26)
_TITLES: Final = 2
"""Findings that are written at a time: more cannot be read."""


class Scene:
    """Composes the pictures of one overlay.

    Args:
        comparison: what is shown.
        found: its findings, the greatest first.
        stage: the skeletons.
        instructor, student: their films.
        titles: what these are called.
    """

    def __init__(
        self,
        comparison: Comparison,
        found: Sequence[Finding],
        stage: Stage,
        instructor: Pictures,
        student: Pictures,
        titles: tuple[str, str],
    ) -> None:
        self._comparison, self._found, self._stage = comparison, found, stage
        self._instructor, self._student = instructor, student
        self._off = _mean_deviations(comparison)
        self._empty = self._background(titles)

    def draw(self, frame: int) -> Picture:
        """The picture of one of the student's frames; frames are to be asked for in order."""
        picture = self._empty.copy()
        matched = int(self._comparison.frame[frame])
        if matched >= 0:
            self._film(picture, _TOPS[0], self._instructor.at(matched))
            self._clock(picture, _TOPS[0], float(self._comparison.routine_t[frame]))
        else:
            self._nothing(picture)
        self._film(picture, _TOPS[1], self._student.at(frame))
        self._clock(picture, _TOPS[1], float(self._comparison.t[frame]))
        top = _MARGIN + 6
        picture[top : top + STAGE[1], _STAGE_LEFT + 6 : _STAGE_LEFT + STAGE[0] - 6] = (
            self._stage.draw(frame)[:, 6:-6]
        )
        self._numbers(picture, frame)
        self._say(picture, frame)
        self._playhead(picture, frame)
        return picture

    def _background(self, titles: tuple[str, str]) -> Picture:
        """What is the same in all pictures."""
        picture = np.full((SIZE[1], SIZE[0], 3), GROUND, np.uint8)
        for top, name, title, colour in zip(
            _TOPS, ("Instructor", "Student"), titles, (BLUE, RED), strict=True
        ):
            card(picture, _MARGIN - 5, top - 5, BOX[0] + 10, BOX[1] + 10, colour)
            cv2.circle(picture, (_MARGIN + 9, top - 25), 9, colour, -1, cv2.LINE_AA)
            write(picture, name, (_MARGIN + 28, top - 16), 27, TEXT, weight=700)
            left = _MARGIN + 40 + width_of(name, 27, 700)
            room = BOX[0] - 128 - width_of(name, 27, 700)
            if room > 60:
                write(picture, fitting(title, 20, room), (left, top - 17), 20, QUIET)
        card(picture, _STAGE_LEFT, _MARGIN, STAGE[0], STAGE[1] + 12)
        self._strip(picture)
        self._legend(picture)
        return picture

    @staticmethod
    def _legend(picture: Picture) -> None:
        """What the colours of the limbs mean."""
        base = SIZE[1] - _MARGIN - 6
        for left, excess, text in ((_MARGIN, 0.0, "fits"), (_MARGIN + 130, 1.5, "off, thicker")):
            colour, times = of_excess(excess)
            edge = TEXT if excess >= 1.0 else DARK
            stroke(picture, (left + 8, base - 8), (left + 44, base - 8), edge, 9 * times + 4)
            stroke(picture, (left + 8, base - 8), (left + 44, base - 8), colour, 9 * times)
            write(picture, text, (left + 62, base), 22, QUIET)

    @staticmethod
    def _film(picture: Picture, top: int, shown: Picture) -> None:
        picture[top : top + BOX[1], _MARGIN : _MARGIN + BOX[0]] = shown

    @staticmethod
    def _clock(picture: Picture, top: int, seconds: float) -> None:
        write(
            picture,
            f"{int(seconds // 60)}:{seconds % 60:04.1f}",
            (_MARGIN + BOX[0], top - 16),
            24,
            QUIET,
            align=cv2.PUT_TEXT_ALIGN_RIGHT,
        )

    @staticmethod
    def _nothing(picture: Picture) -> None:
        """In place of the instructor where there is no moment of theirs."""
        top = _TOPS[0]
        picture[top : top + BOX[1], _MARGIN : _MARGIN + BOX[0]] = CARD
        middle = _MARGIN + BOX[0] // 2, top + BOX[1] // 2 + 8
        centre = cv2.PUT_TEXT_ALIGN_CENTER
        write(picture, "not part of the routine", middle, 24, QUIET, align=centre)

    def _numbers(self, picture: Picture, frame: int) -> None:
        """The errors as text, large."""
        left = _STAGE_LEFT + 26
        off = float(self._off[frame])
        if np.isfinite(off):
            write(picture, f"{off:.0f}°", (left, _MARGIN + 58), 54, TEXT, weight=700)
            write(picture, "mean deviation", (left, _MARGIN + 86), 21, QUIET)
        error = float(self._comparison.yoga_pose[frame])
        if np.isfinite(error):
            right = _STAGE_LEFT + STAGE[0] - 26
            end = cv2.PUT_TEXT_ALIGN_RIGHT
            write(picture, f"{int(error)}", (right, _MARGIN + 58), 54, TEXT, weight=700, align=end)
            write(picture, "yoga-pose error", (right, _MARGIN + 86), 21, QUIET, align=end)

    def _say(self, picture: Picture, frame: int) -> None:
        """What is wrong at this moment: the greatest of what lasts."""
        t = float(self._comparison.t[frame])
        now = [one for one in self._found if one.start_s <= t <= one.end_s][:_TITLES]
        for i, one in enumerate(now):
            base = _SAID_TOP + 36 + 40 * i
            colour, _ = of_excess(one.excess)
            cv2.circle(picture, (_STAGE_LEFT + 14, base - 10), 9, colour, -1, cv2.LINE_AA)
            line = fitting(one.off[:1].upper() + one.off[1:], 32, STAGE[0] - 44, 600)
            write(picture, line, (_STAGE_LEFT + 38, base), 32, TEXT, weight=600)
        held = int(self._comparison.hold[frame]) >= 0
        if not now and held and self._comparison.judged[frame].any():
            write(picture, "Nothing stands out", (_STAGE_LEFT, _SAID_TOP + 34), 32, QUIET)

    def _strip(self, picture: Picture) -> None:
        """How far off the student is over the whole film: the higher and the lighter, the worse."""
        left, top, width, height = _STRIP
        cv2.rectangle(picture, (left, top), (left + width - 1, top + height - 1), LINE, -1)
        t, worst = self._comparison.t, self._comparison.excess.max(axis=1)
        edges = np.searchsorted(t, np.linspace(0.0, float(t[-1]), width + 1), "right")
        for x in range(width):
            shown = worst[min(edges[x], edges[x + 1] - 1) : edges[x + 1]]
            if (level := float(np.median(shown))) >= LEAVE:
                colour, _ = of_excess(level)
                high = round(height * min(level / 2, 1.0))
                start, end = (left + x, top + height - 1), (left + x, top + height - high)
                cv2.line(picture, start, end, colour, 1)

    def _playhead(self, picture: Picture, frame: int) -> None:
        left, top, width, height = _STRIP
        last = max(float(self._comparison.t[-1]), 1e-6)
        x = left + round(float(self._comparison.t[frame]) / last * (width - 1))
        cv2.line(picture, (x, top - 6), (x, top + height + 5), TEXT, 3)


def _mean_deviations(comparison: Comparison) -> NDArray[np.float64]:
    """(T,) degrees, the mean over the angles that are judged and over a second; NaN without any."""
    sizes = np.where(comparison.judged, np.abs(comparison.degrees), 0.0)
    total = np.pad(np.cumsum(sizes.sum(axis=1, dtype=np.float64)), (1, 0))
    count = np.pad(np.cumsum(comparison.judged.sum(axis=1)), (1, 0))
    first = np.searchsorted(comparison.t, comparison.t - CALM_S)
    after = np.arange(1, len(comparison.t) + 1)
    judged = count[after] - count[first]
    mean = (total[after] - total[first]) / np.maximum(judged, 1)
    return np.where(judged > 0, mean, np.nan)
