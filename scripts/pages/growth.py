"""Whether a page grows: what it holds after its garbage was collected, minute by minute."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

SETTLING_MIN: Final = 2.0
"""Left out of the slopes: functions are compiled and caches filled in the beginning."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the page holds.

    Attributes:
        minute: of the practice.
        heap_kb: JavaScript's objects.
        dom_kb: what the browser keeps for them beside that: nodes, canvases' states.
        buffers_kb: typed arrays and the like.
        nodes, listeners: of the document and of what hangs loose.
        process_mb: memory of the renderers' own.
    """

    minute: float
    heap_kb: float
    dom_kb: float
    buffers_kb: float
    nodes: int
    listeners: int
    process_mb: float


MEASURES: Final = tuple(name for name in Sample.__slots__ if name != "minute")


def slopes(samples: Sequence[Sample], settling_min: float = SETTLING_MIN) -> dict[str, float]:
    """By how much each measure grows in a minute, by least squares; nothing where too few."""
    settled = [sample for sample in samples if sample.minute >= settling_min]
    if len(settled) < 3:
        return {}
    minutes = np.array([sample.minute for sample in settled])
    return {
        name: round(float(np.polyfit(minutes, [getattr(s, name) for s in settled], 1)[0]), 3)
        for name in MEASURES
    }


def summary(samples: Sequence[Sample]) -> dict[str, Any]:
    """The figures of a practice."""
    return {
        "settling_min": SETTLING_MIN,
        "a_minute": slopes(samples),
        "samples": [asdict(sample) for sample in samples],
    }
