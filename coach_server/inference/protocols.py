"""What the pipeline asks of an engine: one frame in, one answer out, state inside."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import Keypoints
from coach_server.body.pose import Pose
from coach_server.inference.batching.gathering import Counts

Rgb: TypeAlias = NDArray[np.uint8]
"""(height, width, 3) RGB picture, upright; rows may be padded (a strided view is fine).

Detectors take four bytes a pixel as well, of which the last says nothing: such a picture is cropped
in less than half the time.
"""


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture as decoders give it: half the bytes of RGB, and the GPU makes that of it.

    Attributes:
        planes: (height * 3 / 2, width) uint8 of I420 (BT.601, limited range): all of Y, then U and
            V at half the size, one after the other; rows may be padded.
    """

    planes: NDArray[np.uint8]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, both even."""
        rows, width = self.planes.shape
        return width, rows * 2 // 3


Frame: TypeAlias = Rgb | Planes
"""An upright picture, as a decoder or as a camera gives it."""


def frame_size(frame: Frame) -> tuple[int, int]:
    """(width, height) of a frame in pixels."""
    if isinstance(frame, Planes):
        return frame.size
    height, width = frame.shape[:2]
    return width, height


class Progress(Protocol):
    """Is told how far a long piece of work has come."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """`done` of `total` bytes (None: not known) of what `stage` says in plain words."""


class KeypointDetector(Protocol):
    """Finds and tracks one person through the frames of one student."""

    @property
    def name(self) -> str:
        """The engine's name as `engines list` prints it."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same picture could give other keypoints."""

    def detect(self, rgb: Rgb) -> Keypoints | None:
        """Keypoints of the tracked person, None where nobody is found.

        The arrays of the result belong to the caller; `rgb` is not kept.
        """

    def reset(self) -> None:
        """Forget the tracked person."""

    def close(self) -> None:
        """Give back what is shared with others; afterwards nothing is asked of it."""


@runtime_checkable
class PlanesDetector(KeypointDetector, Protocol):
    """A detector that makes colours where it runs, so that nobody need convert them before."""

    def detect_in(self, frame: Frame) -> Keypoints | None:
        """As `detect`, also of `Planes`."""


class Lifter(Protocol):
    """Lifts one student's keypoints to 3D, causally: an answer depends on frames seen so far."""

    @property
    def name(self) -> str:
        """The engine's name as `engines list` prints it."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same keypoints could give another pose."""

    def lift(self, keypoints: Keypoints, t: float) -> Pose:
        """The pose at `t`, seconds on a clock that only goes forward."""

    def reset(self) -> None:
        """Forget all frames: after a gap nothing of the past may show."""

    def close(self) -> None:
        """Give back what is shared with others; afterwards nothing is asked of it."""


class EngineSet(Protocol):
    """The loaded models of one process, shared by all of its students."""

    def new_detector(self) -> KeypointDetector:
        """A detector with a state of its own, for one thread at a time; to be closed."""

    def new_lifter(self) -> Lifter:
        """A lifter with a state of its own, for one thread at a time; to be closed."""

    def fingerprints(self) -> dict[str, str]:
        """Of `keypoints` and `lifter`: changed, poses made before are of another kind."""

    def describe(self) -> dict[str, str]:
        """What runs and where, for people: device, keypoints, lifter, and what runs each."""

    def counts(self) -> dict[str, Counts]:
        """What became of the asks of students who run side by side, by the name of the engine."""

    def close(self) -> None:
        """End the threads that run the engines; afterwards nothing is asked of them."""
