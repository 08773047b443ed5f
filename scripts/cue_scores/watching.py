"""The sessions of a tier, and the coach that watches them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from coach_server.coaching.choices import USUAL, Choices
from scripts.cue_scores.coached import coached
from scripts.cue_scores.figures import Done
from scripts.cue_scores.manner import Manner
from scripts.cue_scores.noise import Noise
from scripts.cue_scores.routines import scores
from scripts.cue_scores.sessions import Instructor, Session, instructor, session

STUDENTS_A_ROUTINE: Final = 100
"""Numbers of students of one routine."""
PLAIN: Final = Manner(fps=(15.0, 15.0))
"""A student as they come, at the rate that the studio films at and a slow machine keeps up with."""

Advance: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Watching:
    """The sessions of a tier.

    Attributes:
        noise: None where joints are exact.
        routines: how many.
        advance: told of each session that is done.
    """

    noise: Noise | None
    routines: int
    advance: Advance

    def leads(self) -> list[Instructor]:
        """The instructors."""
        every = scores(self.routines)
        return [instructor(score, self.noise, i) for i, score in enumerate(every)]

    def sessions(
        self, leads: list[Instructor], manner: Manner, choices: Choices = USUAL, students: int = 1
    ) -> Iterator[Session]:
        """Of so many students a routine; the first are the same in every row."""
        for number, lead in enumerate(leads):
            for turn in range(students):
                who = number * STUDENTS_A_ROUTINE + turn
                yield session(lead, manner, self.noise, who, choices)

    def watched(
        self, leads: list[Instructor], manner: Manner, choices: Choices = USUAL, students: int = 1
    ) -> Done:
        """Those sessions with what the coach says."""
        done = []
        for one in self.sessions(leads, manner, choices, students):
            done.append((one, coached(one)))
            self.advance("coach")
        return done
