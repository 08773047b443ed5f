"""What the web asks of live practice, wherever the students are served."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from prometheus_client.registry import Collector

from coach_server.errors import CoachError
from coach_server.library.reports.listed import ListedPractice
from coach_server.rtc.offer import CleanOffer
from coach_server.sessions.session_report import SessionReport


@dataclass(frozen=True, slots=True)
class Joined:
    """The answer to an offer.

    Attributes:
        sdp: of the answer.
        session: the session's name.
        resume: the secret for taking it up again.
    """

    sdp: str
    session: str
    resume: str


class Practices(Protocol):
    """All live sessions of a server: in this process (`OneProcess`) or in others (`Workers`)."""

    @property
    def metrics(self) -> Collector:
        """What is counted, for Prometheus."""

    @property
    def failed(self) -> "asyncio.Future[CoachError]":
        """Done with the error once it is clear that nobody can be served; there from `start` on."""

    def start(self) -> None:
        """Begin to load the engines, on the running event loop; returns at once."""

    @property
    def engines(self) -> Mapping[str, str]:
        """Device, keypoints, lifter, provider.

        Raises:
            StartingError: they are not loaded yet.
            CoachError: why they cannot be.
        """

    async def join(
        self, offer: CleanOffer, *, routine: str, resume: str | None, attempt: int | None = None
    ) -> Joined:
        """Answer an offer with a new session, or with the one that `resume` names.

        Args:
            offer: of the page.
            routine: to practise.
            resume: the secret of the session to go on with.
            attempt: the page's count of its offers. What a page sent into a network that was cut
                comes when the network is back, after the page has connected anew: offers older
                than the one that took a session up last are refused.

        Raises:
            OfferError: the offer does not describe a connection.
            NotFoundError: there is no such routine.
            BusyError: it is not ready to be practised, or the page has sent a newer offer.
            FullError: no place is free, or the machine cannot take more.
            StartingError: the engines are not loaded yet.
            InternalError: the system refused a connection.
        """

    async def report(self, session: str) -> SessionReport:
        """The practice of a session, so far or as it was when it ended.

        Raises:
            NotFoundError: there is none of this name.
        """

    async def practices(self, routine: str | None = None) -> list[ListedPractice]:
        """The newest practices of a routine, or of all where None; the newest first.

        Those under way are among them, and those that have just ended, once their film has run.

        Raises:
            InputError: what is kept cannot be read.
        """

    async def last_practised(self) -> dict[str, datetime]:
        """When each routine was last practised, by its id.

        Raises:
            InputError: what is kept cannot be read.
        """

    async def close(self) -> None:
        """Say goodbye to every page, and wait until nothing is left."""
