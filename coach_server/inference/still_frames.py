"""A still frame need not be read: where nothing has moved, what was said of the last one holds."""

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import Keypoints
from coach_server.inference.protocols import EngineSet, KeypointDetector, Rgb

MOST: Final = 2
"""Frames in a row that are left out; what moves too faintly to be seen is late by no more."""
LEVELS: Final = 2.5
"""Grey levels, of 255, by which a place must change to count as moved.

A webcam's noise changes the mean of a place by 1 to 2. Of 480 rows, a forearm that stands out by 60
levels is seen to move from one pixel on, by 30 from two, by 15 from three.
"""
CELLS: Final = 64
"""Along the longer side of the picture; a place is three by three of them."""
MARGIN: Final = 0.25
"""How far beyond the keypoints the person may reach, in sizes of their box."""


def new_student_detector(engines: EngineSet, *, skip_still: bool) -> KeypointDetector:
    """A detector for a student's frames, which leaves out still ones where that is asked for.

    On a GPU a frame costs little, and no picture may be at hand: there each is read.
    """
    detector = engines.new_detector()
    return StillFrames(detector) if skip_still and _on_cpu(engines) else detector


def _on_cpu(engines: EngineSet) -> bool:
    return engines.describe()["device"] == "cpu"


class StillFrames:
    """A `KeypointDetector` that asks another only where something has moved around the person.

    A frame is compared with the last one that was read, never with one that was left out, so that
    slow movements add up. Nobody is left out with somebody else in view: whether they have gone is
    told by reading. What it says depends on the pictures alone, as the other's does.

    Args:
        detector: reads what has moved; closed with this.
    """

    def __init__(self, detector: KeypointDetector) -> None:
        self._detector = detector
        self._said: Keypoints | None = None
        self._left_out = 0
        self._shape: tuple[int, ...] = ()
        self._cell = 2
        self._read = self._seen = np.zeros((1, 1, 4), np.uint8)

    @property
    def name(self) -> str:
        """The engine's name as `engines list` prints it."""
        return self._detector.name

    @property
    def fingerprint(self) -> str:
        """Of the detector: a routine's track is made without leaving anything out."""
        return self._detector.fingerprint

    def detect(self, rgb: Rgb) -> Keypoints | None:
        """Keypoints of the tracked person, `repeated` where nothing has moved."""
        self._look(rgb)
        if self._said is not None and self._left_out < MOST and self._is_still(self._said):
            self._left_out += 1
            return _copied(self._said, repeated=True)
        self._left_out, self._said = 0, None
        self._read, self._seen = self._seen, self._read
        found = self._detector.detect(rgb)
        if found is not None and found.people == 1 and np.isfinite(found.points).all():
            self._said = _copied(found, repeated=False)
        return found

    def reset(self) -> None:
        """Forget the tracked person."""
        self._said = None
        self._detector.reset()

    def close(self) -> None:
        """Close the detector."""
        self._detector.close()

    def _look(self, rgb: Rgb) -> None:
        """Take the picture in, as the means of its cells; of every second row, which is enough."""
        if rgb.shape != self._shape:
            self._shape, self._said = rgb.shape, None
            self._cell = 2 * max(1, round(max(rgb.shape[:2]) / CELLS / 2))
            rows, columns = (max(1, side // self._cell) for side in rgb.shape[:2])
            self._read, self._seen = np.zeros((2, rows, columns, rgb.shape[2]), np.uint8)
        rows, columns = self._seen.shape[:2]
        whole = rgb[: rows * self._cell : 2, : columns * self._cell]
        cv2.resize(whole, (columns, rows), self._seen, interpolation=cv2.INTER_AREA)

    def _is_still(self, said: Keypoints) -> bool:
        around = self._around(said)
        change = cv2.absdiff(self._seen[around], self._read[around])
        return float(cv2.boxFilter(change, cv2.CV_32F, (3, 3)).max()) < LEVELS

    def _around(self, said: Keypoints) -> tuple[slice, slice]:
        """Rows and columns of cells that show the person."""
        places = said.pixels[:, :2]
        low, high = places.min(axis=0), places.max(axis=0)
        reach = MARGIN * (high - low).max()
        end = np.array(self._seen.shape[1::-1])
        first = np.clip((low - reach) // self._cell, 0, end - 1).astype(int)
        last = np.clip((high + reach) // self._cell + 1, first + 1, end).astype(int)
        return slice(first[1], last[1]), slice(first[0], last[0])


def _copied(said: Keypoints, *, repeated: bool) -> Keypoints:
    """The same in arrays of their own: who gets them may change them."""
    arrays: tuple[NDArray[np.float32], NDArray[np.float32]] = said.points.copy(), said.depth.copy()
    world = None if said.world is None else said.world.copy()
    return replace(said, points=arrays[0], depth=arrays[1], world=world, repeated=repeated)
