"""Makes a BlazePose for each student, on networks that all of them share."""

from typing import Final

from coach_server.inference.batching.gathering import BatchRules, Counts
from coach_server.inference.batching.places import Places
from coach_server.inference.blazepose.detector import BlazePose
from coach_server.inference.blazepose.landmarks import LandmarkNetwork, Landmarks, Region
from coach_server.inference.blazepose.person_detector import Person, PersonDetector
from coach_server.inference.protocols import KeypointDetector, Rgb
from coach_server.inference.runtime import LoadedModel

MOST_ON_GPU: Final = 16
"""Regions in a run there."""


class BlazePoseMaker:
    """As `DetectorMaker`.

    Args:
        name: the engine's name.
        fingerprint: of the engine.
        search: the loaded `blazepose-detector`.
        landmarks: the loaded landmark network.
        shared: whether students run side by side.
    """

    def __init__(
        self,
        name: str,
        fingerprint: str,
        search: LoadedModel,
        landmarks: LoadedModel,
        *,
        shared: bool,
    ) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.device = landmarks.device
        self.provider = landmarks.provider
        self._search: Places[Rgb, list[Person]] = Places(
            lambda: PersonDetector(search), name="person search", shared=shared
        )
        # On a CPU a frame a run, and as many runs at a time as there are cores: two frames in one
        # run take as long as two runs. On a GPU they take little longer than one.
        most = MOST_ON_GPU if self.device == "cuda" else 1
        rules = BatchRules(most=most, workers=1) if most > 1 else None
        self._landmarks: Places[Region, Landmarks] = Places(
            lambda: LandmarkNetwork(landmarks, most), name="landmarks", shared=shared, rules=rules
        )

    def new(self) -> KeypointDetector:
        """A detector for one student; for one thread at a time."""
        return BlazePose(self.name, self.fingerprint, self._search.place(), self._landmarks.place())

    def counts(self) -> dict[str, Counts]:
        """As `DetectorMaker.counts`."""
        return {places.name: places.counts for places in (self._search, self._landmarks)}

    def close(self) -> None:
        """End the threads that run the networks."""
        self._search.close()
        self._landmarks.close()
