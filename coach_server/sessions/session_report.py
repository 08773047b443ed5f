"""What remains of a session: how the server did, and what the practice came to."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from coach_server.coaching.player import PlayerClock
from coach_server.coaching.report.practice import PracticeReport
from coach_server.coaching.report.summary import Summary
from coach_server.pipeline.student import FrameResult

MAX_FINISHED: Final = 200
"""Reports kept of sessions that are forgotten; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a session is known by.

    Attributes:
        session: in the report's address.
        resume: the secret with which a page takes the session up again.
        routine: what is practised.
    """

    session: str
    resume: str
    routine: str


@dataclass(frozen=True, slots=True)
class SessionReport:
    """One session's report.

    Attributes:
        began_at: when the session began, with a time zone.
        session: the server's side: connection, frames, engine, as JSON holds it.
        practice: what was practised.
        resumable: whether the session can still be taken up again.
    """

    began_at: datetime
    session: Mapping[str, object]
    practice: Summary
    resumable: bool = True

    def as_dict(self) -> dict[str, object]:
        """As JSON holds it."""
        began_at = self.began_at.isoformat(timespec="seconds")
        own = {**self.session, "began_at": began_at, "resumable": self.resumable}
        return {**own, **self.practice.as_dict()}


class FinishedReports:
    """Reports that outlive their sessions, in memory, the newest `most` of them.

    Attributes:
        dropped: how many were given up for newer ones.
    """

    def __init__(self, most: int = MAX_FINISHED) -> None:
        self._most = most
        self._reports: OrderedDict[str, SessionReport] = OrderedDict()
        self.dropped = 0

    def keep(self, session: str, report: SessionReport) -> None:
        """Keep the report of a session that ends, unless there was no practice."""
        if report.practice.film_s <= 0:
            return
        self._reports[session] = replace(report, resumable=False)
        while len(self._reports) > self._most:
            self._reports.popitem(last=False)
            self.dropped += 1

    def find(self, session: str) -> SessionReport | None:
        """The report of a session; None where there is none any more."""
        return self._reports.get(session)


def count_in(report: PracticeReport, result: FrameResult, clock: PlayerClock | None) -> None:
    """Count a frame's result in, seen while the player stood as `clock` says."""
    report.add(
        result.t,
        routine_t=result.routine_t,
        lag_s=result.lag_s,
        hold=result.hold,
        measured=result.measured,
        cues=result.cues,
        silence=result.silence,
        player_t=None if clock is None else clock.position(result.t),
        runs=clock is not None and clock.runs(result.t),
    )
