"""Where 3D joints come from: each lifter behind the product's own tracker, and what it replaces."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.pose import Pose
from coach_server.body.skeleton import JOINTS
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.protocols import Lifter, Rgb
from coach_server.inference.world_lifter import h36m_joints
from coach_server.pipeline.tracker import PoseTracker
from scripts.lifter_scores.sightings import Sighting

RAW: Final = "BlazePose world"
NO_PICTURE: Final = np.zeros((1, 1, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Lifted:
    """What a source says of T frames.

    Attributes:
        joints: (T, 17, 3) metres; NaN where it says nothing.
        sigma: (T, 17, 3) metres; NaN where it has none.
        present: (T,) whether it says something of which the sides are sure.
    """

    joints: FloatArray
    sigma: FloatArray
    present: NDArray[np.bool_]


Source: TypeAlias = Callable[[Sighting], Lifted]


class RawWorld:
    """BlazePose's own 3D as it is, with H36M's inner joints by proportions."""

    name = fingerprint = RAW

    def lift(self, keypoints: Keypoints, t: float) -> Pose:
        """The detector's joints in the other skeleton."""
        del t
        world = keypoints.world
        if world is None:
            raise ValueError("The detector has no 3D of its own.")
        return Pose(h36m_joints(world), np.full((JOINTS, 3), np.nan, np.float32))

    def reset(self) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """There is nothing to give back."""


class Replay:
    """A detector that says what was said of each frame."""

    name = fingerprint = "replay"

    def __init__(self, said: tuple[Keypoints | None, ...]) -> None:
        self._said = iter(said)

    def detect(self, rgb: Rgb) -> Keypoints | None:
        """What was said of the next frame, whatever is in the picture."""
        del rgb
        return next(self._said)

    def reset(self) -> None:
        """Frames go on."""

    def close(self) -> None:
        """There is nothing to give back."""


def raw_world() -> Source:
    """BlazePose's own 3D, behind the same guard of the sides."""
    return _source(RawWorld)


def engine(lifter: LoadedLifter) -> Source:
    """One of our lifters."""
    return _source(lifter.new)


def _source(new: Callable[[], Lifter]) -> Source:
    def lift(trial: Sighting) -> Lifted:
        tracker = PoseTracker(Replay(trial.keypoints), new())
        count = len(trial.keypoints)
        joints, sigma = np.full((2, count, JOINTS, 3), np.nan, np.float32)
        present = np.zeros(count, np.bool_)
        for i in range(count):
            tracked = tracker.step(NO_PICTURE, i / trial.fps)
            if tracked is not None:
                joints[i], sigma[i] = tracked.pose.joints, tracked.pose.sigma
                present[i] = tracked.sides_sure
        return Lifted(joints, sigma, present)

    return lift
