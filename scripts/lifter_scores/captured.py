"""Motion capture of subjects that nothing was trained on, through the model of the errors."""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from coach_server.body.registration import mirrored_joints
from coach_server.inference.onnx_runtime import Model
from coach_server.inference.recipe import NetworkTable
from coach_server.inference.videopose.streams import Streams
from scripts.lifter.augmentation import flipped
from scripts.lifter.captured import Captured
from scripts.lifter.windows import Windows
from scripts.lifter_scores.errors import mpjpe_mm, pmpjpe_mm
from scripts.studio.mocap import MocapFile
from scripts.studio.noise_model import NoiseModel

WINDOWS: Final = 1500
FRAMES: Final = 45
AT_ONCE: Final = 250
SEED: Final = 20261


def windows_of_test_subjects(file: MocapFile, detector: NoiseModel) -> list[Windows]:
    """Windows of the test subjects, always the same, a part at a time."""
    source = Captured.as_it_is(file, "test", detector)
    rng = np.random.default_rng(SEED)
    return [source.draw(rng, AT_ONCE, FRAMES) for _ in range(WINDOWS // AT_ONCE)]


def captured(model: Model, network: NetworkTable, windows: list[Windows]) -> dict[str, Any]:
    """Errors at the last frame of each window, with the detector's depth and without."""
    figures: dict[str, Any] = {}
    for name, blind in (("with_depth", False), ("2d_only", True)):
        errors, aligned = [], []
        for part in windows:
            seen = replace(part, depth=np.full_like(part.depth, np.nan)) if blind else part
            counts = part.counts[:, -1]
            joints = _last(model, network, seen)
            if network.mirrored:
                image = flipped(seen, np.ones(len(joints), np.bool_))
                joints = (joints + mirrored_joints(_last(model, network, image))) / 2
            joints = joints[counts]
            truth = part.joints[:, -1][counts]
            errors.append(mpjpe_mm(joints, truth))
            aligned.append(pmpjpe_mm(joints, truth))
        figures[name] = {
            "mpjpe_mm": float(np.concatenate(errors).mean()),
            "pmpjpe_mm": float(np.concatenate(aligned).mean()),
        }
    truth = np.concatenate([part.joints[:, -1][part.counts[:, -1]] for part in windows])
    mean = truth.mean(axis=0, keepdims=True)
    figures["windows"] = len(truth)
    figures["mean_pose_mpjpe_mm"] = float(
        mpjpe_mm(np.broadcast_to(mean, truth.shape), truth).mean()
    )
    return figures


def _last(model: Model, network: NetworkTable, windows: Windows) -> np.ndarray:
    """(B, 17, 3) what a stream of the frames of each window comes to."""
    features = windows.features(network.encoding)
    slots = np.arange(len(features))
    streams = Streams(model, network.architecture, len(slots))
    joints, _ = streams.begin(slots, features[:, 0])
    for i in range(1, features.shape[1]):
        joints, _ = streams.step(slots, features[:, i])
    joints += windows.guess(network.encoding)[:, -1]
    joints[:, 0] = 0
    return joints
