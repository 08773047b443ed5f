"""What charts are marked with: cues, poses, bars."""

from typing import Final

from coach_server.coaching.cue import CueState
from coach_server.coaching.report.records import PoseSequence
from coach_server.coaching.report.summary import Summary
from coach_server.library.reports.markup import Markup, joined, tag
from coach_server.library.reports.plot import BOTTOM, PLOT_TOP, Scale, clock

MOST_MARKS: Final = 400
"""Cues that are marked; more would hide each other."""

STRIP_TOP, STRIP_HEIGHT = BOTTOM + 6, 18
ROOM_FOR_NUMBER, ROOM_ON_PHONE = 0.022, 0.06
"""Part of the width that a pose must take for its number to be written."""

TRIANGLE: Final = "M-7 -6H7L0 6Z"
TICK: Final = "M-6 0L-2 5L6 -5"


def share_bar(share: float, kind: str = "fill", *, from_right: bool = False) -> Markup:
    """A bar of 0..1 of its place; what it says stands beside it in words."""
    width = f"{100 * min(max(share, 0.0), 1.0):.1f}%"
    filled = tag(
        "rect",
        x=f"{100 - 100 * min(max(share, 0.0), 1.0):.1f}%" if from_right else "0",
        width=width,
        height="100%",
        class_=kind,
    )
    track = tag("rect", width="100%", height="100%", class_="track")
    return tag("svg", track, filled, class_="bar", width="100%", height=12, aria_hidden="true")


def symbol(kind: str) -> Markup:
    """A mark as the legend shows it."""
    return tag(
        "svg", _symbol(kind), class_="symbol", viewBox="-10 -10 20 20", width=18, height=18,
        aria_hidden="true",
    )  # fmt: skip


def _symbol(kind: str) -> Markup:
    if kind == "mended":
        return joined(tag("circle", r=9, class_="mended"), tag("path", d=TICK, class_="tick"))
    return tag("path", d=TRIANGLE, class_="open")


def marks(summary: Summary, scale: Scale) -> list[Markup]:
    """The cues at their moments; the shape says whether each was mended."""
    mended = {cue.id for cue in summary.cues if cue.state is CueState.FIXED}
    drawn = []
    raised = [cue for cue in summary.cues if cue.state is CueState.RAISED]
    for cue in raised[:MOST_MARKS]:
        kind = "mended" if cue.id in mended else "open"
        outcome = "mended" if kind == "mended" else "not mended"
        told = f"{clock(cue.t - summary.began_t)} {cue.text} ({outcome})"
        x = scale.percent(cue.t)
        drawn.append(
            joined(
                tag("line", x1=x, x2=x, y1=PLOT_TOP - 2, y2=BOTTOM, class_="moment"),
                tag("svg", tag("title", told), _symbol(kind), x=x, y=11, overflow="visible"),
            )
        )
    return drawn


def strip(scale: Scale, each: PoseSequence) -> Markup:
    """A pose under the plot, with its number where there is room; hatched where not reached."""
    start, width = scale.x(each.t), scale.x(each.end_t) - scale.x(each.t)
    kind = "pose" if each.reached else "pose missed"
    drawn = tag(
        "rect",
        tag("title", f"{each.number} {each.name}{'' if each.reached else ' (not reached)'}"),
        x=f"{100 * start:.2f}%",
        width=f"{100 * max(width, 0.002):.2f}%",
        y=STRIP_TOP,
        height=STRIP_HEIGHT,
        rx=3,
        class_=kind,
    )
    if width < ROOM_FOR_NUMBER:
        return drawn
    number = tag(
        "text",
        str(each.number),
        x=f"{100 * (start + width / 2):.2f}%",
        y=STRIP_TOP + STRIP_HEIGHT - 4,
        text_anchor="middle",
        class_="number" if width >= ROOM_ON_PHONE else "number wide-only",
    )
    return joined(drawn, number)
