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


def tree_cpu_s(pid: int) -> float:
    """CPU seconds so far of a process and all its descendants, those that ended among them.

    A descendant that ended counts once its parent has waited for it; one whose parent ended
    before it is no longer a descendant.
    """
    ticks = 0
    for stat in _tree(pid).values():
        ticks += sum(int(stat[field]) for field in (_UTIME, _STIME, _CUTIME, _CSTIME))
    return ticks / os.sysconf("SC_CLK_TCK")


def tree_rss_mb(pid: int) -> float:
    """Resident megabytes of a process and all its descendants; shared pages count in each."""
    pages = sum(int(stat[_RSS]) for stat in _tree(pid).values())
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


_PARENT, _UTIME, _STIME, _CUTIME, _CSTIME, _RSS = 1, 11, 12, 13, 14, 21
"""Fields of /proc/PID/stat after the name, from 0."""


def _tree(pid: int) -> dict[int, list[str]]:
    """The fields of a process and of all its descendants; empty where it has ended."""
    stats: dict[int, list[str]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            stats[int(file.parent.name)] = (
                file.read_text("ascii", "replace").rpartition(")")[2].split()
            )
        except OSError:  # it ended meanwhile
            continue
    children: defaultdict[int, list[int]] = defaultdict(list)
    for one, stat in stats.items():
        children[int(stat[_PARENT])].append(one)
    tree: dict[int, list[str]] = {}
    waiting = [pid] if pid in stats else []
    while waiting:
        one = waiting.pop()
        tree[one] = stats[one]
        waiting.extend(children[one])
    return tree


def machine() -> dict[str, float | int]:
    """Cores and the load that others put on them."""
    one, five, _ = os.getloadavg()
    return {"cores": os.cpu_count() or 1, "load_1min": round(one, 2), "load_5min": round(five, 2)}
