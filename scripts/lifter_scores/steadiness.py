"""How much joints tremble while someone keeps perfectly still, before and after smoothing."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from coach_server.body.skeleton import H36m
from coach_server.body.smoothing import OneEuro
from scripts.lifter_scores.sightings import Sighting
from scripts.lifter_scores.sources import Lifted

SETTLED_S: Final = 1.0


def steadiness(trials: Sequence[Sighting], said: Sequence[Lifted]) -> dict[str, Any]:
    """Standard deviations in millimetres over still trials: of a coordinate of each joint."""
    raw, smooth = [], []
    for trial, lifted in zip(trials, said, strict=True):
        if trial.kind != "still":
            continue
        rows = np.flatnonzero(lifted.present)
        filtered = OneEuro()
        steady = np.array([filtered.step(lifted.joints[i], i / trial.fps) for i in rows])
        settled = rows >= SETTLED_S * trial.fps
        raw.append(_spread_mm(lifted.joints[rows][settled]))
        smooth.append(_spread_mm(steady[settled]))
    before, after = np.array(raw), np.array(smooth)
    joints = after.mean(axis=0)
    worst = int(joints.argmax())
    return {
        "people": len(after),
        "raw_mm": float(before.mean()),
        "smoothed_mm": float(after.mean()),
        "worst_joint_mm": float(joints[worst]),
        "worst_joint": H36m(worst + 1).name.lower(),
        "worst_mm": float(after.max()),
    }


def _spread_mm(joints: np.ndarray) -> np.ndarray:
    """(16,) of (N, 17, 3): root mean square over the axes, without the pelvis."""
    spread: np.ndarray = 1000 * np.sqrt(joints[:, 1:].var(axis=0).mean(axis=-1))
    return spread
