"""What a detector said of a film, what it cost, and the files that keep it."""

import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import Keypoints
from coach_server.body.skeleton import JOINTS
from coach_server.inference.protocols import KeypointDetector, Rgb
from coach_server.sessions.load import Camera
from coach_server.video.pixels import PictureMaker
from coach_server.video.reader import FilmReader
from scripts.cheaper_keypoints.films import Film


@dataclass(frozen=True, slots=True)
class Seen:
    """T frames of one film.

    Attributes:
        time_s: (T,) seconds.
        size: (2,) width and height of the pictures.
        found: (T,) whether somebody was.
        points: (T, 17, 3) as `Keypoints.points`.
        world: (T, 17, 3) as `Keypoints.world`.
        cost_ms: (T,) CPU milliseconds of the detector's call.
        repeated: (T,) whether the frame was left out, for nothing had moved.
    """

    time_s: NDArray[np.float64]
    size: NDArray[np.int64]
    found: NDArray[np.bool_]
    points: NDArray[np.float32]
    world: NDArray[np.float32]
    cost_ms: NDArray[np.float64]
    repeated: NDArray[np.bool_]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Of a file of `write`."""
        with np.load(path, allow_pickle=False) as data:
            return cls(**{f.name: data[f.name] for f in fields(cls)})

    def write(self, path: Path) -> None:
        """Whole or not at all."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self)}
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        partial.replace(path)

    def keypoints(self, frame: int) -> Keypoints | None:
        """What was said of a frame."""
        if not self.found[frame]:
            return None
        world, size = self.world[frame], (int(self.size[0]), int(self.size[1]))
        return Keypoints(self.points[frame].copy(), world[:, 2].copy(), world.copy(), size)


def watch(film: Film, detector: KeypointDetector, sent: Camera) -> Seen:
    """Show a detector what a page sends of a film; making that is not the detector's cost."""
    maker = PictureMaker()
    time_s, found, cost_ms = [], [], []
    points, world, repeated = [], [], []
    size = np.zeros(2, np.int64)
    nobody = np.zeros((JOINTS, 3), np.float32)
    with FilmReader(film.path) as reader:
        for number, shown in enumerate(reader):
            if number % max(1, round(float(reader.fps) / sent.max_fps)):
                continue
            picture = scaled(maker.rgbx(shown.frame), sent.scale_down)
            start = time.thread_time_ns()
            seen = detector.detect(picture)
            cost_ms.append((time.thread_time_ns() - start) / 1e6)
            time_s.append(shown.time_s)
            found.append(seen is not None)
            repeated.append(seen is not None and seen.repeated)
            points.append(nobody if seen is None else seen.points)
            world.append(nobody if seen is None or seen.world is None else seen.world)
            size[:] = picture.shape[1], picture.shape[0]
    return Seen(
        np.array(time_s),
        size,
        np.array(found),
        np.array(points, np.float32),
        np.array(world, np.float32),
        np.array(cost_ms),
        np.array(repeated),
    )


def scaled(picture: Rgb, down: float) -> Rgb:
    """A picture whose sides are divided, each of its pixels the mean of those that it covers."""
    if down == 1:
        return picture
    size = round(picture.shape[1] / down), round(picture.shape[0] / down)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
