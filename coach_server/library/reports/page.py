"""A report as one HTML file: its style and its charts in it, no scripts, nothing from elsewhere."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from coach_server.coaching.report.summary import Summary, Verdict
from coach_server.library.reports.markup import Markup, joined, tag
from coach_server.library.reports.plot import clock
from coach_server.library.reports.sections import all_sections, next_section, time_section

NO_ICON: Final = "data:,"
"""A page that names none has its browser ask for one."""


def page(
    summary: Summary, style: str, *, began_at: datetime, files: Mapping[str, str] | None = None
) -> str:
    """The whole file.

    Args:
        summary: of the practice.
        style: CSS, taken in as it is.
        began_at: when the practice began, in the time zone that is to be shown.
        files: addresses of other forms of the report by their names; none in a file to keep.
    """
    title = summary.title or "Practice"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="dark light"),
        tag("title", f"{title} · Practice report"),
        tag("link", rel="icon", href=NO_ICON),
        tag("style", Markup(style)),
    )
    body = tag(
        "body",
        tag("header", *_heading(summary, title, began_at)),
        tag("main", _facts(summary), _parts(summary)),
        tag("footer", *_footer(files or {})),
        class_="report",
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def verdict(summary: Summary) -> str:
    """The practice in a sentence or two."""
    if summary.verdict is Verdict.NOT_BEGUN:
        return "The video never ran, so there is nothing to report."
    if summary.verdict is Verdict.TOO_LITTLE:
        return (
            "This practice could not be judged: the coach saw enough of a held pose for "
            f"{summary.judged_s:.0f} s of {clock(summary.film_s)}."
        )
    held = f"{summary.reached} of {summary.passed} poses held"
    raised = sum(each.raised for each in summary.corrections)
    mended = sum(each.mended for each in summary.corrections)
    if raised == 0:
        return f"{held}, and nothing to correct in what could be judged."
    corrections = "one correction" if raised == 1 else f"{raised} corrections"
    outcome = "all mended" if mended == raised else f"{mended or 'none'} mended"
    return f"{held}; {corrections}, {outcome}."


def _heading(summary: Summary, title: str, began_at: datetime) -> tuple[Markup, ...]:
    date = f"{began_at.day} {began_at:%B %Y, %H:%M}"
    return (
        tag("p", "Practice report · ", tag("time", date, datetime=began_at.isoformat())),
        tag("h1", title),
        tag("p", verdict(summary), class_="lead"),
    )


def _facts(summary: Summary) -> Markup | None:
    if summary.verdict is Verdict.NOT_BEGUN:
        return None
    lag = summary.lag
    facts = [
        *(() if summary.score is None else (_score(summary.score),)),
        ("Practised", clock(summary.film_s), "with the video running"),
        ("Judged", f"{summary.judged_share:.0%}", f"{clock(summary.judged_s)} of held poses"),
        ("Poses held", f"{summary.reached} of {summary.passed}", "for a second or more"),
    ]
    if lag is not None:
        spread = f"mostly {lag.lower_s:.1f} to {lag.upper_s:.1f}\N{NO-BREAK SPACE}s"
        facts.append(("Behind the video", f"{lag.median_s:.1f} s", spread))
    return tag(
        "dl",
        *(
            tag("div", tag("dt", name), tag("dd", value), tag("dd", more, class_="soft"))
            for name, value, more in facts
        ),
        class_="facts",
    )


def _score(score: int) -> tuple[str, str, str]:
    return "Score", str(score), "of 100: how much of each pose was within tolerance"


def _parts(summary: Summary) -> Markup | None:
    if summary.verdict is Verdict.JUDGED:
        return all_sections(summary)
    if summary.verdict is Verdict.TOO_LITTLE:
        return joined(next_section(summary) if summary.steps else None, time_section(summary))
    return None


def _footer(files: Mapping[str, str]) -> tuple[Markup, ...]:
    links = [tag("a", name, href=address, class_="text-link") for name, address in files.items()]
    return (
        *((tag("p", *links, class_="files"),) if links else ()),
        tag(
            "p",
            "The coach sees seventeen joints. Hands, feet and the turning of forearms are not "
            "among them, and are never judged.",
            class_="soft",
        ),
    )
