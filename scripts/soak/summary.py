"""What a soak has shown: whether memory grows, whether anything went wrong, how long nobody saw."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import fmean, median
from typing import Any, Final

from scripts.soak.samples import EVERY_S, Sample, segments, soaked_s

LEAST_S: Final = 600.0
"""A shorter run of one server says nothing of its growth."""


def growth(samples: Sequence[Sample]) -> dict[str, Any] | None:
    """How the memory of one server process and its workers grew; None where it ran too briefly.

    The median of the last tenth is compared with that of the second: in the first, engines are
    loaded and caches filled.
    """
    if not samples or samples[-1].up_s < LEAST_S:
        return None
    second, last = _tenth(samples, 1), _tenth(samples, 9)
    if not second or not last:
        return None
    before = median(sample.rss_mb for sample in second)
    after = median(sample.rss_mb for sample in last)
    return {
        "segment": samples[0].segment,
        "hours": round(samples[-1].up_s / 3600, 3),
        "second_tenth_mb": round(before, 1),
        "last_tenth_mb": round(after, 1),
        "percent": round(100 * (after / before - 1), 2),
        "fds": [int(median(s.fds for s in tenth)) for tenth in (second, last)],
        "threads": [int(median(s.threads for s in tenth)) for tenth in (second, last)],
    }


def longest_gap_s(samples: Sequence[Sample]) -> float:
    """The longest time between two looks at one server; more than ten seconds where it stood."""
    gaps = [after.at - before.at for run in segments(samples) for before, after in pairwise(run)]
    return round(max(gaps, default=0.0), 1)


def longest_silence_s(samples: Sequence[Sample]) -> float:
    """For how long students were there and none of them got a pose."""
    longest = silent = 0.0
    for sample in samples:
        silent = silent + EVERY_S if sample.students and not sample.poses_per_s else 0.0
        longest = max(longest, silent)
    return longest


def summary(samples: Sequence[Sample]) -> dict[str, Any]:
    """All figures of a soak, and whether it holds what it must."""
    grown = [told for run in segments(samples) if (told := growth(run)) is not None]
    faults = {
        "errors_logged": sum(sample.errors for sample in samples),
        "students_unserved": sum(sample.unserved for sample in samples),
        "messages_broken": sum(sample.broken for sample in samples),
        "workers_replaced": sum(sample.replaced for sample in samples),
        "servers_died": sum(sample.died for sample in samples),
    }
    p95 = [sample.age_p95_ms for sample in samples if sample.age_p95_ms is not None]
    p50 = [sample.age_p50_ms for sample in samples if sample.age_p50_ms is not None]
    return {
        "hours": round(soaked_s(samples) / 3600, 3),
        "segments": len(segments(samples)),
        "longest_run_hours": max((told["hours"] for told in grown), default=0.0),
        "samples": len(samples),
        "students_came": max((sample.came for sample in samples), default=0),
        "students_at_once": _mean(sample.students for sample in samples),
        "joins": sum(sample.joins for sample in samples),
        "resumed": sum(sample.resumed for sample in samples),
        "left": _summed(sample.left for sample in samples),
        "refused": _summed(sample.refused for sample in samples),
        "asked_less": sum(sample.asked_less for sample in samples),
        "connections_lost": sum(sample.lost for sample in samples),
        "warnings_logged": sum(sample.warnings for sample in samples),
        **faults,
        "poses_per_s": _mean(sample.poses_per_s for sample in samples),
        "age_p50_ms": round(median(p50), 1) if p50 else None,
        "age_p95_ms": round(median(p95), 1) if p95 else None,
        "age_p95_worst_ms": max(p95, default=None),
        "server_cores": _mean(sample.cpu for sample in samples),
        "webcams_cores": _mean(sample.webcams_cpu for sample in samples),
        "load_1min": _mean(sample.load_1min for sample in samples),
        "longest_gap_s": longest_gap_s(samples),
        "longest_silence_s": longest_silence_s(samples),
        "growth": grown,
        "memory_growth_percent": max((told["percent"] for told in grown), default=None),
        "no_fault": not any(faults.values()),
    }


def _tenth(samples: Sequence[Sample], which: int) -> list[Sample]:
    step_s = samples[-1].up_s / 10
    return [s for s in samples if which * step_s <= s.up_s <= (which + 1) * step_s]


def _mean(values: Iterable[float]) -> float:
    kept = list(values)
    return round(fmean(kept), 3) if kept else 0.0


def _summed(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(sorted(total.items()))
