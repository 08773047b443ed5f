"""How well a network does on windows that it has not learnt from."""

from typing import Final

import numpy as np
import torch

from coach_server.body.angles import joint_angles, wrap_degrees
from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import mirrored_joints
from coach_server.body.skeleton import H36M_MIRROR, JOINTS
from coach_server.inference.videopose.encoding import Encoding
from scripts.lifter.augmentation import flipped
from scripts.lifter.network import VideoPose
from scripts.lifter.windows import Windows
from scripts.lifter_scores.errors import mpjpe_mm, pmpjpe_mm

_AT_ONCE: Final = 256
_WITHIN_ONE: Final = 0.6827
"""The share of a normal distribution within one standard deviation."""


def evaluate(network: VideoPose, windows: Windows, encoding: Encoding) -> dict[str, float]:
    """Figures over the last frame of each window, as a live lifter would answer it.

    As live, the mean is taken of the answers for the body as seen and for its mirror image.

    Args:
        network: to be judged; it is put into evaluation.
        windows: of at least as many frames as an answer looks at.
        encoding: that it was trained on.

    Returns:
        `mpjpe_mm`, mean distance of joints; `pmpjpe_mm`, the same after the best similarity; the
        joint angles' absolute errors `angle_median_deg` and `angle_p90_deg`; and where there is a
        spread, `within_sigma`, the share of coordinates within one, and `nll`, nats a coordinate.
    """
    joints, log_sigma = _last_answers(network, windows, encoding)
    truth = windows.joints[:, -1]
    error = joints - truth
    angles = np.abs(wrap_degrees(joint_angles(joints) - joint_angles(truth)))
    figures = {
        "mpjpe_mm": mpjpe_mm(joints, truth).mean(),
        "pmpjpe_mm": pmpjpe_mm(joints, truth).mean(),
        "angle_median_deg": np.median(angles),
        "angle_p90_deg": np.percentile(angles, 90),
    }
    if log_sigma.size:
        ratio = (error / np.exp(log_sigma))[:, 1:]
        figures["within_sigma"] = (np.abs(ratio) < 1).mean()
        likelihood = 0.5 * (ratio**2 + np.log(2 * np.pi)) + log_sigma[:, 1:]
        figures["nll"] = likelihood.mean()
    return {name: float(value) for name, value in figures.items()}


def spread_corrections(network: VideoPose, windows: Windows, encoding: Encoding) -> FloatArray:
    """(17, 3) logarithms of what each spread is to be multiplied with.

    Then the truth of these windows lies within one spread as often as with a normal distribution.
    The pelvis, which is the origin, is left alone.
    """
    joints, log_sigma = _last_answers(network, windows, encoding)
    ratio = np.abs(joints - windows.joints[:, -1]) / np.exp(log_sigma)
    corrections = np.zeros((JOINTS, 3), np.float32)
    ratio = np.concatenate([ratio, ratio[:, H36M_MIRROR]])  # either side is as likely
    corrections[1:] = np.log(np.quantile(ratio[:, 1:], _WITHIN_ONE, axis=0))
    return corrections


def _last_answers(
    network: VideoPose, windows: Windows, encoding: Encoding
) -> tuple[FloatArray, FloatArray]:
    """Joints (N, 17, 3) and logarithms of spreads, if any, for the last frame of each window."""
    joints, sigma = _one_sided(network, windows, encoding)
    image, image_sigma = _one_sided(
        network, flipped(windows, np.ones(len(windows.points), np.bool_)), encoding
    )
    joints = np.asarray((joints + mirrored_joints(image)) / 2, np.float32)
    joints[:, 0] = 0
    return joints, np.log((sigma + image_sigma[:, H36M_MIRROR]) / 2) if sigma.size else sigma


def _one_sided(
    network: VideoPose, windows: Windows, encoding: Encoding
) -> tuple[FloatArray, FloatArray]:
    """Joints and spreads, if any, of the windows as they are."""
    network.eval()
    skipped = windows.points.shape[1] - network.architecture.receptive_field
    features = torch.from_numpy(windows.features(encoding)[:, skipped:])
    with torch.inference_mode():
        answers = [network(part) for part in torch.split(features, _AT_ONCE)]
    joints, log_sigma = (
        torch.cat([part[:, -1] for part in parts]).float().numpy()
        for parts in zip(*answers, strict=True)
    )
    return joints + windows.guess(encoding)[:, -1], np.exp(log_sigma)
