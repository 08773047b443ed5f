"""What the student may choose while practising."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from coach_server.coaching.deviation import Strictness
from coach_server.coaching.routine import Mirror


class Tempo(StrEnum):
    """Whose time the practice keeps."""

    VIDEO = "video"
    """The film's: the student follows, a little behind."""
    FREE = "free"
    """The student's own: they may stop, slow down or skip, and the film can wait for them."""


class Language(StrEnum):
    """In which the cues are said (BCP 47)."""

    ENGLISH = "en"
    GERMAN = "de"
    SPANISH = "es"
    HINDI = "hi"
    CHINESE = "zh"


@dataclass(frozen=True, slots=True)
class Choices:
    """All of them.

    Attributes:
        strictness: how much may be off.
        mirror: how the student's sides go with the instructor's.
        tempo: whose time the practice keeps.
        language: of the cues.
    """

    strictness: Strictness = Strictness.DEFAULT
    mirror: Mirror = Mirror.SAME
    tempo: Tempo = Tempo.VIDEO
    language: Language = Language.ENGLISH


USUAL: Final = Choices()
"""Where nothing was chosen."""
