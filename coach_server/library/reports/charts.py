"""The charts of a report."""

from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from coach_server.coaching.report.names import off_by
from coach_server.coaching.report.summary import Summary
from coach_server.library.reports.marks import STRIP_HEIGHT, STRIP_TOP, marks, strip
from coach_server.library.reports.markup import Markup, tag
from coach_server.library.reports.plot import (
    BOTTOM,
    Scale,
    area,
    chart,
    clock,
    level,
    level_name,
    line,
    runs,
    stretched,
    time_axis,
)

HIGHEST_EXCESS: Final = 4.0
"""What is further off than this multiple of its band is drawn at the top."""


def deviation_chart(summary: Summary) -> Markup:
    """How far off over time, with the poses and the cues."""
    timeline = summary.timeline
    known = timeline.excess[np.isfinite(timeline.excess)]
    highest = float(np.ceil(known.max())) if len(known) else 2.0
    scale = Scale(summary.began_t, _end(summary), 0.0, min(max(highest, 2.0), HIGHEST_EXCESS))
    stretches = list(runs(timeline.t, timeline.excess, timeline.slot_s))
    tolerated = scale.y(1.0)
    words = {float(value): f"{value} times that" for value in range(2, int(scale.high) + 1)}
    if highest > scale.high:
        words[scale.high] += " or more"
    return chart(
        "deviation",
        "How far off, over time",
        deviation_told(summary),
        STRIP_TOP + STRIP_HEIGHT + 24,
        tag("rect", width="100%", y=tolerated, height=BOTTOM - tolerated, class_="tolerated"),
        *(level(scale, value) for value in words),
        stretched(
            tag("path", d=area(scale, stretches, 1.0), class_="beyond"),
            tag("path", d=line(scale, stretches), class_="curve"),
        ),
        level(scale, 1.0, "limit"),
        level_name(scale, 1.0, "as far off as is tolerated"),
        *(level_name(scale, value, told) for value, told in words.items()),
        *(strip(scale, each) for each in summary.sequences),
        *marks(summary, scale),
        time_axis(scale, STRIP_TOP + STRIP_HEIGHT + 18),
    )


def deviation_told(summary: Summary) -> str:
    """What can be seen in the chart of deviations."""
    timeline = summary.timeline
    judged = np.isfinite(timeline.excess)
    if not judged.any():
        return "Nothing could be judged."
    within = float((timeline.excess[judged] < 1.0).mean())
    at = int(np.nanargmax(timeline.excess))
    angle = Angle(int(timeline.angle[at]))
    return (
        f"Within what is tolerated for {within:.0%} of the time judged. Furthest off at "
        f"{clock(float(timeline.t[at]) - summary.began_t)}: "
        f"{off_by(angle, float(timeline.degrees[at]))}."
    )


def lag_chart(summary: Summary) -> Markup | None:
    """How far behind the film over time; None where that was never known."""
    timeline, lag = summary.timeline, summary.lag
    if lag is None:
        return None
    known = timeline.lag_s[np.isfinite(timeline.lag_s)]
    low, high = float(np.floor(min(known.min(), 0.0))), float(np.ceil(max(known.max(), 1.0)))
    scale = Scale(summary.began_t, _end(summary), low, high)
    upper, lower = scale.y(lag.upper_s), scale.y(lag.lower_s)
    values = range(int(low), int(high) + 1)
    median = scale.y(lag.median_s)
    path = line(scale, runs(timeline.t, timeline.lag_s, timeline.slot_s))
    return chart(
        "lag",
        "How far behind the video, over time",
        lag_told(summary) or "",
        BOTTOM + 24,
        tag("rect", width="100%", y=upper, height=max(lower - upper, 1.0), class_="tolerated"),
        *(level(scale, value) for value in values),
        stretched(tag("path", d=path, class_="curve")),
        *(level_name(scale, value, _behind(value)) for value in values),
        tag("line", x1="0", x2="100%", y1=median, y2=median, class_="limit"),
        tag("text", "median", x="100%", y=median - 5, text_anchor="end", class_="label strong"),
        time_axis(scale, BOTTOM + 18),
    )


def lag_told(summary: Summary) -> str | None:
    """The lag in a sentence; None where it was never known."""
    lag = summary.lag
    if lag is None:
        return None
    way = "behind" if lag.median_s >= 0 else "ahead of"
    return (
        f"Usually {abs(lag.median_s):.1f} s {way} the video; half of the time between "
        f"{lag.lower_s:.1f} and {lag.upper_s:.1f} s behind."
    )


def _end(summary: Summary) -> float:
    """The end of the last thing that is known, seconds since the student's first frame."""
    timeline = summary.timeline
    ends = [summary.began_t + 1.0, *(each.end_t for each in summary.sequences)]
    if len(timeline.t):
        ends.append(float(timeline.t[-1]) + timeline.slot_s)
    return max(ends)


def _behind(seconds: float) -> str:
    if seconds == 0:
        return "with the video"
    return f"{abs(seconds):.0f} s {'behind' if seconds > 0 else 'ahead'}"
