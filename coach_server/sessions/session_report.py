"""What remains of a session: how the server did, and what the practice came to."""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from coach_server.coaching.player import PlayerClock
from coach_server.coaching.report.practice import PracticeReport
from coach_server.coaching.report.summary import Summary
from coach_server.errors import CoachError
from coach_server.library.reports.kept import MOST_LISTED, KeptReport, ReportStore
from coach_server.library.reports.listed import ListedPractice
from coach_server.pipeline.student import FrameResult

log = structlog.get_logger(__name__)


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

    def kept(self) -> KeptReport:
        """The same as it is kept."""
        return KeptReport(self.began_at, self.session, self.practice)

    def listed(self, session: str) -> ListedPractice:
        """The practice as lists tell of it."""
        return ListedPractice.of(session, self.began_at, self.session, self.practice)


MOST_WAITING: Final = 64
"""Reports that wait for a disk that does not take them; the oldest go first."""

LEAST_FILM_S: Final = 1.0
"""Of film that must have run: less is left where a line is taken up as the film ends."""


def is_practice(report: SessionReport) -> bool:
    """Whether there is something to keep and to list."""
    return report.practice.film_s >= LEAST_FILM_S


class FinishedReports:
    """Reports that outlive their sessions.

    Writing one takes a while; until it is on disk it is found in memory. One that the disk does not
    take waits there, and is tried again with the next: a full disk is mended in time.

    Args:
        store: where they are kept.
    """

    def __init__(self, store: ReportStore) -> None:
        self._store = store
        self._unwritten: dict[str, SessionReport] = {}
        self._writing: set[asyncio.Task[int]] = set()
        self._waiting: deque[str] = deque()
        self._turn = asyncio.Lock()

    def keep(self, session: str, report: SessionReport) -> asyncio.Task[int] | None:
        """Begin to keep the report of a session that ends, unless there was no practice.

        Gives the work, whose result is how many reports were given up for it.
        """
        if not is_practice(report):
            return None
        self._unwritten[session] = replace(report, resumable=False)
        task = asyncio.create_task(self._write_last(session, report), name="keeping a report")
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return task

    async def keep_so_far(self, session: str, report: SessionReport) -> int:
        """Write down a practice that goes on, for the case that its end is never told.

        Gives how many older ones were given up for it.
        """
        if not is_practice(report):
            return 0
        return (await self._write(session, report) or 0) + await self._write_waiting()

    def unwritten(self, routine: str | None = None) -> dict[str, ListedPractice]:
        """Practices of a routine, or of all where None, that are not on disk yet."""
        listed = {session: each.listed(session) for session, each in self._unwritten.items()}
        return {s: each for s, each in listed.items() if routine in {None, each.routine}}

    async def find(self, session: str) -> SessionReport | None:
        """The report of a session; None where there is none any more."""
        if session in self._unwritten:
            return self._unwritten[session]
        kept = await asyncio.to_thread(self._store.find, session)
        if kept is None:
            return None
        own = dict(kept.session)
        if own.get("live"):  # nobody could write down how it ended
            own |= {"live": False, "ended": "lost"}
        return SessionReport(kept.began_at, own, kept.practice, resumable=False)

    async def listed(
        self, routine: str | None = None, most: int = MOST_LISTED
    ) -> dict[str, ListedPractice]:
        """The newest practices of a routine, or of all where None, by their sessions."""
        unwritten = self.unwritten(routine)
        kept = await asyncio.to_thread(self._store.listed, routine, most)
        return {each.session: each for each in kept} | unwritten

    async def last_practised(self) -> dict[str, datetime]:
        """When each routine was last practised, by its id."""
        unwritten = [each.listed(session) for session, each in self._unwritten.items()]
        return latest(await asyncio.to_thread(self._store.last_practised), unwritten)

    async def written(self) -> None:
        """Wait until all are on disk that it takes."""
        await asyncio.gather(*self._writing)
        await self._write_waiting()

    async def _write(self, session: str, report: SessionReport) -> int | None:
        """Give how many older ones were given up for it; None where it could not be written."""
        async with self._turn:  # what a session came to is written after what it had come to
            writing = asyncio.ensure_future(
                asyncio.to_thread(self._store.keep, session, report.kept())
            )
            try:
                return await asyncio.shield(writing)
            except asyncio.CancelledError:  # who waits has gone; the thread writes on
                await asyncio.wait([writing])
                raise
            except CoachError as error:  # a full disk must not end the server
                log.warning("report_not_kept", session=session, reason=error.message)
                return None

    async def _write_last(self, session: str, report: SessionReport) -> int:
        dropped = await self._write(session, report)
        if dropped is None:
            return self._have_wait(session)
        self._unwritten.pop(session, None)
        return dropped + await self._write_waiting()

    def _have_wait(self, session: str) -> int:
        self._waiting.append(session)
        too_many = len(self._waiting) - MOST_WAITING
        for _ in range(too_many):
            self._unwritten.pop(self._waiting.popleft(), None)
        return max(0, too_many)

    async def _write_waiting(self) -> int:
        """Try again to write those that wait, in their order, until one still cannot be."""
        dropped = 0
        while self._waiting:
            session = self._waiting.popleft()
            report = self._unwritten.get(session)
            if report is not None:
                more = await self._write(session, report)
                if more is None:
                    self._waiting.appendleft(session)
                    break
                dropped += more
            self._unwritten.pop(session, None)
        return dropped


def latest(last: Mapping[str, datetime], more: Iterable[ListedPractice]) -> dict[str, datetime]:
    """When each routine was last practised, with some more practices."""
    found = dict(last)
    for each in more:
        found[each.routine] = max(found.get(each.routine, each.began_at), each.began_at)
    return found


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
        # A film that waits for the student is practised with as well.
        runs=clock is not None and (clock.runs(result.t) or result.wait),
        joints=None if result.pose is None else result.pose.joints,
        mirrored=result.mirrored,
    )
