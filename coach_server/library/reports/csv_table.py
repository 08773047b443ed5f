"""A report as CSV: one row for each stay in a pose."""

import csv
import io
from typing import Final

from coach_server.coaching.report.names import name_of
from coach_server.coaching.report.records import PoseSequence
from coach_server.coaching.report.summary import Summary

COLUMNS: Final = (
    "number",
    "pose",
    "hold",
    "visit",
    "began_s",
    "ended_s",
    "routine_s",
    "judged_s",
    "reached",
    "within_share",
    "mean_excess",
    "worst_angle",
    "worst_name",
    "worst_deg",
    "worst_band_deg",
    "cues_raised",
    "cues_mended",
    "mean_lag_s",
)

BYTE_ORDER_MARK: Final = "\ufeff"
"""Spreadsheets take a file without it for one in the machine's own script."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def table(summary: Summary) -> str:
    """The stays of a practice as RFC 4180 has tables; empty where something is not known."""
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for each in summary.sequences:
        writer.writerow(_row(each))
    return text.getvalue()


def _row(each: PoseSequence) -> tuple[object, ...]:
    worst = each.worst
    return (
        each.number,
        _inert(each.name),
        each.hold,
        each.visit,
        f"{each.t:.2f}",
        f"{each.end_t:.2f}",
        f"{each.routine_t:.2f}",
        f"{each.judged_s:.2f}",
        "yes" if each.reached else "no",
        _number(each.within, 3),
        _number(each.excess, 3),
        "" if worst is None else worst.angle.name.lower(),
        "" if worst is None else name_of(worst.angle),
        _number(None if worst is None else worst.degrees, 1),
        _number(None if worst is None else worst.band, 1),
        each.raised,
        each.mended,
        _number(each.lag_s, 2),
    )


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
