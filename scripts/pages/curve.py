"""The growth of a page as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

from scripts.pages.growth import SETTLING_MIN, Sample, slopes

_PANELS: Final = (
    ("heap_kb", "JavaScript heap, kB"),
    ("dom_kb", "beside it, kB"),
    ("nodes", "nodes"),
    ("process_mb", "renderers, MB"),
)


def draw_curve(samples: Sequence[Sample], path: Path, title: str) -> None:
    """Write a png with what the page held over the minutes, each axis from nothing."""
    figure, axes = plt.subplots(2, 2, figsize=(10, 7), layout="constrained")
    figure.suptitle(title)
    minutes = [sample.minute for sample in samples]
    grows = slopes(samples)
    for panel, (name, heading) in zip(axes.flat, _PANELS, strict=True):
        panel.plot(minutes, [getattr(sample, name) for sample in samples], marker=".")
        said = f"{grows[name]:+.2f} a minute" if grows else "too short for a slope"
        panel.set_title(f"{heading}: {said}")
        panel.set_ylim(bottom=0)
        panel.axvline(SETTLING_MIN, color="grey", linewidth=0.8, linestyle=":")
        panel.set_xlabel("minutes")
        panel.grid(visible=True, alpha=0.3)
    figure.savefig(path, dpi=100)
    plt.close(figure)
