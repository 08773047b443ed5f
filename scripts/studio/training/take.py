"""What one sequence of the training set is made of, drawn from a seed and a number."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scripts.studio.draws import FOUR_TO_THREE, SIXTEEN_TO_NINE, draw_casting
from scripts.studio.mocap import Clip, MocapFile, sampling_weights
from scripts.studio.scene import Casting
from scripts.studio.training.flow import Flow, draw_flow
from scripts.studio.webcam import Sensor, draw_sensor

FPS: Final = 30
SECONDS: Final = (4.0, 7.0)
SHORTEST_S: Final = 3.2
WIDE_SHARE: Final = 0.2
"""The share of the pictures that are 16:9."""
FRONTAL_SHARE: Final = 0.55
"""The share of people who face the camera about as a student does; others face anywhere."""
FRONTAL_DEG: Final = 35.0
YAW_DEG: Final = 50.0
ROLL_DEG: Final = 1.5
SPEEDS: Final = (1.0, 1.0, 1.0, 0.5, 0.75, 1.25)
ELBOWS_DEG: Final = (-5.0, 20.0)
KNEES_DEG: Final = (-5.0, 15.0)
"""How far elbows and knees of motion capture are opened: it has no straight ones by itself."""
ROAM_M: Final = 0.7
"""Who walks about does so within this of the mat's middle."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A slice of motion capture and how it is done.

    Attributes:
        clip: name of the clip.
        start, frames: the slice, in frames of the clip.
        speed: as in `MocapMotion`.
        heading_deg: as in `MocapMotion`.
        elbows_deg, knees_deg: how far they are opened, as in `MocapMotion`.
        roaming: the share of the way along the floor that is gone.
    """

    clip: str
    start: int
    frames: int
    speed: float
    heading_deg: float
    elbows_deg: float
    knees_deg: float
    roaming: float


@dataclass(frozen=True, slots=True)
class Take:
    """A sequence before it is shot: either motion capture or asanas.

    Attributes:
        seed, number: what it was drawn from.
        casting: who is filmed, and where.
        sensor: by which webcam.
        seconds: how long it is.
        capture: the motion capture, None for asanas.
        flow: the asanas, None for motion capture.
    """

    seed: int
    number: int
    casting: Casting
    sensor: Sensor
    seconds: float
    capture: Capture | None
    flow: Flow | None


class Takes:
    """All sequences of a training set.

    Args:
        seed: of the set.
        file: the motion capture, of which the clips of the training subjects are used.
    """

    def __init__(self, seed: int, file: MocapFile) -> None:
        self._seed = seed
        self._file = file
        shortest = SHORTEST_S * file.fps * max(SPEEDS)
        self._clips = [c for c in file.clips if c.split == "train" and c.frames >= shortest]
        weights = sampling_weights(file, self._clips)
        self._chances = np.cumsum(weights) / weights.sum()
        self._ends = np.cumsum([clip.frames for clip in self._clips])

    def draw(self, number: int) -> Take:
        """The sequence of a number, always the same: motion capture where it is even."""
        rng = np.random.default_rng([self._seed, number])
        size = SIXTEEN_TO_NINE if rng.random() < WIDE_SHARE else FOUR_TO_THREE
        casting = draw_casting((self._seed, number), "train", size=size, yaw_deg=YAW_DEG)
        camera = replace(casting.camera, roll_deg=float(rng.normal(0.0, ROLL_DEG)))
        seconds = float(rng.uniform(*SECONDS))
        frontal = rng.random() < FRONTAL_SHARE
        heading = rng.normal(0.0, FRONTAL_DEG) if frontal else rng.uniform(-180.0, 180.0)
        take = Take(
            seed=self._seed,
            number=number,
            casting=replace(casting, camera=camera),
            sensor=draw_sensor(rng),
            seconds=seconds,
            capture=None,
            flow=None,
        )
        if number % 2 == 0:
            capture = self._draw_capture(rng, seconds, float(heading))
            lasts = (capture.frames - 1) / (self._file.fps * capture.speed)
            return replace(take, capture=capture, seconds=min(seconds, lasts))
        return replace(take, flow=draw_flow(rng, seconds, 0.0 if frontal else float(heading)))

    def _draw_capture(self, rng: np.random.Generator, seconds: float, heading: float) -> Capture:
        frame = int(np.searchsorted(self._chances, rng.random()))
        at = int(np.searchsorted(self._ends, frame, side="right"))
        clip = self._clips[at]
        within = frame - int(self._ends[at]) + clip.frames
        speed = float(rng.choice(SPEEDS))
        frames = min(int(np.ceil(seconds * self._file.fps * speed)) + 1, clip.frames)
        start = within - int(rng.integers(frames))
        start = min(max(start, 0), clip.frames - frames)
        return Capture(
            clip=clip.name,
            start=start,
            frames=frames,
            speed=speed,
            heading_deg=heading,
            elbows_deg=float(rng.uniform(*ELBOWS_DEG)),
            knees_deg=float(rng.uniform(*KNEES_DEG)),
            roaming=self._roaming(clip, start, frames),
        )

    def _roaming(self, clip: Clip, start: int, frames: int) -> float:
        roots = self._file.roots(clip)[start : start + frames, (0, 2)]
        furthest = np.linalg.norm(roots - np.median(roots, axis=0), axis=1).max()
        return float(min(1.0, ROAM_M / max(furthest, 1e-6)))
