"""From what the detector said to figures: how often, how far off, and on which side.

found      the share of the frames in which the person is found.
error      the distance in pixels from the true keypoint, of the frames in which one is found: over
           the keypoints that can be seen, and over all twelve of the limbs, hidden ones included.
size       of a body in a frame: the longer side of the box around all its true keypoints.
PCK 10 %   the share of the visible keypoints, in frames with somebody found, that are off by at
           most a tenth of the size.
swapped    arms or legs fit the truth better with left and right exchanged, by more than a
           twentieth of the size on the average of their six joints. In profile, where left and
           right nearly coincide, none is.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.skeleton import COCO_MIRROR, Coco
from scripts.keypoint_scores.sightings import Bools, Sightings
from scripts.studio.visibility import VISIBLE

WITHIN: Final = 0.1
"""Of a body's size: as near is right."""
EXCHANGED_BY: Final = 0.05
ARMS: Final = slice(Coco.LEFT_SHOULDER, Coco.RIGHT_WRIST + 1)
LEGS: Final = slice(Coco.LEFT_HIP, Coco.RIGHT_ANKLE + 1)
LIMBS: Final = slice(Coco.LEFT_SHOULDER, Coco.RIGHT_ANKLE + 1)

Errors = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """Figures of some frames; all but the counts are NaN where nobody was found.

    Attributes:
        frames: how many there are.
        at_once: in how many the person was found without having been followed.
        found: in how many the person was found.
        median_px, p90_px: error of the visible keypoints.
        limbs_px: median error of the twelve limb joints.
        median_of_size: median error of the visible keypoints as a share of the body's size.
        pck: PCK 10 %, 0 to 1.
        swapped: the share of the frames with somebody found in which sides are swapped.
    """

    frames: int
    at_once: int
    found: int
    median_px: float
    p90_px: float
    limbs_px: float
    median_of_size: float
    pck: float
    swapped: float

    @property
    def found_share(self) -> float:
        """0 to 1."""
        return self.found / self.frames


def score(sightings: Sightings) -> Score:
    """The figures of at least one frame."""
    seen = sightings.of(sightings.found)
    off, sizes = errors(seen), body_sizes(seen)
    visible = seen.visibility == VISIBLE
    shares = (off / sizes[:, None])[visible]
    return Score(
        frames=len(sightings.found),
        at_once=int(sightings.at_once.sum()),
        found=len(off),
        median_px=_quantile(off[visible], 0.5),
        p90_px=_quantile(off[visible], 0.9),
        limbs_px=_quantile(off[:, LIMBS], 0.5),
        median_of_size=_quantile(shares, 0.5),
        pck=_share(shares <= WITHIN),
        swapped=_share(swapped(seen)),
    )


def errors(seen: Sightings) -> Errors:
    """(T, 17) pixels from the true keypoints."""
    return np.asarray(np.linalg.norm(seen.detected - seen.keypoints, axis=2), np.float64)


def body_sizes(seen: Sightings) -> Errors:
    """(T,) pixels."""
    return np.asarray(np.ptp(seen.keypoints, axis=1).max(axis=1), np.float64)


def swapped(seen: Sightings) -> Bools:
    """(T,) whether arms or legs are on the wrong sides."""
    exchanged = np.linalg.norm(seen.detected[:, list(COCO_MIRROR)] - seen.keypoints, axis=2)
    better = (errors(seen) - exchanged) / body_sizes(seen)[:, None]
    arms, legs = better[:, ARMS].mean(axis=1), better[:, LEGS].mean(axis=1)
    return np.asarray(np.maximum(arms, legs) > EXCHANGED_BY, np.bool_)


def _quantile(values: Errors, share: float) -> float:
    return float(np.quantile(values, share)) if values.size else float("nan")


def _share(right: Bools) -> float:
    return float(right.mean()) if right.size else float("nan")
