"""What is kept of a training sequence: what the detector said, and what the truth is made from.

A file `NNNNNN.npz` holds one sequence of T frames; `pack.npz` files hold many. Arrays are kept as
differences from frame to frame, which compress best:

    take      JSON: what the sequence was made of (`take.Take`)
    found     (T,) whether the detector found somebody
    shown     (T,) whether it had to be shown where the person is: it had not found them for long
    pixels    (T, 17, 2) COCO-17, 1/16 pixel; 0 where nobody was found
    score     (T, 17) 1/255
    world     (T, 17, 3) the detector's own 3D in COCO order, STEP_M, camera axes from mid-hip
    joints    (T, 17, 3) H36M-17, STEP_M, camera axes x right, y down, z forward, from the camera;
              (0, 17, 3) in packs for motion capture, whose truth is computed again from its clip
    check     (3,) metres, mean absolute coordinate of the joints in the first, middle and last
              frame: tells whether truth computed again is the one that was filmed
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scripts.studio.scene import Casting
from scripts.studio.training.take import Take

SIXTEENTHS: Final = 16.0
SCORE_STEPS: Final = np.float32(255.0)
STEP_M: Final = 0.0005
MOVING: Final = ("pixels", "score", "world", "joints")
FIELDS: Final = ("take", "found", "shown", *MOVING, "check")


@dataclass(frozen=True, slots=True)
class Record:
    """One sequence as it is kept.

    Attributes:
        take: what it was made of, as JSON has it.
        found: (T,) bool.
        shown: (T,) bool.
        pixels: (T, 17, 2) float32, COCO-17, pixels from the upper left corner.
        score: (T, 17) float32, 0..1.
        world: (T, 17, 3) float32, metres.
        joints: (T, 17, 3) float32, metres; T is 0 where the truth is to be computed again.
        check: (3,) float32, metres.
    """

    take: Mapping[str, Any]
    found: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    pixels: NDArray[np.float32]
    score: NDArray[np.float32]
    world: NDArray[np.float32]
    joints: NDArray[np.float32]
    check: NDArray[np.float32]

    def packed(self) -> dict[str, NDArray[Any]]:
        """The arrays of a file."""
        scores = np.round(self.score * SCORE_STEPS).astype(np.uint8)
        return {
            "take": np.frombuffer(json.dumps(self.take).encode(), np.uint8),
            "found": self.found,
            "shown": self.shown,
            "pixels": _steps(self.pixels * SIXTEENTHS),
            "score": np.diff(scores, axis=0, prepend=np.uint8(0)),
            "world": _steps(self.world / STEP_M),
            "joints": _steps(self.joints / STEP_M),
            "check": self.check,
        }


def unpacked(arrays: Mapping[str, NDArray[Any]]) -> Record:
    """A record of the arrays of a file."""
    return Record(
        take=json.loads(arrays["take"].tobytes()),
        found=arrays["found"],
        shown=arrays["shown"],
        pixels=_sum(arrays["pixels"]) / np.float32(SIXTEENTHS),
        score=np.cumsum(arrays["score"], axis=0, dtype=np.uint8).astype(np.float32) / SCORE_STEPS,
        world=_sum(arrays["world"]) * np.float32(STEP_M),
        joints=_sum(arrays["joints"]) * np.float32(STEP_M),
        check=arrays["check"],
    )


def described(take: Take) -> dict[str, Any]:
    """A take as JSON has it, without what only the eye sees."""
    return asdict(take) | {"casting": seen_of(take.casting)}


def seen_of(casting: Casting) -> dict[str, Any]:
    """Body and camera of a casting as JSON has them."""
    known = asdict(casting)
    for unseen in ("outfit", "decor", "manner"):
        del known[unseen]
    return known


def truth_check(joints: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """(3,) of (T, 17, 3) joints."""
    frames = joints[[0, len(joints) // 2, len(joints) - 1]]
    return np.asarray(np.abs(frames).mean(axis=(1, 2)), np.float32)


def write(path: Path, record: Record) -> None:
    """Write one sequence, whole or not at all."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **record.packed())
    partial.replace(path)


def _steps(values: NDArray[np.floating[Any]]) -> NDArray[np.int16]:
    """Differences in time of values rounded to int16; sums wrap as differences do."""
    limit = np.iinfo(np.int16)
    whole = np.clip(np.round(values), limit.min, limit.max).astype(np.int16)
    return np.diff(whole, axis=0, prepend=np.int16(0))


def _sum(steps: NDArray[np.int16]) -> NDArray[np.float32]:
    return np.cumsum(steps, axis=0, dtype=np.int16).astype(np.float32)
