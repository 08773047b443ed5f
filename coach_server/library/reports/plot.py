"""The frame of a chart over time: as wide as its place, with letters that do not shrink with it.

Positions along the time are shares of the width; heights are CSS pixels. What is drawn inside is
stretched to the width, what is written is not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.library.reports.markup import Child, Markup, joined, tag

PLOT_TOP: Final = 38
"""Above the plot there is room for marks."""

PLOT_HEIGHT: Final = 170
BOTTOM: Final = PLOT_TOP + PLOT_HEIGHT
UNITS: Final = 1000
"""The width of what is stretched."""

_STEPS_S: Final = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
MOST_TICKS: Final = 9


def clock(seconds: float) -> str:
    """Minutes and seconds as people write them; hours where there are any."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


@dataclass(frozen=True, slots=True)
class Scale:
    """Where things are in a chart.

    Attributes:
        start_t, end_t: its ends, seconds since the student's first frame.
        low, high: values at its bottom and its top.
    """

    start_t: float
    end_t: float
    low: float
    high: float

    def x(self, t: float) -> float:
        """Share of the width, 0..1."""
        share = (t - self.start_t) / max(self.end_t - self.start_t, 1e-6)
        return min(max(share, 0.0), 1.0)

    def percent(self, t: float) -> str:
        """The same as an attribute has it."""
        return f"{100 * self.x(t):.2f}%"

    def y(self, value: float) -> float:
        """Pixels from the chart's top."""
        share = (value - self.low) / (self.high - self.low)
        return PLOT_TOP + PLOT_HEIGHT * (1 - min(max(share, 0.0), 1.0))


def chart(name: str, title: str, told: str, height: float, *parts: Child) -> Markup:
    """A chart with its title and its text alternative.

    Args:
        name: unique in the page.
        title: what it shows.
        told: what can be seen in it, in words.
        height: CSS pixels.
        parts: what is drawn.
    """
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", told, id=f"{name}-told"),
        *parts,
        class_="chart",
        width="100%",
        height=height,
        role="img",
        aria_labelledby=f"{name}-title {name}-told",
    )


def stretched(*parts: Child) -> Markup:
    """Parts drawn in `UNITS` by pixels, stretched to the chart's width."""
    height = BOTTOM
    return tag(
        "svg",
        *parts,
        width="100%",
        height=height,
        viewBox=f"0 0 {UNITS} {height}",
        preserveAspectRatio="none",
    )


def level(scale: Scale, value: float, kind: str = "grid") -> Markup:
    """A line across the chart."""
    y = scale.y(value)
    return tag("line", x1="0", x2="100%", y1=y, y2=y, class_=kind)


def level_name(scale: Scale, value: float, words: str) -> Markup:
    """What a line stands for; to be drawn after what it would be hidden by."""
    return tag("text", words, x="0", y=scale.y(value) - 5, class_="label")


def time_axis(scale: Scale, y: float) -> Markup:
    """Times along the bottom, counted from the chart's start; every other one only where wide."""
    length = scale.end_t - scale.start_t
    step = next((s for s in _STEPS_S if length / s < MOST_TICKS), _STEPS_S[-1])
    ticks = []
    for number in range(int(length // step) + 1):
        t = scale.start_t + number * step
        share = scale.x(t)
        anchor = "start" if share < 0.03 else "end" if share > 0.97 else "middle"
        ticks.append(
            tag(
                "text",
                clock(number * step),
                x=scale.percent(t),
                y=y,
                text_anchor=anchor,
                class_="label wide-only" if number % 2 else "label",
            )
        )
    return joined(*ticks)


def runs(
    t: NDArray[np.float32], values: NDArray[np.float32], slot_s: float
) -> Iterable[Sequence[tuple[float, float]]]:
    """Stretches of (time, value) without a gap; each value lasts for its slot."""
    run: list[tuple[float, float]] = []
    for at, value in zip(t.tolist(), values.tolist(), strict=True):
        if not np.isfinite(value) or (run and at > run[-1][0] + slot_s / 2):
            if run:
                yield run
            run = []
        if np.isfinite(value):
            run += [(at, value), (at + slot_s, value)]
    if run:
        yield run


def line(scale: Scale, stretches: Iterable[Sequence[tuple[float, float]]]) -> str:
    """The path of stretches, in units of `stretched`."""
    return "".join(
        "".join(
            f"{'L' if i else 'M'}{UNITS * scale.x(t):.1f} {scale.y(value):.1f}"
            for i, (t, value) in enumerate(stretch)
        )
        for stretch in stretches
    )


def area(scale: Scale, stretches: Iterable[Sequence[tuple[float, float]]], base: float) -> str:
    """The path around what lies above `base`, in units of `stretched`."""
    bottom = scale.y(base)
    return "".join(
        f"M{UNITS * scale.x(stretch[0][0]):.1f} {bottom:.1f}"
        + "".join(
            f"L{UNITS * scale.x(t):.1f} {scale.y(max(value, base)):.1f}" for t, value in stretch
        )
        + f"L{UNITS * scale.x(stretch[-1][0]):.1f} {bottom:.1f}Z"
        for stretch in stretches
        if any(value > base for _, value in stretch)
    )
