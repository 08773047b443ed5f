"""What showing a frame costs the page's main thread, out of a trace of Chromium.

A frame begins with the task in which the camera's picture is taken, which a mark of ours tells, or
with the one in which the page is handed on to the screen, and ends where the next begins. Counted
is every task of the main thread that begins meanwhile: scripts, messages, style, layout, paint and
collecting garbage, the page's own timers and the measuring too. So it is more than drawing alone;
decoding, compositing and rasterising have threads of their own.
"""

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

MARK: Final = "camera frame"
SHOWN: Final = "Commit"
"""Of a page that is handed on to the screen."""
CATEGORIES: Final = (
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "blink.user_timing",
    "v8",
)
TASK: Final = "RunTask"
PARTS: Final[Mapping[str, frozenset[str]]] = {
    "script": frozenset({"FunctionCall", "EventDispatch", "FireAnimationFrame", "TimerFire"}),
    "page": frozenset({"UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize", "Commit"}),
    "garbage": frozenset({"MinorGC", "MajorGC", "V8.GCScavenger"}),
}
"""Of a task: by the outermost of these events, so that nothing is counted twice in a part."""

MARK_SCRIPT: Final = f"""(() => {{
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (source, ...where) {{
    if (source instanceof HTMLVideoElement) {{
      performance.mark({MARK!r});
      performance.clearMarks({MARK!r});  // told by now, and not to pile up
    }}
    return draw.call(this, source, ...where);
  }};
}})();"""
"""Marks the frames of a page: each is taken by drawing a film or a camera on a canvas."""


@dataclass(frozen=True, slots=True)
class FrameCost:
    """Milliseconds of the main thread.

    Attributes:
        wall: by the clock.
        cpu: of the processor; NaN where the trace does not say.
        parts: by the clock, by the names of `PARTS`.
    """

    wall: float
    cpu: float
    parts: Mapping[str, float]


def frame_costs(events: Iterable[Mapping[str, Any]], begin: str = MARK) -> list[FrameCost]:
    """The cost of each whole frame of a trace; its first and last are cut off and left out.

    Args:
        events: of the trace.
        begin: `MARK` for frames of the camera, `SHOWN` for those of the screen.
    """
    events = list(events)
    thread = next((_thread(event) for event in events if event.get("name") == MARK), None)
    ours = sorted(
        (event for event in events if event.get("ph") == "X" and _thread(event) == thread),
        key=lambda event: (event["ts"], -event["dur"]),
    )
    tasks = _outermost(event for event in ours if event["name"] == TASK)
    at = (event["ts"] for event in events if event.get("name") == begin)
    begins = _beginnings(list(at), tasks) if tasks else []
    outer = {
        part: _outermost(e for e in ours if e["name"] in names) for part, names in PARTS.items()
    }
    costs = []
    for start, end in pairwise(begins):
        mine = [task for task in tasks if start <= task["ts"] < end]
        costs.append(
            FrameCost(
                wall=_ms(task["dur"] for task in mine),
                cpu=_ms(task.get("tdur", np.nan) for task in mine),
                parts={
                    part: _ms(event["dur"] for event in found if start <= event["ts"] < end)
                    for part, found in outer.items()
                },
            )
        )
    return costs


def summary(costs: Sequence[FrameCost], seconds: float) -> dict[str, Any]:
    """The figures of a trace."""
    return {
        "frames": len(costs),
        "frames_per_s": round(len(costs) / seconds, 1),
        "main_thread_ms": _spread([cost.wall for cost in costs]),
        "main_thread_cpu_ms": _spread([cost.cpu for cost in costs]),
        **{f"{part}_ms": _spread([cost.parts[part] for cost in costs]) for part in PARTS},
    }


def heaviest(events: Iterable[Mapping[str, Any]], frames: int, most: int = 12) -> dict[str, float]:
    """What takes most of the main thread's processor time: milliseconds a frame, by event.

    Each without what lies in it; calls are told by the function's name.
    """
    events = list(events)
    thread = next((_thread(event) for event in events if event.get("name") == MARK), None)
    ours = (event for event in events if event.get("ph") == "X" and _thread(event) == thread)
    own: Counter[str] = Counter()
    around: list[tuple[float, str]] = []
    for event in sorted(ours, key=lambda event: (event["ts"], -event["dur"])):
        while around and around[-1][0] <= event["ts"]:
            around.pop()
        name, took = _name(event), event.get("tdur", event["dur"])
        own[name] += took
        if around:
            own[around[-1][1]] -= took
        around.append((event["ts"] + event["dur"], name))
    return {name: round(took / 1000 / max(frames, 1), 2) for name, took in own.most_common(most)}


def _name(event: Mapping[str, Any]) -> str:
    called = event.get("args", {}).get("data", {}).get("functionName")
    return f"{event['name']} {called}" if called else str(event["name"])


def _thread(event: Mapping[str, Any]) -> tuple[int, int]:
    return event["pid"], event["tid"]


def _beginnings(moments: Sequence[float], tasks: Sequence[Mapping[str, Any]]) -> list[float]:
    """When the tasks begin that hold these moments; what another thread did is in none."""
    starts = [task["ts"] for task in tasks]
    found = set()
    for at in moments:
        task = tasks[max(bisect(starts, at) - 1, 0)]
        if task["ts"] <= at <= task["ts"] + task["dur"]:
            found.add(task["ts"])
    return sorted(found)


def _outermost(events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of events in the order of their beginning, those that lie in no other."""
    kept: list[Mapping[str, Any]] = []
    until = -np.inf
    for event in events:
        if event["ts"] >= until:
            kept.append(event)
            until = event["ts"] + event["dur"]
    return kept


def _ms(microseconds: Iterable[float]) -> float:
    return float(sum(microseconds)) / 1000


def _spread(values: Sequence[float]) -> dict[str, float | None]:
    found = np.array(values, float)
    if not len(found) or np.isnan(found).any():
        return {"median": None, "p95": None, "most": None}
    median, p95 = np.percentile(found, [50, 95])
    return {
        "median": round(float(median), 2),
        "p95": round(float(p95), 2),
        "most": round(float(found.max()), 2),
    }
