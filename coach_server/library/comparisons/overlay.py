"""`overlay.mp4`: both skeletons on each other, the two pictures beside them, the errors as text."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import cv2

from coach_server.coaching.comparing.comparison import Comparison
from coach_server.coaching.comparing.findings import Finding
from coach_server.library.comparisons.bodies import Bodies
from coach_server.library.comparisons.paint import BLUE, RED, Picture
from coach_server.library.comparisons.pictures import opened
from coach_server.library.comparisons.scene import BOX, SIZE, STAGE, Scene
from coach_server.library.comparisons.side import Side
from coach_server.library.comparisons.stage import Stage
from coach_server.library.progress import FrameProgress

MOST_FPS: Final = 31.0
"""Of a student's film with more frames a second not all are drawn."""

_TIME_BASE: Final = Fraction(1, 90_000)
_X264: Final = {"preset": "veryfast", "crf": "23"}
_POSTER_WIDE: Final = 640
_QUALITY: Final = 85


def draw_overlay(
    comparison: Comparison,
    found: Sequence[Finding],
    instructor: Side,
    student: Side,
    folder: Path,
    progress: FrameProgress,
) -> None:
    """Write `overlay.mp4`, on the student's timeline and without sound, and `poster.jpg`.

    The poster is the moment of the greatest finding; without one, the middle.

    Raises:
        MediaError, TooLargeError: a film cannot be read.
    """
    theirs, ours = instructor.routine.track, student.routine.track
    stage = Stage(Bodies.of(comparison, theirs, ours), STAGE)
    frames = _drawn(comparison.t.tolist())
    at_s = found[0].t if found else float(comparison.t[-1]) / 2
    poster = min(frames, key=lambda frame: abs(float(comparison.t[frame]) - at_s))
    with (
        opened(instructor.film, theirs, BOX, BLUE) as one,
        opened(student.film, ours, BOX, RED) as other,
        _Writer(folder / "overlay.mp4", ours.fps) as out,
    ):
        scene = Scene(comparison, found, stage, one, other, (instructor.title, student.title))
        for done, frame in enumerate(frames, start=1):
            picture = scene.draw(frame)
            out.add(picture, float(comparison.t[frame]))
            if frame == poster:
                _save_poster(picture, folder / "poster.jpg")
            progress(done, len(frames))


def _drawn(times: list[float]) -> list[int]:
    """The frames that are drawn."""
    drawn: list[int] = []
    due = -1.0
    for i, t in enumerate(times):
        if t >= due - 1e-6:
            drawn.append(i)
            due = max(due, t) if due < 0 else due
            due = max(due + 1 / MOST_FPS, t)
    return drawn


class _Writer:
    """Encodes pictures as H.264 in mp4, index first."""

    def __init__(self, path: Path, fps: float) -> None:
        self._out = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        rate = Fraction(min(fps, MOST_FPS)).limit_denominator(1001)
        self._stream = self._out.add_stream("libx264", rate=rate, options=_X264)
        self._stream.width, self._stream.height = SIZE
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = _TIME_BASE

    def add(self, picture: Picture, t: float) -> None:
        """Show a picture from `t` seconds on."""
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts, frame.time_base = round(t / _TIME_BASE), _TIME_BASE
        self._out.mux(self._stream.encode(frame))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._out.mux(self._stream.encode(None))
        finally:
            self._out.close()


def _save_poster(picture: Picture, path: Path) -> None:
    height = round(_POSTER_WIDE * SIZE[1] / SIZE[0])
    small = cv2.resize(picture, (_POSTER_WIDE, height), interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    path.write_bytes(data.tobytes())
