"""What a soak must show, and what the short figures must: each miss in words."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

GROWTH_PERCENT: Final = 5.0
"""Of memory, at the most."""
DESCRIPTORS: Final = 2
AGE_P95_MS: Final = 200.0
"""Of poses at an engine of a third of the camera's rate."""
_ROUNDING_H: Final = 0.01


def of_soak(told: Mapping[str, Any], hours: float) -> list[str]:
    """What is missed by a `summary` of a soak that was to last so long, one server throughout."""
    return list(_of_soak(told, hours))


def _of_soak(told: Mapping[str, Any], hours: float) -> Iterator[str]:
    if told["hours"] < hours - _ROUNDING_H:
        yield f"{told['hours']} of {hours} hours"
    elif told["longest_run_hours"] < hours - _ROUNDING_H:
        yield f"no server ran for longer than {told['longest_run_hours']} of {hours} hours"
    grown = told["memory_growth_percent"]
    if grown is None:
        yield "no server ran for long enough to tell how its memory grows"
    elif grown > GROWTH_PERCENT:
        yield f"memory grew by {grown} %"
    if not told["no_fault"]:
        yield "there were errors"
    if not told["poses_per_s"]:
        yield "nobody was served"


def of_connects(told: Mapping[str, Any]) -> list[str]:
    """What is missed by `in_process.connects`."""
    missed = [f"{name}: {told[name]:+d}" for name in ("tasks", "connections") if told[name] > 0]
    if abs(told["descriptors"]) > DESCRIPTORS:
        missed.append(f"descriptors: {told['descriptors']:+d}")
    if told["rss_mb_late"] > GROWTH_PERCENT / 100 * told["rss_mb"][0]:
        missed.append(f"memory grew by {told['rss_mb_late']} MB")
    if not told["first_pose_ms"]["p95"]:
        missed.append("nobody saw a pose")
    return missed


def of_slow(told: Mapping[str, Any]) -> list[str]:
    """What is missed by `in_process.slow`."""
    missed = []
    age, (before_mb, after_mb) = told["age_ms"]["p95"], told["rss_mb"]
    if age is None or age >= AGE_P95_MS:
        missed.append(f"the 95th percentile of ages is {age} ms")
    if after_mb > (1 + GROWTH_PERCENT / 100) * before_mb:
        missed.append(f"memory grew from {before_mb} to {after_mb} MB")
    frames = told["frames"]
    unaccounted = frames["received"] + frames["undecoded"] - frames["judged"] - frames["dropped"]
    if not 0 <= unaccounted <= 1 + 1:  # one waits, one is being judged
        missed.append(f"{unaccounted} frames are not accounted for")
    if not frames["replaced"]:
        missed.append("the engine was not too slow")
    return missed
