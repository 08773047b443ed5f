"""The parts of a report's page, each with its heading."""

from coach_server.coaching.cue import CueState
from coach_server.coaching.report.reasons import reason_name
from coach_server.coaching.report.summary import Summary
from coach_server.library.reports.charts import deviation_chart, deviation_told, lag_chart, lag_told
from coach_server.library.reports.marks import MOST_MARKS, share_bar, symbol
from coach_server.library.reports.markup import Markup, joined, tag
from coach_server.library.reports.plot import clock
from coach_server.library.reports.tables import barred, poses_section, section, symmetry_section


def next_section(summary: Summary) -> Markup:
    """What to practise next."""
    if not summary.steps:
        words = "Nothing stood out. Practise it again, or a stricter setting."
        return section("next", "What to practise next", tag("p", words))
    items = [
        tag("li", tag("strong", step.text), tag("span", step.why, class_="soft"))
        for step in summary.steps
    ]
    return section("next", "What to practise next", tag("ol", *items, class_="steps"))


def deviation_section(summary: Summary) -> Markup:
    """How far off over time."""
    legend = tag(
        "ul",
        tag("li", symbol("mended"), "correction, mended"),
        tag("li", symbol("open"), "correction, not mended"),
        tag("li", tag("span", class_="swatch tolerated-swatch"), "tolerated"),
        tag("li", tag("span", class_="swatch pose-swatch"), "pose, numbered as below"),
        tag("li", tag("span", class_="swatch missed-swatch"), "pose not reached"),
        class_="legend",
    )
    raised = sum(cue.state is CueState.RAISED for cue in summary.cues)
    more = f" The first {MOST_MARKS} corrections are marked." if raised > MOST_MARKS else ""
    return section(
        "over-time",
        "How far off, over time",
        tag("p", deviation_told(summary) + more, class_="soft"),
        tag("figure", deviation_chart(summary), legend),
    )


def lag_section(summary: Summary) -> Markup | None:
    """How far behind the video."""
    drawn, told = lag_chart(summary), lag_told(summary)
    if drawn is None or told is None:
        return None
    return section(
        "behind", "Behind the video", tag("p", told, class_="soft"), tag("figure", drawn)
    )


def corrections_section(summary: Summary) -> Markup | None:
    """Every correction with its moment."""
    fixed = {cue.id: cue.t for cue in summary.cues if cue.state is CueState.FIXED}
    items: list[Markup] = []
    for cue in summary.cues:
        if cue.state is CueState.FIXED or len(items) == MOST_MARKS:
            continue
        took = f"mended after {fixed[cue.id] - cue.t:.0f} s" if cue.id in fixed else "not mended"
        items.append(
            tag(
                "li",
                symbol("mended" if cue.id in fixed else "open"),
                tag("span", clock(cue.t - summary.began_t), class_="moment-at"),
                tag("span", cue.text, class_="said"),
                tag("span", f"{abs(cue.deviation_deg):.0f}° off, {took}", class_="soft"),
            )
        )
    if not items:
        return None
    return section("corrections", "Corrections", tag("ul", *items, class_="said-list"))


def time_section(summary: Summary) -> Markup | None:
    """What the time of the practice went into."""
    if summary.film_s <= 0:
        return None
    shares = [("judged", summary.judged_s)]
    shares += [(reason_name(reason), s) for reason, s in summary.silent_s.items()]
    rows = [
        tag(
            "tr",
            tag("th", name, scope="row"),
            tag("td", barred(share_bar(seconds / summary.film_s), clock(seconds))),
        )
        for name, seconds in shares
        if seconds >= 0.5
    ]
    return section("time", "What the coach saw", tag("table", tag("tbody", *rows), class_="times"))


def all_sections(summary: Summary) -> Markup:
    """The parts of a practice that was judged."""
    return joined(
        next_section(summary),
        deviation_section(summary),
        poses_section(summary),
        corrections_section(summary),
        symmetry_section(summary),
        lag_section(summary),
        time_section(summary),
    )
