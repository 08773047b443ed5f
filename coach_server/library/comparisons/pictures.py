"""The instructor's and the student's film as they are shown beside the skeletons."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from av import VideoFrame
from av.video.reformatter import VideoReformatter

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import Coco
from coach_server.coaching.in_view import SEEN_SCORE
from coach_server.coaching.track import Track
from coach_server.library.comparisons.paint import CARD, Colour, Picture, dot, stroke
from coach_server.video.limits import LET_IN
from coach_server.video.reader import FilmFrame, FilmReader

LIMBS: Final = (
    (Coco.LEFT_SHOULDER, Coco.RIGHT_SHOULDER),
    (Coco.LEFT_HIP, Coco.RIGHT_HIP),
    (Coco.LEFT_SHOULDER, Coco.LEFT_HIP),
    (Coco.RIGHT_SHOULDER, Coco.RIGHT_HIP),
    (Coco.LEFT_SHOULDER, Coco.LEFT_ELBOW),
    (Coco.LEFT_ELBOW, Coco.LEFT_WRIST),
    (Coco.RIGHT_SHOULDER, Coco.RIGHT_ELBOW),
    (Coco.RIGHT_ELBOW, Coco.RIGHT_WRIST),
    (Coco.LEFT_HIP, Coco.LEFT_KNEE),
    (Coco.LEFT_KNEE, Coco.LEFT_ANKLE),
    (Coco.RIGHT_HIP, Coco.RIGHT_KNEE),
    (Coco.RIGHT_KNEE, Coco.RIGHT_ANKLE),
)


class Pictures:
    """Frames of one film, asked for in order, each fitted into a box with its keypoints drawn.

    Args:
        track: of the film.
        frames: the film; None where there are no pictures.
        box: (width, height) in pixels.
        colour: of the keypoints.
    """

    def __init__(
        self,
        track: Track,
        frames: Iterator[FilmFrame] | None,
        box: tuple[int, int],
        colour: Colour,
    ) -> None:
        self._track, self._frames, self._box, self._colour = track, frames, box, colour
        self._reformatter = VideoReformatter()
        self._index = -1
        self._shown: int | None = None
        self._picture = np.full((box[1], box[0], 3), CARD, np.uint8)

    def at(self, index: int) -> Picture:
        """The box with frame `index`, which must not be before the one asked for last."""
        if index == self._shown:
            return self._picture
        self._shown = index
        width, height = self._track.image_size
        scale = min(self._box[0] / width, self._box[1] / height)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        left, top = (self._box[0] - size[0]) // 2, (self._box[1] - size[1]) // 2
        box = np.full((self._box[1], self._box[0], 3), CARD, np.uint8)
        found = self._frame(index)
        if found is not None:
            box[top : top + size[1], left : left + size[0]] = self._small(found.frame, size)
        self._draw(box, self._track.keypoints[index], scale, (left, top))
        self._picture = box
        return box

    def _small(self, frame: VideoFrame, size: tuple[int, int]) -> Picture:
        """A frame, upright and BGR, of that size: scaled while it is converted, which is cheap."""
        turns = frame.rotation // 90 % 4
        width, height = size[::-1] if turns % 2 else size
        small = self._reformatter.reformat(frame, width, height, "bgr24", threads=1)
        picture = small.to_ndarray()
        return np.asarray(np.rot90(picture, turns) if turns else picture, np.uint8)

    def _frame(self, index: int) -> FilmFrame | None:
        found = None
        while self._frames is not None and self._index < index:
            found = next(self._frames, None)
            if found is None:
                break
            self._index += 1
        return found

    def _draw(
        self, box: Picture, points: FloatArray, scale: float, corner: tuple[int, int]
    ) -> None:
        at = points[:, :2] * scale + np.array(corner, np.float32)
        seen = points[:, 2] >= SEEN_SCORE
        for one, other in LIMBS:
            if seen[one] and seen[other]:
                stroke(box, at[one], at[other], self._colour, 3)
        for point in {joint for limb in LIMBS for joint in limb}:
            if seen[point]:
                dot(box, at[point], 3.5, self._colour)


@contextmanager
def opened(
    film: Path | None, track: Track, box: tuple[int, int], colour: Colour
) -> Iterator[Pictures]:
    """The pictures of a film, or of a track alone.

    Raises:
        MediaError, TooLargeError: the film cannot be read.
    """
    if film is None:
        yield Pictures(track, None, box, colour)
        return
    with FilmReader(film, LET_IN) as reader:
        yield Pictures(track, iter(reader), box, colour)
