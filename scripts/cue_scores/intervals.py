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
    if minutes <= 0.0:
        return {"value": None, "low": None, "high": None, "count": count, "minutes": minutes}
    low = chi2.ppf(TAIL, 2 * count) / 2 if count else 0.0
    high = chi2.ppf(1 - TAIL, 2 * count + 2) / 2
    return {
        "value": count / minutes,
        "low": float(low / minutes),
        "high": float(high / minutes),
        "count": count,
        "minutes": minutes,
    }
