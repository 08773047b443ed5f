"""The figures of comparisons as text."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.comparison_scores.scores import FaultScore, PairScore

SIZES: Final = ((0.0, 12.5, "10°"), (12.5, 17.5, "15°"), (17.5, 25.0, "20°"), (25.0, 99.0, "30°"))


def report(way: str, scores: Sequence[PairScore]) -> str:
    """A way's figures."""
    moving = np.concatenate([one.moving for one in scores])
    holding = np.concatenate([one.holding for one in scores])
    lines = [
        f"## {way}: {len(scores)} students",
        f"time, all frames        {_times(np.concatenate([moving, holding]))}",
        f"time, between holds     {_times(moving)}",
        f"time, in holds          {_times(holding)}",
        f"time, by student (ms)   {_by_student(scores)}",
    ]
    faults = [fault for one in scores for fault in one.faults]
    if faults:
        lines.append(f"faults, all             {_ranks(faults)}")
        for low, high, name in SIZES:
            some = [fault for fault in faults if low <= abs(fault.degrees) < high]
            if some:
                lines.append(f"faults of {name}           {_ranks(some)}")
    minutes = sum(one.clean_s for one in scores) / 60
    count = sum(one.findings for one in scores)
    lines.append(f"findings in {minutes:.1f} minutes of holds without a fault: {count}")
    return "\n".join(lines)


def _times(off: NDArray[np.float64]) -> str:
    median, most = np.percentile(off, [50, 90], method="lower") * 1e3
    return f"median {median:.0f} ms, 90 % within {most:.0f} ms, of {len(off)} frames"


def _by_student(scores: Iterable[PairScore]) -> str:
    medians = sorted(
        float(np.median(np.concatenate([one.moving, one.holding]))) * 1e3 for one in scores
    )
    return " ".join(f"{median:.0f}" for median in medians)


def _ranks(faults: Sequence[FaultScore]) -> str:
    count = len(faults)
    first = sum(fault.rank == 1 for fault in faults)
    third = sum(fault.rank is not None and fault.rank <= 3 for fault in faults)
    found = sum(fault.found for fault in faults)
    off = [abs(fault.read - fault.degrees) for fault in faults if np.isfinite(fault.read)]
    return (
        f"first {first}/{count} ({first / count:.0%}), of the first three {third}/{count} "
        f"({third / count:.0%}), named {found}/{count}, read {np.median(off):.0f}° off (median)"
    )
