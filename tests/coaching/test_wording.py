"""Every correction has a sentence in every language, that names its side and is soon said."""

import re
from collections.abc import Iterator
from itertools import pairwise
from string import Formatter

import numpy as np
import pytest

from coach_server.body.angles import Angle
from coach_server.coaching.choices import Language
from coach_server.coaching.corrections import CORRECTIONS, correction
from coach_server.coaching.cue import Direction, Joint, Side
from coach_server.coaching.silence import Silence
from coach_server.coaching.wording import (
    WORDS,
    Amount,
    Phrase,
    is_upright,
    phrase,
    praise,
    sentence,
    silence,
)
from coach_server.coaching.wording.forms import form
from coach_server.coaching.wording.measures import amount, way_m
from coach_server.coaching.wording.pose_name import LONGEST, said_name
from coach_server.coaching.wording.words import key

pytestmark = pytest.mark.unit

LONGEST_CUE = {
    Language.ENGLISH: 60,
    Language.GERMAN: 60,
    Language.SPANISH: 60,
    Language.HINDI: 60,
    Language.CHINESE: 20,
}
LONGEST_SILENCE = 60
MOST_WORDS = 10
"""As many are said in three seconds."""
MARKS = {
    Language.ENGLISH: (r"\bleft\b", r"\bright\b"),
    Language.GERMAN: (r"\blink(?=en|es|s)", r"\brecht(?=en|es|s)"),
    Language.SPANISH: ("izquierd", "derech"),
    Language.HINDI: ("बा(?:याँ|ईं)", "दा(?:याँ|ईं)"),
    Language.CHINESE: ("左", "右"),
}
HARMFUL = re.compile(r"\b(lock|force|crunch|push|hard|must|all the way|as far as)\b", re.IGNORECASE)

Asked = tuple[Joint, Side, Direction, float, float, bool]


def asked() -> Iterator[Asked]:
    """All that the coach can ask for, over the angles a reference can have."""
    for angle in Angle:
        for reference in range(-180, 181, 4):
            for degrees in (*range(1, 96, 3), 179):
                for signed in (degrees, -degrees):
                    joint, side, direction = correction(angle, signed, reference)
                    for upright in (True, False):
                        yield joint, side, direction, reference, signed, upright
                        if side is not Side.CENTER:
                            yield joint, Side.BOTH, direction, reference, signed, upright


def keys_asked_for() -> set[str]:
    return {
        key(joint, side, direction, form(joint, side, direction, reference, off, upright=upright))
        for joint, side, direction, reference, off, upright in asked()
    }


@pytest.fixture(scope="module")
def keys() -> set[str]:
    return keys_asked_for()


@pytest.mark.parametrize("language", Language)
def test_every_correction_has_its_sentence_and_no_sentence_is_idle(
    language: Language, keys: set[str]
) -> None:
    assert set(WORDS[language].cues) == keys


def test_every_angle_both_ways_and_both_sides_is_among_them(keys: set[str]) -> None:
    parts = {name.rsplit(".", 1)[0] for name in keys}
    for entry in CORRECTIONS.values():
        part = entry.joint if entry.side is Side.CENTER else f"{entry.side}_{entry.joint}"
        assert {f"{part}.{entry.if_more}", f"{part}.{entry.if_less}"} <= parts
        if entry.side is not Side.CENTER:
            assert f"both_{entry.joint}.{entry.if_more}" in parts
    assert {"left_hip.raise", "right_hip.lower", "both_hip.raise"} <= parts


def test_what_nobody_asks_for_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        sentence(Joint.NECK, Side.CENTER, Direction.BEND, 0.0, 20.0)


@pytest.mark.parametrize("language", Language)
def test_placeholders_are_those_of_the_english(language: Language) -> None:
    english = WORDS[Language.ENGLISH]
    words = WORDS[language]
    for name, text in words.cues.items():
        assert fields(text) == fields(english.cues[name]) <= {"amount"}, name
    assert fields(words.named) == {"pose", "cue"}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", Language)
def test_a_side_is_named_where_there_is_one_and_never_the_other(language: Language) -> None:
    left, right = (re.compile(mark) for mark in MARKS[language])
    for name, text in WORDS[language].cues.items():
        on_left, on_right = "left" in name, "right" in name
        assert bool(left.search(text)) == on_left, (name, text)
        assert bool(right.search(text)) == on_right, (name, text)


@pytest.mark.parametrize("language", Language)
def test_the_right_differs_from_the_left_by_the_side_alone(language: Language) -> None:
    left, right = MARKS[language]
    cues = WORDS[language].cues
    for name, text in cues.items():
        if "left" in name:
            other = cues[name.replace("left", "right")]
            assert re.sub(left, "_", text) == re.sub(right, "_", other)


@pytest.mark.parametrize("language", Language)
def test_every_cue_is_soon_read(language: Language) -> None:
    words = WORDS[language]
    for name, text in words.cues.items():
        for by in words.amounts.values():
            assert 2 < len(text.format(amount=by)) <= LONGEST_CUE[language], name


@pytest.mark.parametrize("language", Language)
def test_every_text_is_there_and_is_clean(language: Language) -> None:
    words = WORDS[language]
    assert set(words.amounts) == set(Amount)
    assert set(words.silences) == set(Silence)
    assert set(words.phrases) == set(Phrase)
    texts = (*words.cues.values(), *words.amounts.values(), *words.praise)
    texts += (*words.silences.values(), *words.phrases.values())
    for text in texts:
        assert text == " ".join(text.split())
        assert text
    for text in words.cues.values():
        assert text[-1] not in ".。।!", text
    told = [silence(reason, language) for reason in Silence]
    assert len(set(told)) == len(Silence)
    assert max(map(len, told)) <= LONGEST_SILENCE
    assert len({phrase(what, language) for what in Phrase}) == len(Phrase)


@pytest.mark.parametrize("language", [each for each in Language if each != Language.ENGLISH])
def test_nothing_was_left_in_english(language: Language) -> None:
    ours, english = WORDS[language], WORDS[Language.ENGLISH]
    assert not set(ours.cues.values()) & set(english.cues.values())
    assert not set(ours.silences.values()) & set(english.silences.values())


def test_nobody_is_pushed_into_harm(keys: set[str]) -> None:
    for name, text in WORDS[Language.ENGLISH].cues.items():
        assert not HARMFUL.search(text), name
    much = {name.split(".")[1] for name in keys if name.endswith(".much")}
    assert much == {"forward", "lean_left", "lean_right"}
    assert "without forcing" in sentence(Joint.KNEE, Side.LEFT, Direction.STRAIGHTEN, 2.0, 40.0)


@pytest.mark.parametrize(
    ("joint", "side", "direction", "reference", "off", "said"),
    [
        ("shoulder", "left", "raise", 90, -20, "Raise your left arm to shoulder height"),
        ("shoulder", "right", "raise", 170, -30, "Bring your right arm up beside your ear"),
        ("shoulder", "both", "lower", 8, 25, "Lower both arms to your sides"),
        ("shoulder", "left", "raise", 45, -20, "Raise your left arm about two hands higher"),
        ("shoulder", "left", "back", 0, 20, "Take your left arm back, out to the side"),
        ("knee", "left", "bend", 60, -9, "Bend your left knee a little more"),
        ("knee", "right", "bend", 60, -15, "Bend your right knee more, about a hand's width"),
        ("knee", "right", "bend", 90, -25, "Bend your right knee towards ninety degrees"),
        ("hip", "right", "raise", 90, -20, "Bring your right thigh level with the floor"),
        ("hip", "both", "back", 30, 25, "Open the front of your hips more"),
        ("trunk", "center", "forward", 30, -14, "Lean a little further forward"),
        ("trunk", "center", "forward", 30, -40, "Lean a good deal further forward"),
        ("trunk", "center", "forward", 3, -14, "Bring your shoulders forward over your hips"),
        ("trunk", "center", "forward", -40, -20, "Lean back a little less"),
        ("trunk", "center", "lean_left", 30, -25, "Lean further to your left"),
        ("trunk", "center", "lean_left", 0, -25, "Bring your shoulders left, over your hips"),
        ("trunk", "center", "lean_left", -30, -25, "Come up a little, to your left"),
        ("trunk", "center", "turn_right", 40, 20, "Ease your twist a little, to your right"),
        ("neck", "center", "lean_right", -20, 15, "Tilt your head a little more to your right"),
    ],
)
def test_what_a_teacher_would_say(
    joint: str, side: str, direction: str, reference: float, off: float, said: str
) -> None:
    given = Joint(joint), Side(side), Direction(direction), reference, off
    assert sentence(*given) == said


def test_shoulder_height_is_said_only_where_the_trunk_is_upright() -> None:
    given = Joint.SHOULDER, Side.LEFT, Direction.RAISE, 90.0, -20.0
    assert "height" in sentence(*given, upright=is_upright(10.0, -12.0))
    assert "level with your shoulder" in sentence(*given, upright=is_upright(0.0, 60.0))
    thigh = Joint.HIP, Side.LEFT, Direction.RAISE, 90.0, -20.0
    assert "floor" not in sentence(*thigh, upright=is_upright(-80.0, 0.0))


def test_more_is_never_said_of_less() -> None:
    given = Joint.SHOULDER, Side.LEFT, Direction.RAISE
    order = list(Amount)
    steps = [order.index(amount(*given, off)) for off in np.arange(8.0, 120.0)]
    assert steps == sorted(steps)
    assert set(steps) == {0, 1, 2}
    assert way_m(*given, 20.0) == pytest.approx(0.19, abs=0.01)


@pytest.mark.parametrize("language", Language)
def test_a_pose_is_named_first(language: Language) -> None:
    given = Joint.KNEE, Side.LEFT, Direction.BEND, 60.0, -9.0
    plain = sentence(*given, language=language)
    named = sentence(*given, pose="Warrior II, left (Virabhadrasana II)", language=language)
    assert named.startswith("Warrior 2")
    assert named.casefold().endswith(plain.casefold())


def test_every_cue_is_soon_said() -> None:
    words = WORDS[Language.ENGLISH]
    for name, text in words.cues.items():
        for by in words.amounts.values():
            assert len(text.format(amount=by).split()) <= MOST_WORDS, name


def test_english_goes_on_small_behind_a_name() -> None:
    given = Joint.KNEE, Side.LEFT, Direction.BEND, 60.0, -9.0
    assert sentence(*given, pose="Warrior II") == "Warrior 2: bend your left knee a little more"


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Mountain pose (Tadasana)", "Mountain pose"),
        ("Warrior II, right (Virabhadrasana II)", "Warrior 2"),
        ("Half moon - left side", "Half moon"),
        ("Left warrior", ""),
        ("Krieger rechts", ""),
        ("战士二式（左）", "战士二式"),
        ("左侧战士式", ""),
        ("{cue} {0}", "{cue} {0}"),
        ("A pose whose name goes on and on", ""),
        ("  ", ""),
    ],
)
def test_a_name_is_said_short_and_without_a_side(title: str, said: str) -> None:
    assert said_name(title) == said
    assert len(said_name(title)) <= LONGEST
    assert sentence(Joint.NECK, Side.CENTER, Direction.BACK, 0.0, 15.0, pose=title)


@pytest.mark.parametrize("language", Language)
def test_praise_changes_from_cue_to_cue_and_not_within_one(language: Language) -> None:
    said = [praise(cue_id, language) for cue_id in range(1, 11)]
    assert len(set(said)) >= 4
    assert all(one != other for one, other in pairwise(said))
    assert said == [praise(cue_id, language) for cue_id in range(1, 11)]
