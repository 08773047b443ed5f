"""What a page is told of its coach, in the language that its student chose."""

from dataclasses import asdict, dataclass
from typing import Self

from coach_server.coaching.choices import Language
from coach_server.coaching.silence import Silence
from coach_server.coaching.wording import WORDS
from coach_server.pipeline.student import FrameResult


@dataclass(frozen=True, slots=True)
class CoachState:
    """What the page has to know at once when it changes.

    Attributes:
        silence: why nothing is said; None while the student is judged.
        wait: whether the film should wait for the student.
        mirrored: whether the student is followed as in a mirror.
        calibrated: whether the student's neutral stance is known.
    """

    silence: Silence | None = Silence.PAUSED
    wait: bool = False
    mirrored: bool = False
    calibrated: bool = False

    @classmethod
    def of(cls, result: FrameResult) -> Self:
        """As of this frame."""
        return cls(result.silence, result.wait, result.mirrored, result.calibrated)

    def as_dict(self) -> dict[str, object]:
        """As JSON holds it."""
        return asdict(self)


def words_of(language: Language) -> dict[str, object]:
    """Every sentence beside the cues that the page may have to show, as JSON holds it."""
    words = WORDS[language]
    return {
        "language": str(language),
        "silences": {str(reason): text for reason, text in words.silences.items()},
        "phrases": {str(phrase): text for phrase, text in words.phrases.items()},
    }
