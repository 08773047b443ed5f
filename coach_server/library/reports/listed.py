"""A practice in a list: the few figures by which practices are told apart and compared."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Self

from pydantic import TypeAdapter

from coach_server.coaching.report.summary import Summary


@dataclass(frozen=True, slots=True)
class ListedPractice:
    """One practice.

    Attributes:
        session: names its report.
        routine: what was practised, "" where that is not known.
        title: of the routine at that time.
        began_at: when the session began, with a time zone.
        film_s: seconds in which the film ran.
        score: 0..100; None where too little was judged.
        passed, reached: poses that the film held, and those of them that the student did.
        raised, mended: cues.
    """

    session: str
    routine: str
    title: str
    began_at: datetime
    film_s: float
    score: int | None
    passed: int
    reached: int
    raised: int
    mended: int

    @classmethod
    def of(
        cls, session: str, began_at: datetime, own: Mapping[str, object], practice: Summary
    ) -> Self:
        """From a report.

        Args:
            session: names it.
            began_at: when the session began.
            own: what the session tells of itself, as JSON holds it.
            practice: what was practised.
        """
        return cls(
            session=session,
            routine=str(own.get("routine", "")),
            title=practice.title,
            began_at=began_at,
            film_s=round(practice.film_s, 2),
            score=practice.score,
            passed=practice.passed,
            reached=practice.reached,
            raised=sum(each.raised for each in practice.corrections),
            mended=sum(each.mended for each in practice.corrections),
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {**asdict(self), "began_at": self.began_at.isoformat(timespec="seconds")}


LISTED: Final = TypeAdapter(ListedPractice)
"""To JSON and back."""
