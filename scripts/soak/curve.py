"""The course of a soak as a picture."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from scripts.soak.samples import Sample, segments
from scripts.soak.summary import summary

SIZE_IN: Final = (13.0, 9.0)
DPI: Final = 100


def draw(samples: Sequence[Sample], path: Path, title: str) -> None:
    """Write a png over the hours for which servers were up; a dotted line where a new one began."""
    figure, axes = plt.subplots(3, 2, figsize=SIZE_IN, layout="constrained")
    figure.suptitle(title)
    runs = _placed(samples)
    memory, ages, cores, poses, held, events = axes.flat
    told = summary(samples)
    grown = told["memory_growth_percent"]
    said = "too short to tell growth" if grown is None else f"{grown:+.1f} %"
    _lines(memory, runs, f"resident memory, MB: {said}", _by_process)
    _lines(ages, runs, "capture to pose, ms", lambda s: {"p50": s.age_p50_ms, "p95": s.age_p95_ms})
    _lines(
        cores,
        runs,
        f"cores used; the machine's load was {told['load_1min']:.1f}",
        lambda s: {"server": s.cpu, "webcams": s.webcams_cpu},
    )
    _lines(
        poses,
        runs,
        "poses a second, and students",
        lambda s: {"poses a second": s.poses_per_s, "students, times 30": 30.0 * s.students},
    )
    _lines(
        held,
        runs,
        "descriptors and threads, all processes",
        lambda s: {"descriptors": float(s.fds), "threads": float(s.threads)},
    )
    _totals(events, runs, "faults" if not told["no_fault"] else "no fault; joins, refusals")
    for panel in axes.flat:
        panel.set_xlabel("hours")
        panel.grid(visible=True, alpha=0.3)
        panel.set_ylim(bottom=0)
        for hours, _ in runs[1:]:
            panel.axvline(hours[0], color="grey", linewidth=0.8, linestyle=":")
        if panel.lines:
            panel.legend(loc="best", fontsize="small", framealpha=0.6)
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


_Run = tuple[list[float], list[Sample]]
_Values = Callable[[Sample], Mapping[str, float | None]]


def _placed(samples: Sequence[Sample]) -> list[_Run]:
    """Each server's samples with their hours, one server after another."""
    runs: list[_Run] = []
    before_s = 0.0
    for run in segments(samples):
        runs.append(([(before_s + sample.up_s) / 3600 for sample in run], run))
        before_s += run[-1].up_s
    return runs


def _by_process(sample: Sample) -> dict[str, float | None]:
    parts: dict[str, float | None] = {"all": sample.rss_mb}
    workers = 0
    for process in sample.processes:
        if process.role == "worker":
            workers += 1
            parts[f"worker {workers}"] = process.rss_mb
        elif process.role == "front":
            parts["front"] = process.rss_mb
    return parts


def _lines(panel: Axes, runs: Sequence[_Run], heading: str, of: _Values) -> None:
    """One line a name; a new server's begins anew, in the same colour."""
    names = list(dict.fromkeys(name for _, run in runs for sample in run for name in of(sample)))
    for index, name in enumerate(names):
        for number, (hours, run) in enumerate(runs):
            values = [of(sample).get(name) for sample in run]
            drawn = [float("nan") if value is None else value for value in values]
            label = name if number == 0 else None
            panel.plot(hours, drawn, color=f"C{index}", linewidth=1, label=label)
    panel.set_title(heading, fontsize="medium")


def _totals(panel: Axes, runs: Sequence[_Run], heading: str) -> None:
    counted: dict[str, Callable[[Sample], int]] = {
        "joins": lambda s: s.joins,
        "taken up again": lambda s: s.resumed,
        "refusals": lambda s: sum(s.refused.values()),
        "errors in the log": lambda s: s.errors,
        "unserved, lost, broken": lambda s: s.unserved + s.lost + s.broken,
    }
    for index, (name, of) in enumerate(counted.items()):
        total = 0
        for number, (hours, run) in enumerate(runs):
            values = []
            for sample in run:
                total += of(sample)
                values.append(total)
            label = f"{name}" if number == 0 else None
            panel.plot(hours, values, color=f"C{index}", linewidth=1, label=label)
    panel.set_title(f"{heading}, so far", fontsize="medium")
