"""The course of a training as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

from scripts.lifter.loop import Row

_PANELS: Final = (
    ("held-out people, mm", ("mpjpe_mm", "pmpjpe_mm")),
    ("joint angles, degrees", ("angle_median_deg", "angle_p90_deg")),
    ("share within one sigma", ("within_sigma",)),
)


def draw_curve(history: Sequence[Row], path: Path, title: str) -> None:
    """Write a png with the losses and the held-out figures over minutes of training."""
    minutes = [row.minutes for row in history]
    figure, axes = plt.subplots(2, 2, figsize=(10, 7), layout="constrained")
    figure.suptitle(title)
    losses, *panels = axes.flat
    for name in history[0].losses if history else ():
        losses.plot(minutes, [row.losses[name] for row in history], label=name)
    losses.set_title("losses")
    for panel, (heading, names) in zip(panels, _PANELS, strict=True):
        for name in names:
            values = [row.figures.get(name, float("nan")) for row in history]
            panel.plot(minutes, values, label=name)
        panel.set_title(heading)
    for panel in axes.flat:
        panel.set_xlabel("minutes")
        panel.grid(visible=True, alpha=0.3)
        if panel.lines:
            panel.legend()
    figure.savefig(path, dpi=100)
    plt.close(figure)
