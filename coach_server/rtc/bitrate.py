"""The bitrate of what arrives, counted by when it came instead of by every millisecond there is."""

from collections import deque


class SparseRateCounter:
    """A drop-in for `aiortc.rate.RateCounter`: what came within the last `window_size` ms.

    The stock one keeps an object for each millisecond, a thousand a connection which the collector
    walks, and with each packet looks at all that have passed.

    Args:
        window_size: in milliseconds.
        scale: from units a millisecond to those of the rate.
    """

    def __init__(self, window_size: int, scale: int = 8000) -> None:
        self._window_ms = window_size
        self._scale = scale
        self._came: deque[tuple[int, int]] = deque()
        self._began_ms: int | None = None
        self._sum = 0

    def add(self, value: int, now_ms: int) -> None:
        """Count `value`, which came now."""
        if self._began_ms is None:
            self._began_ms = now_ms
        else:
            self._forget(now_ms)
        if self._came and self._came[-1][0] == now_ms:
            _, before = self._came.pop()
            self._came.append((now_ms, before + value))
        else:
            self._came.append((now_ms, value))
        self._sum += value

    def rate(self, now_ms: int) -> int | None:
        """What came, by the time in which it did; None of nothing, and of a single moment."""
        if self._began_ms is None:
            return None
        self._forget(now_ms)
        window_ms = now_ms - self._began_ms + 1
        if not self._came or window_ms <= 1:
            return None
        return round(self._scale * self._sum / window_ms)

    def reset(self) -> None:
        """Begin anew."""
        self._came.clear()
        self._began_ms = None
        self._sum = 0

    def _forget(self, now_ms: int) -> None:
        """What came before the window."""
        begins_ms = now_ms - self._window_ms + 1
        while self._came and self._came[0][0] < begins_ms:
            _, value = self._came.popleft()
            self._sum -= value
        if self._began_ms is not None:
            self._began_ms = max(self._began_ms, begins_ms)
