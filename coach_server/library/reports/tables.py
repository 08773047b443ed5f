"""The tables of a report's page: pose by pose, and left against right."""

from coach_server.coaching.report.names import PAIRS, name_of, off_by
from coach_server.coaching.report.records import PoseSequence
from coach_server.coaching.report.summary import Summary
from coach_server.coaching.report.symmetry import FEWEST_POSES, Balance
from coach_server.coaching.report.visits import Worst
from coach_server.library.reports.marks import share_bar
from coach_server.library.reports.markup import Child, Markup, tag


def section(name: str, heading: str, *parts: Child) -> Markup:
    """A part of the page that its heading names."""
    return tag("section", tag("h2", heading, id=name), *parts, aria_labelledby=name, class_="part")


def poses_section(summary: Summary) -> Markup:
    """One row for each stay in a pose."""
    head = tag(
        "thead",
        tag(
            "tr",
            *(
                tag("th", words, scope="col", class_=kind)
                for words, kind in (
                    ("Pose", "pose-name"),
                    ("Within what is tolerated", "share"),
                    ("Stood out", "stood-out"),
                    ("Corrections", "count"),
                    ("Behind", "count"),
                )
            ),
        ),
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


def _pose_row(summary: Summary, each: PoseSequence) -> Markup:
    again = f" (visit {each.visit})" if each.visit > 1 else ""
    name = tag(
        "th",
        tag("span", f"{each.number} ", class_="soft"),
        each.name + again,
        tag("span", "best", class_="badge") if each is summary.best else None,
        tag("span", "hardest", class_="badge") if each is summary.worst else None,
        scope="row",
        class_="pose-name",
    )
    if not each.reached:
        held = "not reached" if each.judged_s == 0 else f"held for {each.judged_s:.1f} s only"
        return tag("tr", name, tag("td", held, colspan=4, class_="soft missed-cell"))
    within = each.within or 0.0
    worst = each.worst
    stood_out = (
        "" if worst is None else f"{name_of(worst.angle)} {off_by(worst.angle, worst.degrees)}"
    )
    cues = "none" if not each.raised else f"{each.raised}, {each.mended} mended"
    lag = "" if each.lag_s is None else f"{each.lag_s:.1f} s"
    return tag(
        "tr",
        name,
        tag("td", share_bar(within), tag("span", f"{within:.0%}"), class_="share"),
        tag("td", _kept(worst), stood_out, class_="stood-out"),
        tag("td", cues, class_="count", data_label="Corrections: "),
        tag("td", lag, class_="count", data_label="Behind: "),
    )


def _kept(worst: Worst | None) -> Markup | None:
    if worst is None or worst.excess >= 1.0:
        return None
    return tag("span", "✓ ", class_="kept", title="tolerated")


def _best_and_worst(summary: Summary) -> str:
    if summary.best is None or summary.worst is None:
        return "Too few poses were judged to say which went best."
    return f"{summary.best.name} went best; {summary.worst.name} was the hardest."


def symmetry_section(summary: Summary) -> Markup:
    """Left against right."""
    real = [each for each in summary.balance if each.is_real]
    enough = any(each.poses >= FEWEST_POSES for each in summary.balance)
    if not enough:
        words = f"In fewer than {FEWEST_POSES} poses both sides were judged: too few to compare."
        return section("sides", "Left and right", tag("p", words, class_="soft"))
    told = "; ".join(
        f"your {name_of(each.worse)} was {abs(each.difference_deg):.0f}° further off than the other"
        for each in real
    )
    words = f"{told[:1].upper()}{told[1:]}." if real else "No side lags behind the other."
    widest = max(5.0, *(max(each.left_deg, each.right_deg) for each in summary.balance))
    rows = [_side_row(each, widest) for each in summary.balance]
    head = tag(
        "thead",
        tag(
            "tr",
            *(
                tag("th", name, scope="col", class_=kind)
                for name, kind in (("Joint", ""), ("Left", "left"), ("Right", ""))
            ),
        ),
    )
    return section(
        "sides",
        "Left and right",
        tag("p", words, " How far each side was beyond what is tolerated, on average."),
        tag("table", head, tag("tbody", *rows), class_="sides"),
    )


def _side_row(each: Balance, widest: float) -> Markup:
    kinds = ["fill", "fill"]
    if each.is_real:
        kinds[each.worse - each.left] = "fill worse"
    flags = [tag("strong", " further off") if kind.endswith("worse") else None for kind in kinds]
    return tag(
        "tr",
        tag("th", PAIRS[each.left], scope="row"),
        tag(
            "td",
            share_bar(each.left_deg / widest, kinds[0], from_right=True),
            tag("span", f"{each.left_deg:.1f}°", flags[0]),
            class_="left",
        ),
        tag(
            "td",
            share_bar(each.right_deg / widest, kinds[1]),
            tag("span", f"{each.right_deg:.1f}°", flags[1]),
        ),
    )
