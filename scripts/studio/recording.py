"""Collects what is true of a film while it is filmed."""

from typing import Any, Final

import numpy as np

from scripts.studio.camera import Camera
from scripts.studio.posing import Posed, Poser
from scripts.studio.rotations import Array
from scripts.studio.truth import FrameTruth, frame_truth
from scripts.studio.truth_file import (
    PHASES,
    Counts,
    Hold,
    KnownFault,
    KnownFidget,
    KnownMishap,
    Tracks,
)
from scripts.studio.visibility import Flags, Watcher

NOTHING: Final = -1
"""The index of a hold or a fault where there is none."""


class Happenings:
    """What happened in a film, from `truth.film_truth`; nothing in a clip of motion capture."""

    def __init__(self, known: dict[str, Any]) -> None:
        self.holds = tuple(Hold(**row) for row in known.get("holds", ()))
        self.faults = tuple(KnownFault(**row) for row in known.get("faults", ()))
        self.mishaps = tuple(KnownMishap(**row) for row in known.get("mishaps", ()))
        self.fidgets = tuple(KnownFidget(**row) for row in known.get("fidgets", ()))


class Recording:
    """The frames of one film.

    Args:
        poser: who is filmed.
        camera: what by.
    """

    def __init__(self, poser: Poser, camera: Camera) -> None:
        self._poser = poser
        self._camera = camera
        self._watcher = Watcher(poser)
        self._times: list[float] = []
        self._frames: list[FrameTruth] = []
        self._flags: list[Flags] = []

    def add(self, t: float, posed: Posed, depth: Array) -> None:
        """A frame: its time, where the bones are in it, and (height, width) metres."""
        self._times.append(t)
        self._frames.append(frame_truth(self._poser.figure, posed, self._camera))
        self._flags.append(self._watcher.flags(posed, self._camera, depth))

    def tracks(self, happenings: Happenings) -> Tracks:
        """All frames, and what happened in each."""
        times = np.array(self._times)
        hold, phase = _phases(times, happenings.holds)
        fault = np.full(len(times), NOTHING, np.int16)
        for i, known in enumerate(happenings.faults):
            fault[(times >= known.start) & (times <= known.end)] = i
        frames = self._frames
        return Tracks(
            time_s=times.astype(np.float32),
            world=np.array([frame.world for frame in frames], np.float32),
            camera=np.array([frame.camera for frame in frames], np.float32),
            keypoints=np.array([frame.keypoints for frame in frames], np.float32),
            visibility=np.array(self._flags, np.uint8),
            angles=np.array([frame.angles for frame in frames], np.float32),
            hold=hold,
            phase=phase,
            fault=fault,
        )


def _phases(times: Array, holds: tuple[Hold, ...]) -> tuple[Counts, Flags]:
    """(T,) the hold that is on or next, and (T,) indices into `PHASES`."""
    if not holds:
        clip = np.full(len(times), PHASES.index("clip"), np.uint8)
        return np.full(len(times), NOTHING, np.int16), clip
    ends = np.array([hold.end for hold in holds])
    starts = np.array([hold.start for hold in holds])
    hold = np.minimum(np.searchsorted(ends, times), len(holds) - 1)
    held = np.where(times >= starts[hold], PHASES.index("hold"), PHASES.index("transition"))
    return hold.astype(np.int16), held.astype(np.uint8)
