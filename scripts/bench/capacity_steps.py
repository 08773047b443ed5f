"""How many students a server takes: one more, and one more, until their results come late."""

import statistics
import sys
import time
from typing import Any, Final

from scripts.bench.capacity_server import coach, left_out, measured
from scripts.load.remote import crowd

STEPS: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
LATE_MS: Final = 150.0
"""Goal: the 95th percentile of the ages of results is not above."""
EVERY: Final = 0.95
"""Share of the frames sent that are answered where a server keeps up: one is skipped while the
answer before it is still on its way."""
SETTLES_S: Final = 2.0


def climb(
    keypoints: str,
    fps: float,
    workers: int,
    *,
    seconds: float,
    most: int = STEPS[-1],
    skip_still: bool = True,
) -> dict[str, Any]:
    """Measure step by step, at most to `most` students; refusing nobody, and asking for nothing.

    Gives `steps`, the largest number in time (`students_in_time`) and the largest of which every
    frame was answered as well (`students_served`), and the CPU seconds per student-second of the
    steps that were served whole (of the first step, where none was), and the share of the frames
    that were not read, for nothing had moved (`still`).
    """
    steps: list[dict[str, Any]] = []
    with (
        coach(keypoints=keypoints, workers=workers, max_load=0, skip_still=skip_still) as (
            address,
            pid,
        ),
        crowd(address, fps) as students,
    ):
        for number in STEPS:
            if number > most:
                break
            students.grow(number)
            time.sleep(SETTLES_S)
            step = measured(students, pid, seconds)
            steps.append(step)
            say(
                f"{keypoints} at {fps:g} fps, {workers} worker(s), {number}: age p95 "
                f"{step['age_ms']['p95']} ms, {step['poses_per_s']} of {step['sent_per_s']} "
                f"poses/s, {step['server_cpu_s_per_student_s']} CPU s per student-second "
                f"(others {step['others_cores']} cores)"
            )
            if not in_time(step):
                break
        judged, still = left_out(address)
    return {
        "keypoints": keypoints,
        "fps": fps,
        "workers": workers,
        "skip_still": skip_still,
        "still": round(still / judged, 3) if judged else None,
        "steps": steps,
        **_summary(steps),
    }


def in_time(step: dict[str, Any]) -> bool:
    """Whether results were young enough, and nobody had been turned away."""
    age = step["age_ms"]["p95"]
    return age is not None and age <= LATE_MS and not step["turned_away"]


def served(step: dict[str, Any]) -> bool:
    """Whether every frame was answered as well."""
    return in_time(step) and step["poses_per_s"] >= EVERY * step["sent_per_s"]


def two_to_one(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any] | None:
    """CPU seconds per student-second of two workers over those of one, at the same numbers.

    Of numbers that both served whole; of two students and more, where there are such.
    """
    pairs = [
        (a, b)
        for a in one["steps"]
        for b in two["steps"]
        if a["students"] == b["students"] and served(a) and served(b)
    ]
    pairs = [pair for pair in pairs if pair[0]["students"] > 1] or pairs
    if not pairs:
        return None
    ratios = [b["server_cpu_s_per_student_s"] / a["server_cpu_s_per_student_s"] for a, b in pairs]
    return {
        "students": [a["students"] for a, _ in pairs],
        "ratio": round(statistics.fmean(ratios), 3),
    }


def say(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


def _summary(steps: list[dict[str, Any]]) -> dict[str, Any]:
    whole = [step for step in steps if served(step)]
    costs = [step["server_cpu_s_per_student_s"] for step in whole or steps[:1]]
    cost = statistics.fmean(costs)
    return {
        "students_in_time": max((s["students"] for s in steps if in_time(s)), default=0),
        "students_served": max((s["students"] for s in whole), default=0),
        "cpu_s_per_student_s": round(cost, 4),
        "students_per_core": round(1 / cost, 2),
    }
