"""The training loop: any step can be the last, and the next run goes on as though it were not.

Each step draws its windows and its dropout from a seed of its own, so that nothing but the weights,
the optimiser and the history has to be kept.
"""

import pickle
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from coach_server.errors import InputError
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.encoding import Encoding
from scripts.lifter.augmentation import Augmentation
from scripts.lifter.losses import LossWeights, loss_parts, weighed
from scripts.lifter.network import VideoPose
from scripts.lifter.windows import Source

CHECKPOINT: Final = "checkpoint.pt"
_WARM_UP: Final = 0.02
"""The share of the steps in which the rate goes up."""
_LAST_RATE: Final = 0.02
_MOMENTUM: Final = (0.1, 0.001)
"""How much a batch counts in the BatchNorms' averages, from first to last step (the paper's)."""
_CLIP: Final = 5.0
"""Of the gradient: some five times what is usual, so that only outliers are cut."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what a training comes to, but the data.

    Attributes:
        widths, channels: of the network, as in `Architecture`.
        encoding: of the keypoints.
        dropout: share of the channels.
        batch: windows a step.
        answers: frames in each window that are answered and learnt from.
        steps: in all.
        rate: of learning, at its highest; Adam.
        seed: of everything.
        bf16: whether to calculate in bfloat16 where that is enough.
        losses: what counts how much.
        augmentation: how windows are varied.
    """

    widths: tuple[int, ...] = (3, 3, 3)
    channels: int = 512
    encoding: Encoding = Encoding.BOX
    dropout: float = 0.05
    batch: int = 32
    answers: int = 20
    steps: int = 60_000
    rate: float = 1e-3
    seed: int = 2026
    bf16: bool = False
    losses: LossWeights = field(default_factory=LossWeights)
    augmentation: Augmentation = field(default_factory=Augmentation)

    @property
    def architecture(self) -> Architecture:
        """Of the network."""
        return Architecture(self.widths, self.channels, self.encoding.features)

    def as_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {**asdict(self), "encoding": self.encoding.value}


@dataclass(slots=True)
class Row:
    """One line of the history.

    Attributes:
        step: done so far.
        minutes: of training so far.
        losses: means of the parts since the row before.
        figures: on held-out windows.
    """

    step: int
    minutes: float
    losses: dict[str, float]
    figures: dict[str, float]


Judge = Callable[[VideoPose], dict[str, float]]


class Training:
    """A training in a folder, new or gone on with.

    Args:
        plan: of the training.
        source: of the windows.
        folder: where the checkpoint lies.
        first: a checkpoint of another training to begin from, with the same network.

    Attributes:
        network: being trained.
        step: done so far.
        history: rows so far.

    Raises:
        InputError: the folder holds a training of another plan, or a checkpoint cannot be read.
    """

    def __init__(
        self, plan: Plan, source: Source, folder: Path, *, first: Path | None = None
    ) -> None:
        self._plan, self._source, self._path = plan, source, folder / CHECKPOINT
        torch.manual_seed(plan.seed)
        self.network = VideoPose(plan.architecture, plan.dropout)
        self._optimizer = torch.optim.Adam(self.network.parameters(), lr=plan.rate)
        self.step = 0
        self.history: list[Row] = []
        self._minutes = 0.0
        if self._path.exists():
            self._resume()
        elif first is not None:
            self.network.load_state_dict(read_checkpoint(first)["network"])

    def run(
        self,
        judge: Judge,
        *,
        every: int,
        minutes: float = float("inf"),
        report: Callable[[Row], None] = lambda _row: None,
    ) -> bool:
        """Go on until all steps are done or the time is up; the checkpoint is up to date then.

        Args:
            judge: says how well the network does on held-out windows.
            every: so many steps a row of the history is written and the checkpoint saved.
            minutes: after which to stop.
            report: is told each row.

        Returns:
            Whether all steps are done.
        """
        begun, before = time.monotonic(), self._minutes
        sums: dict[str, float] = {}
        since = 0
        while self.step < self._plan.steps and time.monotonic() - begun < minutes * 60:
            for name, value in self._take_step().items():
                sums[name] = sums.get(name, 0.0) + value
            self.step, since = self.step + 1, since + 1
            if self.step % every == 0 or self.step == self._plan.steps:
                self._minutes = before + (time.monotonic() - begun) / 60
                losses = {name: value / since for name, value in sums.items()}
                row = Row(self.step, self._minutes, losses, judge(self.network))
                self.history.append(row)
                self.save()
                report(row)
                sums, since = {}, 0
        self._minutes = before + (time.monotonic() - begun) / 60
        self.save()
        return self.step >= self._plan.steps

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_suffix(".partial")
        saved = {
            "plan": self._plan.as_dict(),
            "step": self.step,
            "minutes": self._minutes,
            "history": [asdict(row) for row in self.history],
            "network": self.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        torch.save(saved, partial)
        partial.replace(self._path)

    def _resume(self) -> None:
        saved = read_checkpoint(self._path)
        plan = self._plan.as_dict()
        other = [name for name in plan if saved["plan"].get(name) != plan[name]]
        if other:
            raise InputError(
                f"The training in {self._path.parent} has another {', '.join(other)}.",
                hint="Name another folder, or go on with the settings it was begun with.",
            )
        self.network.load_state_dict(saved["network"])
        self._optimizer.load_state_dict(saved["optimizer"])
        self.step, self._minutes = saved["step"], saved["minutes"]
        self.history = [Row(**row) for row in saved["history"]]

    def _take_step(self) -> dict[str, float]:
        plan, done = self._plan, self.step / self._plan.steps
        for group in self._optimizer.param_groups:
            group["lr"] = plan.rate * _share_of_rate(done)
        self.network.train()
        self.network.set_momentum(_MOMENTUM[0] * (_MOMENTUM[1] / _MOMENTUM[0]) ** done)
        rng = np.random.default_rng([plan.seed, self.step])
        torch.manual_seed(int(rng.integers(1 << 62)))
        seen = plan.architecture.receptive_field - 1
        windows = plan.augmentation(rng, self._source.draw(rng, plan.batch, seen + plan.answers))
        features = torch.from_numpy(windows.features(plan.encoding))
        with torch.autocast("cpu", torch.bfloat16, enabled=plan.bf16):
            joints, log_sigma = self.network(features)
        guess = torch.from_numpy(windows.guess(plan.encoding)[:, seen:])
        parts = loss_parts(
            joints.float() + guess,
            log_sigma.float(),
            torch.from_numpy(windows.joints[:, seen:]),
            torch.from_numpy(windows.counts[:, seen:]),
        )
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(weighed(parts, plan.losses))
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        self._optimizer.step()
        return {name: part.item() for name, part in parts.items()}


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What `Training.save` wrote; nothing in it is executed.

    Raises:
        InputError: it cannot be read.
    """
    try:
        saved: dict[str, Any] = torch.load(path, weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise InputError(
            f"{path} cannot be read as a checkpoint of a training.",
            hint="Name one that the training wrote, or remove it to begin anew.",
        ) from error
    return saved


def _share_of_rate(done: float) -> float:
    """Of the highest rate, when a share of the steps is done: up at once, down along a cosine."""
    cosine = (1 + np.cos(np.pi * done)) / 2
    return float(min(1.0, _LAST_RATE + done / _WARM_UP) * (_LAST_RATE + (1 - _LAST_RATE) * cosine))
