"""Far more students than fit: whether results age and memory grows, and what shedding does."""

import time
from typing import Any, Final

import numpy as np

from scripts.bench.capacity_server import coach, measured
from scripts.bench.capacity_steps import say
from scripts.bench.cpu import tree_rss_mb
from scripts.load.remote import RemoteCrowd, crowd

_WARM_S: Final = 8.0
_SHED_S: Final = 15.0
"""Until a server has measured its load and come down its ladder."""
_PATIENCE_S: Final = 5.0


def overload(
    keypoints: str, fps: float, workers: int, students: int, seconds: float
) -> dict[str, Any]:
    """Let `students` practise at once with nobody refused and nothing shed, for `seconds`."""
    with (
        coach(keypoints=keypoints, workers=workers, max_load=0) as (address, pid),
        crowd(address, fps) as crowded,
    ):
        crowded.grow(students)
        time.sleep(_WARM_S)
        told = _grown(crowded, pid, seconds)
    say(f"{told['students']} of {students} students at once: {_in_words(told)}")
    return told


def shedding(
    keypoints: str, fps: float, workers: int, students: int, seconds: float
) -> dict[str, Any]:
    """The same students at a server that asks for less and refuses whom it cannot serve."""
    with (
        coach(keypoints=keypoints, workers=workers, max_load=None) as (address, pid),
        crowd(address, fps, obeys=True, patience_s=_PATIENCE_S) as crowded,
    ):
        crowded.grow(students)
        time.sleep(_SHED_S)
        told = _grown(crowded, pid, seconds)
    say(
        f"with admission: {told['students']} of {students} came in, at {told['sent_per_s']} "
        f"frames/s: {_in_words(told)}"
    )
    return told


def _grown(crowded: RemoteCrowd, pid: int, seconds: float) -> dict[str, Any]:
    """What they see, with the growth of ages and of memory.

    Growth is told as the slope of a straight line, and as the means of the first and the last third
    of the time.
    """
    rss: list[tuple[float, float]] = []
    began_s = time.monotonic()
    told = measured(
        crowded, pid, seconds, lambda: rss.append((time.monotonic() - began_s, tree_rss_mb(pid)))
    )
    told["age_growth"] = growth(
        [(part["at_s"], part["p50"]) for part in told["age_windows"] if part["p50"] is not None]
    )
    told["rss_growth"] = growth(rss)
    return told


def _in_words(told: dict[str, Any]) -> str:
    return (
        f"age p50 {told['age_ms']['p50']} ms, p95 {told['age_ms']['p95']} ms, growing by "
        f"{told['age_growth']['per_min']} a minute, memory by {told['rss_growth']['per_min']} MB; "
        f"{told['lost']} connections lost, {told['connected']} there at the end"
    )


def growth(points: list[tuple[float, float]]) -> dict[str, float | None]:
    """How values grow over seconds: `per_min` of a straight line, `first` and `last` third."""
    if len(points) < 3:
        return {"per_min": None, "first": None, "last": None}
    at, values = np.array(points).T
    third = max(1, len(points) // 3)
    return {
        "per_min": round(60 * float(np.polyfit(at, values, 1)[0]), 3),
        "first": round(float(values[:third].mean()), 3),
        "last": round(float(values[-third:].mean()), 3),
    }
