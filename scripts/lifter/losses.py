"""What is learnt: where joints are, how sure that is, and what is judged of poses."""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from coach_server.body.registration import LIMBS
from coach_server.body.skeleton import H36m

_EPSILON: Final = 1e-6
_FLEXIONS: Final = (
    (H36m.LEFT_SHOULDER, H36m.LEFT_ELBOW, H36m.LEFT_WRIST),
    (H36m.RIGHT_SHOULDER, H36m.RIGHT_ELBOW, H36m.RIGHT_WRIST),
    (H36m.LEFT_HIP, H36m.LEFT_KNEE, H36m.LEFT_ANKLE),
    (H36m.RIGHT_HIP, H36m.RIGHT_KNEE, H36m.RIGHT_ANKLE),
)
_THIGHS: Final = ((H36m.LEFT_HIP, H36m.LEFT_KNEE), (H36m.RIGHT_HIP, H36m.RIGHT_KNEE))
_ON_THORAX: Final = (
    (H36m.LEFT_SHOULDER, H36m.LEFT_ELBOW),
    (H36m.RIGHT_SHOULDER, H36m.RIGHT_ELBOW),
    (H36m.THORAX, H36m.HEAD),
)


@dataclass(frozen=True, slots=True)
class LossWeights:
    """How much each part counts against metres of joint position.

    Attributes:
        spread: of the negative log likelihood of the truth, in nats a coordinate.
        bones: of the directions of bones, about radians.
        angles: of the angles that the coach judges, about radians.
    """

    spread: float = 0.01
    bones: float = 0.1
    angles: float = 0.1


def loss_parts(
    joints: Tensor, log_sigma: Tensor, truth: Tensor, counts: Tensor
) -> dict[str, Tensor]:
    """The parts of the loss, each a mean over the frames that count.

    Args:
        joints: (B, L, 17, 3) metres.
        log_sigma: (B, L, 17, 3), or with no entries where the network says none.
        truth: (B, L, 17, 3) metres, pelvis at the origin.
        counts: (B, L) bool.

    Returns:
        `position` in metres, `spread` in nats, `bones` and `angles` in about radians.
    """
    joints, truth = joints[counts], truth[counts]
    parts = {
        "position": (joints - truth).norm(dim=-1).mean(),
        "bones": (_bones(joints) - _bones(truth)).norm(dim=-1).mean(),
        "angles": (_judged(joints) - _judged(truth)).norm(dim=-1).mean(),
    }
    if log_sigma.shape[-1]:
        # Through the spread alone: else the network would gain by giving up on what is hard.
        log_sigma = log_sigma[counts][:, 1:]
        error = (joints - truth).detach()[:, 1:]
        parts["spread"] = (0.5 * (error / log_sigma.exp()).square() + log_sigma).mean()
    return parts


def weighed(parts: dict[str, Tensor], weights: LossWeights) -> Tensor:
    """The loss: the parts by their weights."""
    total = parts["position"] + weights.bones * parts["bones"] + weights.angles * parts["angles"]
    return total + weights.spread * parts["spread"] if "spread" in parts else total


def _bone(joints: Tensor, start: int, end: int) -> Tensor:
    return _unit(joints[..., end, :] - joints[..., start, :])


def _unit(vectors: Tensor) -> Tensor:
    return vectors / (vectors.square().sum(dim=-1, keepdim=True) + _EPSILON).sqrt()


def _bones(joints: Tensor) -> Tensor:
    """(..., bones, 3) directions in the camera's axes."""
    return torch.stack([_bone(joints, start, end) for start, end in LIMBS], dim=-2)


def _judged(joints: Tensor) -> Tensor:
    """(..., 10, 3) points on unit spheres that move by as many radians as the judged angles do.

    Elbows and knees: cosine and sine of the flexion. Hips: the thighs in the pelvis' frame, which
    holds flexion and abduction. Shoulders and neck: upper arms and head in the thorax' frame.
    Twist: the line of the shoulders in the pelvis' frame. No angle has a pole here.
    """
    hip_line = _bone(joints, H36m.RIGHT_HIP, H36m.LEFT_HIP)
    shoulder_line = _bone(joints, H36m.RIGHT_SHOULDER, H36m.LEFT_SHOULDER)
    trunk = _bone(joints, H36m.PELVIS, H36m.THORAX)
    pelvis, thorax = _frame(hip_line, trunk), _frame(shoulder_line, trunk)
    flexions = [_flexion(joints, *limb) for limb in _FLEXIONS]
    thighs = [_within(pelvis, _bone(joints, *bone)) for bone in _THIGHS]
    upper = [_within(thorax, _bone(joints, *bone)) for bone in _ON_THORAX]
    return torch.stack([*flexions, *thighs, *upper, _within(pelvis, shoulder_line)], dim=-2)


def _flexion(joints: Tensor, start: int, middle: int, end: int) -> Tensor:
    first, second = _bone(joints, start, middle), _bone(joints, middle, end)
    cosine = (first * second).sum(dim=-1)
    across = torch.linalg.cross(first, second)
    sine = (across.square().sum(dim=-1) + _EPSILON).sqrt()
    return torch.stack([cosine, sine, torch.zeros_like(sine)], dim=-1)


def _frame(left: Tensor, up: Tensor) -> Tensor:
    """(..., 3, 3) rows left, up, forward; `left` is made square to `up`."""
    left = _unit(left - up * (left * up).sum(dim=-1, keepdim=True))
    return torch.stack([left, up, torch.linalg.cross(left, up)], dim=-2)


def _within(frame: Tensor, direction: Tensor) -> Tensor:
    return (frame @ direction.unsqueeze(-1)).squeeze(-1)
