"""Shares and rates with their intervals of 95 %."""

from typing import Any, Final

import numpy as np
from scipy.stats import chi2

Z: Final = 1.959964
TAIL: Final = 0.025


def share(count: int, of: int) -> dict[str, Any]:
    """`count` of `of`, with Wilson's interval."""
    if not of:
        return {"value": None, "low": None, "high": None, "count": count, "of": of}
    p, z2 = count / of, Z**2 / of
    middle = (p + z2 / 2) / (1 + z2)
    half = Z * np.sqrt(p * (1 - p) / of + z2 / (4 * of)) / (1 + z2)
    low, high = max(middle - half, 0.0), min(middle + half, 1.0)
    return {"value": p, "low": float(low), "high": float(high), "count": count, "of": of}


def rate(count: int, minutes: float) -> dict[str, Any]:
    """`count` a minute, with the exact interval of a Poisson process."""
    low = chi2.ppf(TAIL, 2 * count) / 2 if count else 0.0
    high = chi2.ppf(1 - TAIL, 2 * count + 2) / 2
    per = 1.0 / minutes if minutes else float("nan")
    return {
        "value": count * per,
        "low": float(low * per),
        "high": float(high * per),
        "count": count,
        "minutes": minutes,
    }
