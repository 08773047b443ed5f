"""What the coach says: whole sentences in tables, one file a language, and the rules that choose.

Nothing here decides whether to speak. A sentence names the student's own side, what is to move,
which way, and by how much or how far, as coarsely as an angle from a camera allows.
"""

from typing import Final

from coach_server.coaching.choices import Language
from coach_server.coaching.cue import Direction, Joint, Side
from coach_server.coaching.silence import Silence
from coach_server.coaching.wording.chinese import WORDS as CHINESE
from coach_server.coaching.wording.english import WORDS as ENGLISH
from coach_server.coaching.wording.forms import form, is_upright
from coach_server.coaching.wording.german import WORDS as GERMAN
from coach_server.coaching.wording.hindi import WORDS as HINDI
from coach_server.coaching.wording.measures import amount
from coach_server.coaching.wording.pose_name import said_name
from coach_server.coaching.wording.spanish import WORDS as SPANISH
from coach_server.coaching.wording.words import Amount, Form, Phrase, Words, key

__all__ = [
    "WORDS",
    "Amount",
    "Form",
    "Phrase",
    "Words",
    "is_upright",
    "phrase",
    "praise",
    "sentence",
    "silence",
]

WORDS: Final[dict[Language, Words]] = {
    Language.ENGLISH: ENGLISH,
    Language.GERMAN: GERMAN,
    Language.SPANISH: SPANISH,
    Language.HINDI: HINDI,
    Language.CHINESE: CHINESE,
}


def sentence(
    joint: Joint,
    side: Side,
    direction: Direction,
    reference_deg: float,
    deviation_deg: float,
    *,
    pose: str = "",
    language: Language = Language.ENGLISH,
    upright: bool = True,
) -> str:
    """The sentence for a correction, as `corrections.correction` gives it.

    Args:
        joint: what is to move.
        side: the student's own.
        direction: which way.
        reference_deg: the instructor's angle, degrees.
        deviation_deg: student minus reference, degrees.
        pose: the pose's name as the routine has it; "" for a sentence without one.
        language: to say it in.
        upright: whether the instructor's trunk is (`is_upright`): only then do shoulder height
            and the floor mean what they say.

    Returns:
        One sentence without a full stop, of at most 60 characters without the pose's name.

    Raises:
        KeyError: `corrections` never asks for this.
    """
    words = WORDS[language]
    chosen = form(joint, side, direction, reference_deg, deviation_deg, upright=upright)
    by = words.amounts[amount(joint, side, direction, deviation_deg)]
    cue = words.cues[key(joint, side, direction, chosen)].format(amount=by)
    name = said_name(pose)
    if not name:
        return cue
    if words.small_after_name:
        cue = cue[:1].lower() + cue[1:]
    return words.named.format(pose=name, cue=cue)


def praise(cue_id: int, language: Language = Language.ENGLISH) -> str:
    """What is said when a cue has been followed: another one each time, the same for one cue."""
    said = WORDS[language].praise
    return said[cue_id % len(said)]


def silence(reason: Silence, language: Language = Language.ENGLISH) -> str:
    """Why the coach says nothing, and what the student can do about it."""
    return WORDS[language].silences[reason]


def phrase(what: Phrase, language: Language = Language.ENGLISH) -> str:
    """What else the coach has to say."""
    return WORDS[language].phrases[what]
