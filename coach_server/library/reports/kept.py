"""Reports of practices that are over, on disk: the newest of them."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_type_hints

import numpy as np
import structlog
from pydantic import TypeAdapter

from coach_server.coaching.corrections import JUDGED_JOINTS
from coach_server.coaching.report.summary import Summary, joint_columns
from coach_server.coaching.report.timeline import Timeline
from coach_server.library.database import Database
from coach_server.library.reports.listed import LISTED, ListedPractice

log = structlog.get_logger(__name__)

MOST: Final = 500
"""Reports kept; the oldest go first."""

MOST_LISTED: Final = 200
"""Of those, in one list."""

_COLUMNS: Final = {
    "t": np.float32,
    "excess": np.float32,
    "angle": np.int8,
    "degrees": np.float32,
    "lag_s": np.float32,
}
"""Of a timeline, with what they hold."""

_FIELDS: Final[dict[str, TypeAdapter[Any]]] = {
    name: TypeAdapter(kind) for name, kind in get_type_hints(Summary).items() if name != "timeline"
}


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report as it was kept.

    Attributes:
        began_at: when the session began, with a time zone.
        session: the server's side of it, as JSON holds it.
        practice: what was practised.
    """

    began_at: datetime
    session: Mapping[str, object]
    practice: Summary


class ReportStore:
    """Reports in the table `reports`; every call reads or writes the disk.

    What lists tell of them stands in the table `practices` as well: a report has some hundred
    kilobytes, and a list is of many.

    Args:
        database: holds the table.
        most: how many are kept.
    """

    def __init__(self, database: Database, most: int = MOST) -> None:
        self._database = database
        self._most = most
        self._noted = False

    def keep(self, session: str, report: KeptReport) -> int:
        """Keep a report; gives how many older ones were given up for it.

        Raises:
            InputError: the database cannot be written.
        """
        text = report_as_text(report)
        with self._database.connect() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO reports (session, began_at, report) VALUES (?, ?, ?)",
                (session, report.began_at.isoformat(), text),
            )
            _note(connection, session, report)
            dropped = connection.execute(
                "DELETE FROM reports WHERE rowid NOT IN "
                "(SELECT rowid FROM reports ORDER BY rowid DESC LIMIT ?)",
                (self._most,),
            )
            connection.execute(
                "DELETE FROM practices WHERE session NOT IN (SELECT session FROM reports)"
            )
            return dropped.rowcount

    def find(self, session: str) -> KeptReport | None:
        """The report of a session; None where there is none any more.

        Raises:
            InputError: the database cannot be read.
        """
        with self._database.connect(write=False) as connection:
            row = connection.execute(
                "SELECT began_at, report FROM reports WHERE session = ?", (session,)
            ).fetchone()
        return None if row is None else _report(row)

    def listed(
        self, routine: str | None = None, most: int = MOST_LISTED
    ) -> tuple[ListedPractice, ...]:
        """The practices of a routine, or of all where None; the newest first.

        Raises:
            InputError: the database cannot be read.
        """
        self._note_old_ones()
        with self._database.connect(write=False) as connection:
            rows = connection.execute(
                "SELECT figures FROM practices WHERE figures != '' AND (? IS NULL OR routine = ?) "
                "ORDER BY began_s DESC LIMIT ?",
                (routine, routine, most),
            ).fetchall()
        return tuple(LISTED.validate_json(row["figures"]) for row in rows)

    def last_practised(self) -> dict[str, datetime]:
        """When each routine was last practised, by its id.

        Raises:
            InputError: the database cannot be read.
        """
        self._note_old_ones()
        with self._database.connect(write=False) as connection:
            rows = connection.execute(
                "SELECT routine, began_at, MAX(began_s) FROM practices "
                "WHERE routine != '' GROUP BY routine"
            ).fetchall()
        return {row["routine"]: datetime.fromisoformat(row["began_at"]) for row in rows}

    def _note_old_ones(self) -> None:
        """Once, after an update: the figures of what was kept before there were any."""
        if self._noted:
            return
        with self._database.connect(write=False) as connection:
            rows = connection.execute(
                "SELECT session FROM reports EXCEPT SELECT session FROM practices"
            )
            old = [row["session"] for row in rows]
        for session in old:  # one at a time, for each has some hundred kilobytes
            with self._database.connect() as connection:
                row = connection.execute(
                    "SELECT began_at, report FROM reports WHERE session = ?", (session,)
                ).fetchone()
                if row is not None:
                    _note_old(connection, session, row)
        self._noted = True


def report_as_text(report: KeptReport) -> str:
    """A report as JSON, from which `report_from_text` makes it again."""
    return json.dumps(
        {
            "began_at": report.began_at.isoformat(),
            "session": report.session,
            "practice": _as_json(report.practice),
        }
    )


def report_from_text(text: str) -> KeptReport:
    """The report of which `report_as_text` made `text`.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    return _from_fields(json.loads(text))


def _from_fields(fields: Mapping[str, Any]) -> KeptReport:
    began_at = datetime.fromisoformat(fields["began_at"])
    return KeptReport(began_at, fields["session"], _read(fields["practice"]))


def _report(row: sqlite3.Row) -> KeptReport:
    # in the table its beginning is a column
    return _from_fields({**json.loads(row["report"]), "began_at": row["began_at"]})


def _note_old(connection: sqlite3.Connection, session: str, row: sqlite3.Row) -> None:
    """The figures of a report; of one that cannot be read that there are none."""
    try:
        report = _report(row)
    except (ValueError, KeyError, TypeError) as error:
        log.warning("report_unreadable", session=session, reason=str(error))
        connection.execute(
            "INSERT OR REPLACE INTO practices (session, routine, began_at, began_s, figures) "
            "VALUES (?, '', '', 0, '')",
            (session,),
        )
    else:
        _note(connection, session, report)


def _note(connection: sqlite3.Connection, session: str, report: KeptReport) -> None:
    """Write down beside a report what lists tell of it."""
    listed = ListedPractice.of(session, report.began_at, report.session, report.practice)
    connection.execute(
        "INSERT OR REPLACE INTO practices (session, routine, began_at, began_s, figures) "
        "VALUES (?, ?, ?, ?, ?)",
        (
            session,
            listed.routine,
            report.began_at.isoformat(),
            report.began_at.timestamp(),
            LISTED.dump_json(listed).decode(),
        ),
    )


def _as_json(summary: Summary) -> dict[str, Any]:
    fields = {
        name: kind.dump_python(getattr(summary, name), mode="json")
        for name, kind in _FIELDS.items()
    }
    timeline = summary.timeline
    columns = {name: getattr(timeline, name).tolist() for name in _COLUMNS}
    joints = joint_columns(timeline)
    return {**fields, "timeline": {"slot_s": timeline.slot_s, **columns, "joints": joints}}


def _read(fields: dict[str, Any]) -> Summary:
    known = {
        name: kind.validate_python(fields[name]) for name, kind in _FIELDS.items() if name in fields
    }
    rows = fields["timeline"]
    columns = {name: np.array(rows[name], kind) for name, kind in _COLUMNS.items()}
    joints = np.full((len(rows["t"]), len(JUDGED_JOINTS)), np.nan, np.float32)
    for column, name in enumerate(JUDGED_JOINTS):
        kept = rows.get("joints", {})  # reports had none at first
        if name in kept:
            joints[:, column] = np.array(kept[name], np.float32)  # null is NaN
    return Summary(**known, timeline=Timeline(slot_s=rows["slot_s"], **columns, joints=joints))
