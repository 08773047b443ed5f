"""Whether a stated spread is the spread: how often the truth lies within it, how likely it is."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import H36m

AXES: Final = ("x", "y", "z")
WANTED: Final = (0.55, 0.80)


def calibration(
    views: Mapping[str, tuple[FloatArray, FloatArray]], constant: FloatArray
) -> dict[str, Any]:
    """Figures over joints, axes and views; the pelvis, the origin, has none.

    Args:
        views: view -> (N, 17, 3) errors in metres, and (N, 17, 3) stated spreads.
        constant: (17, 3) the spread that would be stated by who knows each joint's error on `dev`.

    Returns:
        By axis the share of coordinates within one spread, and the smallest and largest share of
        any joint from any view; the share of joints and views that are within `WANTED`; and mean
        negative log likelihoods in nats a coordinate, stated and constant.
    """
    within = {
        view: (np.abs(errors) < sigma).mean(axis=0)[1:] for view, (errors, sigma) in views.items()
    }
    every = np.stack(list(within.values()))
    errors = np.concatenate([errors for errors, _ in views.values()])[:, 1:]
    sigma = np.concatenate([sigma for _, sigma in views.values()])[:, 1:]
    stated = _nll(errors, sigma)
    known = _nll(errors, np.broadcast_to(constant[1:], errors.shape))
    return {
        "axes": {
            axis: {
                "within": float((np.abs(errors[..., i]) < sigma[..., i]).mean()),
                "lowest": _cell(every[..., i], int(every[..., i].argmin()), list(within)),
                "highest": _cell(every[..., i], int(every[..., i].argmax()), list(within)),
            }
            for i, axis in enumerate(AXES)
        },
        "cells_within": float(((every >= WANTED[0]) & (every <= WANTED[1])).mean()),
        "nll": stated,
        "nll_constant": known,
        "nll_better": (known - stated) / abs(known),
    }


def _nll(errors: FloatArray, sigma: FloatArray) -> float:
    likelihood = 0.5 * ((errors / sigma) ** 2 + np.log(2 * np.pi)) + np.log(sigma)
    return float(likelihood.mean())


def _cell(shares: FloatArray, at: int, views: list[str]) -> dict[str, Any]:
    view, joint = np.unravel_index(at, shares.shape)
    name = H36m(int(joint) + 1).name.lower()
    return {"share": float(shares[view, joint]), "joint": name, "view": views[int(view)]}
