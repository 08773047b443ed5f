"""BlazePose as a `KeypointDetector`: finds one person, follows, loses, and finds again."""

import math
from typing import Final

import numpy as np

from coach_server.body.keypoints import Keypoints
from coach_server.inference.batching.engine import Asking
from coach_server.inference.blazepose.landmarks import Landmarks, Region
from coach_server.inference.blazepose.person_detector import Person
from coach_server.inference.blazepose.roi import Roi
from coach_server.inference.protocols import Rgb

DECODER_VERSION: Final = 1
"""Part of the fingerprint: raised whenever the same network's outputs are read differently."""
_MIN_PRESENCE: Final = 0.5
_EAGER_MISSES: Final = 15
"""So many frames in a row are searched in vain before the search becomes rarer."""
_RARE: Final = 3
"""From then on only each so-manieth frame is searched: an empty room costs a third."""
_LOOKS_AROUND: Final = 45
"""After so many frames of one person the whole frame is looked at: somebody may have come. Of a
student who keeps still each third frame comes here."""
_SURE: Final = 0.6
"""Score from which somebody else is there: less may be a coat on its hook."""


class BlazePose:
    """Tracks one person; the state of one student, on networks that many share.

    The person detector runs on the first frame, after a loss, and now and then to see whether
    others are about. They are not looked at further; after a loss the person who stands where the
    lost one stood is preferred. How often an empty room is searched counts frames, not time: the
    same frames always give the same answers.

    Args:
        name: the engine's name.
        fingerprint: of the engine.
        search: a place at `PersonDetector`.
        landmarks: a place at `LandmarkNetwork`.

    Attributes:
        people: how many people the last search saw (0 before any): over 1, others are about.
        searches: frames that the person detector has looked at.

    """

    def __init__(
        self,
        name: str,
        fingerprint: str,
        search: Asking[Rgb, list[Person]],
        landmarks: Asking[Region, Landmarks],
    ) -> None:
        self._name = name
        self._fingerprint = fingerprint
        self._search = search
        self._landmarks = landmarks
        self.searches = 0
        self._roi: Roi | None = None
        self.reset()

    @property
    def name(self) -> str:
        """The engine's name as `engines list` prints it."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same picture could give other keypoints."""
        return self._fingerprint

    @property
    def looks_at(self) -> Roi | None:
        """The region of the next frame that will be read; None where all of it is searched."""
        return self._roi

    def follow(self, roi: Roi) -> None:
        """Read this region of the next frame, for callers who know where the person is."""
        self._roi = roi

    def reset(self) -> None:
        """Forget the tracked person."""
        self._size = (0, 0)
        self._roi = None
        self._last: Roi | None = None
        self._misses = 0
        self._tracked = 0
        self.people = 0

    def close(self) -> None:
        """Give the places at the networks back."""
        self._search.close()
        self._landmarks.close()

    def detect(self, rgb: Rgb) -> Keypoints | None:
        """Keypoints of the tracked person, None where nobody is found."""
        height, width = rgb.shape[:2]
        if (width, height) != self._size:  # the camera turned or changed: pixels mean others now
            self.reset()
            self._size = (width, height)
        roi = self._roi or self._find(rgb)
        self._roi = None
        if roi is None:
            self._misses += 1
            return None
        seen = self._landmarks.ask((rgb, roi))
        if seen.presence < _MIN_PRESENCE or not seen.next_roi.touches(width, height):
            self._misses += 1
            return None
        self._misses = 0
        self._roi = self._last = seen.next_roi
        self._tracked += 1
        if self._tracked % _LOOKS_AROUND == 0:
            self._look_around(rgb, seen.next_roi)
        points = np.empty((len(seen.pixels), 3), np.float32)
        points[:, :2] = seen.pixels / (width, height)
        points[:, 2] = seen.score
        people = max(self.people, 1)
        return Keypoints(points, seen.world[:, 2].copy(), seen.world, (width, height), people)

    def _find(self, rgb: Rgb) -> Roi | None:
        """The region of the person to track from now on, where this frame is searched at all."""
        if self._misses > _EAGER_MISSES and self._misses % _RARE:
            return None
        self.searches += 1
        found = self._search.ask(rgb)
        sure = sum(person.score >= _SURE for person in found)
        self.people = max(sure, min(len(found), 1))
        width, height = self._size
        people = [person for person in found if person.roi.touches(width, height)]
        return self._choose(people).roi if people else None

    def _look_around(self, rgb: Rgb, here: Roi) -> None:
        """Count who else is in the frame but the person in this region."""
        self.searches += 1
        others = [
            person
            for person in self._search.ask(rgb)
            if person.score >= _SURE
            and math.hypot(person.roi.x - here.x, person.roi.y - here.y) > here.size / 2
        ]
        self.people = 1 + len(others)

    def _choose(self, people: list[Person]) -> Person:
        """The one who stands where the lost one stood, or else the surest."""
        last = self._last
        if last is not None:
            nearest = min(people, key=lambda p: math.hypot(p.roi.x - last.x, p.roi.y - last.y))
            if math.hypot(nearest.roi.x - last.x, nearest.roi.y - last.y) < last.size / 2:
                return nearest
        return people[0]
