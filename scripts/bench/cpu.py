"""CPU time of calls and of processes, which a busy machine disturbs less than the clock does."""

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stages:
    """CPU milliseconds of this thread by stage, one sample a call."""

    samples: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @contextmanager
    def measured(self, stage: str) -> Iterator[None]:
        """Add what the block costs to `stage`."""
        start = time.thread_time_ns()
        yield
        self.samples[stage].append((time.thread_time_ns() - start) / 1e6)

    def summary(self) -> dict[str, dict[str, float]]:
        """Mean, median and 95th percentile of each stage."""
        return {stage: spread(values) for stage, values in self.samples.items()}


def spread(values: list[float]) -> dict[str, float]:
    """Mean, median and 95th percentile, rounded to a thousandth."""
    ordered = sorted(values)
    return {
        "mean": round(statistics.fmean(ordered), 3),
        "p50": round(ordered[len(ordered) // 2], 3),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 3),
    }


def process_cpu_s(pid: int) -> float:
    """CPU seconds that a process has used so far, all its threads, user and system (Linux)."""
    after_name = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def machine() -> dict[str, float | int]:
    """Cores and the load that others put on them."""
    one, five, _ = os.getloadavg()
    return {"cores": os.cpu_count() or 1, "load_1min": round(one, 2), "load_5min": round(five, 2)}
