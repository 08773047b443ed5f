"""How far a plan's answers lie from those of the same network on the CPU in float32, and may lie.

A plan that is a little wrong coaches a little wrong, for ever and without a word: so none is kept
that was not compared.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.errors import EngineError
from coach_server.inference.keypoint_rcnn.detector import SOMEBODY, score_of
from coach_server.inference.keypoint_rcnn.sighting import Sighting
from coach_server.inference.tensorrt.plan import Precision

Measures = dict[str, float]

RCNN_LIMITS: Final[Mapping[Precision, Mapping[str, float]]] = {
    # Sums in another order: a few millionths of a feature, and now and then the neighbouring one of
    # two pixels of a heatmap that are as high.
    "float32": {
        "score": 0.005,
        "box, px": 0.25,
        "keypoints, median px": 0.1,
        "keypoints, 95 % px": 1.5,
    },
    # Eleven bits of a feature. Of a person who is 400 px tall these are half a per cent of the
    # height; COCO's own annotators differ by 2.5 % of a wrist's box and more.
    "float16": {
        "score": 0.02,
        "box, px": 2.0,
        "keypoints, median px": 1.0,
        "keypoints, 95 % px": 4.0,
    },
}
LIFTER_LIMITS: Final[Mapping[Precision, Mapping[str, float]]] = {
    "float32": {"joints, mm": 0.1, "sigma": 0.001},
    # Ours is off by .6 mm and .3 % in half precision on a CPU; it is 30 mm from the truth.
    "float16": {"joints, mm": 2.0, "sigma": 0.02},
}
_SEEN: Final = 0.5
"""Score of a keypoint from which it counts."""


def rcnn_off(expected: Sequence[Sighting], found: Sequence[Sighting]) -> Measures:
    """The largest distance of scores and of boxes, and how keypoints lie apart.

    Boxes count where the reference sees somebody, and keypoints where it sees them: where nothing
    is to be seen, they may be anywhere. Where it sees none at all, all of them count.
    """
    pairs = list(zip(expected, found, strict=True))
    seen = [pair for pair in pairs if pair[0].score >= SOMEBODY] or pairs
    boxes = [np.abs(one.box - other.box).max() for one, other in seen]
    points, others = (np.concatenate([pair[n].keypoints for pair in seen]) for n in (0, 1))
    sure = score_of(points[:, 2]) >= _SEEN
    counted = sure if sure.any() else np.ones_like(sure)
    apart = np.linalg.norm(points[counted, :2] - others[counted, :2], axis=1)
    return {
        "score": _worst([abs(one.score - other.score) for one, other in pairs]),
        "box, px": _worst(boxes),
        "keypoints, median px": float(np.median(apart)),
        "keypoints, 95 % px": float(np.percentile(apart, 95)),
    }


def lifter_off(
    expected: tuple[FloatArray, FloatArray], found: tuple[FloatArray, FloatArray]
) -> Measures:
    """The largest distance of a joint, and of a spread relative to the reference's."""
    (joints, sigma), (other_joints, other_sigma) = expected, found
    off = {"joints, mm": 1000 * _worst(np.linalg.norm(joints - other_joints, axis=-1))}
    if not np.isnan(sigma).all():
        off["sigma"] = _worst(np.abs(other_sigma / sigma - 1))
    return off


def check(name: str, off: Measures, limits: Mapping[str, float]) -> None:
    """Refuse a plan whose answers are too far off, or none at all.

    Raises:
        EngineError: they are; says by how much, and by how much they may be.
    """
    wrong = {measure: value for measure, value in off.items() if not value <= limits[measure]}
    if not wrong:
        return
    figures = "; ".join(f"{m} {value:.4g}, at most {limits[m]:g}" for m, value in wrong.items())
    raise EngineError(
        f"the plan of {name} is refused, for it does not answer as the CPU does: {figures}",
        hint="choose --keypoints blazepose-heavy or --device cpu, and report it with these figures",
        code="parity",
    )


def _worst(values: Sequence[float] | FloatArray) -> float:
    """The largest; NaN where any is."""
    worst = float(np.max(np.asarray(values, np.float64)))
    return worst if math.isfinite(worst) else math.nan
