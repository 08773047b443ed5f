"""The tables of a report's page: pose by pose, and left against right."""

from typing import Final

from coach_server.coaching.report.names import PAIRS, name_of, off_by
from coach_server.coaching.report.records import PoseSequence
from coach_server.coaching.report.summary import Summary
from coach_server.coaching.report.symmetry import FEWEST_POSES, Balance
from coach_server.coaching.report.visits import Worst
from coach_server.library.reports.marks import share_bar
from coach_server.library.reports.markup import Child, Markup, tag

LEAST_SHOWN_DEG: Final = 0.5
"""A pair of angles nearer to what is tolerated than this needs no row."""


def section(name: str, heading: str, *parts: Child) -> Markup:
    """A part of the page that its heading names."""
    return tag("section", tag("h2", heading, id=name), *parts, aria_labelledby=name, class_="part")


def barred(bar: Markup, words: str) -> Markup:
    """A bar with its words beside it."""
    return tag("div", bar, tag("span", words), class_="barred")


def poses_section(summary: Summary) -> Markup:
    """One row for each stay in a pose."""
    head = _head(
        ("Pose", "pose-name"),
        ("Within what is tolerated", "share"),
        ("Stood out", "stood-out"),
        ("Corrections", "count"),
        ("Behind", "count"),
    )
    body = tag("tbody", *(_pose_row(summary, each) for each in summary.sequences))
    dropped = summary.sequences_dropped
    return section(
        "poses",
        "Pose by pose",
        tag("p", _best_and_worst(summary), class_="soft"),
        tag("table", head, body, class_="poses"),
        tag("p", f"{dropped} later ones are not listed.", class_="soft") if dropped else None,
    )


def symmetry_section(summary: Summary) -> Markup:
    """Left against right."""
    name, heading = "sides", "Left and right"
    if all(each.poses < FEWEST_POSES for each in summary.balance):
        few = f"In fewer than {FEWEST_POSES} poses both sides were judged: too few to compare."
        return section(name, heading, tag("p", few, class_="soft"))
    off = [b for b in summary.balance if max(b.left_deg, b.right_deg) >= LEAST_SHOWN_DEG]
    if not off:
        both = "Both sides stayed within what is tolerated."
        return section(name, heading, tag("p", both, class_="soft"))
    widest = max([5.0, *(max(each.left_deg, each.right_deg) for each in off)])
    others = "All other angles stayed within what is tolerated, on either side."
    return section(
        name,
        heading,
        tag("p", _further_off(off)),
        tag("p", "By how much each side was beyond what is tolerated, on average:", class_="soft"),
        tag(
            "table",
            _head(("Angle", ""), ("Left", "left"), ("Right", "")),
            tag("tbody", *(_side_row(each, widest) for each in off)),
            class_="sides",
        ),
        tag("p", others, class_="soft") if len(off) < len(summary.balance) else None,
    )


def _head(*columns: tuple[str, str]) -> Markup:
    cells = (tag("th", name, scope="col", class_=kind or None) for name, kind in columns)
    return tag("thead", tag("tr", *cells))


def _pose_row(summary: Summary, each: PoseSequence) -> Markup:
    again = f" (visit {each.visit})" if each.visit > 1 else ""
    name = tag(
        "th",
        tag("span", f"{each.number} ", class_="soft"),
        each.name + again,
        tag("span", "best", class_="badge") if each == summary.best else None,
        tag("span", "hardest", class_="badge") if each == summary.worst else None,
        scope="row",
        class_="pose-name",
    )
    if not each.reached:
        held = "not reached" if each.judged_s == 0 else f"held for {each.judged_s:.1f} s only"
        return tag("tr", name, tag("td", held, colspan=4, class_="soft missed-cell"))
    within = each.within or 0.0
    lag = "" if each.lag_s is None else f"{each.lag_s:.1f} s"
    return tag(
        "tr",
        name,
        tag("td", barred(share_bar(within), f"{within:.0%}"), class_="share"),
        tag("td", _stood_out(each.worst), class_="stood-out"),
        tag("td", _cues(each), class_="count", data_label="Corrections: "),
        tag("td", lag, class_="count", data_label="Behind: "),
    )


def _stood_out(worst: Worst | None) -> Markup | str | None:
    if worst is None:
        return None
    if worst.excess < 1.0:
        return tag("span", "✓ nothing", class_="soft")
    return off_by(worst.angle, worst.degrees)


def _cues(each: PoseSequence) -> str:
    if each.raised == 0:
        return "none"
    if each.mended in {0, each.raised}:
        return f"{each.raised}, {'mended' if each.mended else 'not mended'}"
    return f"{each.raised}, {each.mended} mended"


def _best_and_worst(summary: Summary) -> str:
    if summary.best is None or summary.worst is None:
        return "Too few poses were judged to say which went best."
    return f"{summary.best.name} went best; {summary.worst.name} was the hardest."


def _further_off(balances: list[Balance]) -> str:
    told = "; ".join(
        f"{name_of(each.worse)}: {abs(each.difference_deg):.0f}° further off than the other side"
        for each in balances
        if each.is_real
    )
    return f"{told[0].upper()}{told[1:]}." if told else "No side lags behind the other."


def _side_row(each: Balance, widest: float) -> Markup:
    kinds, flags = ["fill", "fill"], ["", ""]
    if each.is_real:
        kinds[each.worse - each.left], flags[each.worse - each.left] = "fill worse", " further off"
    left = share_bar(each.left_deg / widest, kinds[0], from_right=True)
    right = share_bar(each.right_deg / widest, kinds[1])
    return tag(
        "tr",
        tag("th", PAIRS[each.left], scope="row"),
        tag("td", left, tag("span", f"{each.left_deg:.1f}°{flags[0]}"), class_="left"),
        tag("td", right, tag("span", f"{each.right_deg:.1f}°{flags[1]}")),
    )
