"""Reports of practices that are over, on disk: the newest of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_type_hints

import numpy as np
from pydantic import TypeAdapter

from coach_server.coaching.report.summary import Summary
from coach_server.coaching.report.timeline import Timeline
from coach_server.library.database import Database

MOST: Final = 500
"""Reports kept; the oldest go first."""

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

    Args:
        database: holds the table.
        most: how many are kept.
    """

    def __init__(self, database: Database, most: int = MOST) -> None:
        self._database = database
        self._most = most

    def keep(self, session: str, report: KeptReport) -> int:
        """Keep a report; gives how many older ones were given up for it.

        Raises:
            InputError: the database cannot be written.
        """
        text = json.dumps({"session": report.session, "practice": _as_json(report.practice)})
        with self._database.connect() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO reports (session, began_at, report) VALUES (?, ?, ?)",
                (session, report.began_at.isoformat(), text),
            )
            dropped = connection.execute(
                "DELETE FROM reports WHERE rowid NOT IN "
                "(SELECT rowid FROM reports ORDER BY rowid DESC LIMIT ?)",
                (self._most,),
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
        if row is None:
            return None
        fields = json.loads(row["report"])
        return KeptReport(
            datetime.fromisoformat(row["began_at"]), fields["session"], _read(fields["practice"])
        )


def _as_json(summary: Summary) -> dict[str, Any]:
    fields = {
        name: kind.dump_python(getattr(summary, name), mode="json")
        for name, kind in _FIELDS.items()
    }
    timeline = summary.timeline
    columns = {name: getattr(timeline, name).tolist() for name in _COLUMNS}
    return {**fields, "timeline": {"slot_s": timeline.slot_s, **columns}}


def _read(fields: dict[str, Any]) -> Summary:
    known = {name: kind.validate_python(fields[name]) for name, kind in _FIELDS.items()}
    rows = fields["timeline"]
    columns = {name: np.array(rows[name], kind) for name, kind in _COLUMNS.items()}
    return Summary(**known, timeline=Timeline(slot_s=rows["slot_s"], **columns))
