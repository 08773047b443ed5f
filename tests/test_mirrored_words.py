"""The words of the pages are the server's: whichever side changes, the other must follow.

Read from the texts of both: the modules' JSDoc, and where the server has no enum its source.
"""

import ast
import inspect
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Final, get_args

import numpy as np
import pytest
from support.jsdoc import Module, strings

from coach_server.body.angles import Angle
from coach_server.body.skeleton import H36m
from coach_server.coaching.choices import Language, Tempo
from coach_server.coaching.coach import _by_joint
from coach_server.coaching.cue import CueEvent, CueState, Direction, Joint, Side
from coach_server.coaching.deviation import Deviation, Strictness
from coach_server.coaching.routine import Mirror
from coach_server.coaching.silence import Silence
from coach_server.coaching.wording.words import Phrase
from coach_server.library.jobs.job import State
from coach_server.library.jobs.performers import PERFORMERS
from coach_server.library.routine_file import Level, SegmentKind
from coach_server.rtc import channels, messages, peer
from coach_server.rtc.messages import pose_message
from coach_server.sessions import student_session
from coach_server.sessions.coach_state import CoachState, words_of

pytestmark = pytest.mark.unit

JS: Final = Path(__file__).resolve().parents[1] / "static" / "js"
HEADER: Final = {"v", "type"}


def module(name: str) -> Module:
    return Module((JS / f"{name}.js").read_text())


MESSAGES: Final = module("messages")
PREFERENCES: Final = module("preferences")


def words(kind: type[StrEnum]) -> set[str]:
    return {str(word) for word in kind}


@pytest.mark.parametrize("kind", [Side, Direction, Silence, Phrase], ids=lambda kind: kind.__name__)
def test_unions_are_the_enums(kind: type[StrEnum]) -> None:
    assert MESSAGES.union(kind.__name__) == words(kind)


@pytest.mark.parametrize(
    ("name", "kind"), [("strictness", Strictness), ("tempo", Tempo), ("language", Language)]
)
def test_wishes_are_what_the_server_lets_one_choose(name: str, kind: type[StrEnum]) -> None:
    assert strings(PREFERENCES.properties("Preferences")[name]) == words(kind)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("STRICTNESSES", Strictness), ("MIRRORS", Mirror), ("TEMPOS", Tempo), ("LANGUAGES", Language)],
)
def test_wishes_that_are_remembered_are_all_of_them(name: str, kind: type[StrEnum]) -> None:
    assert PREFERENCES.constant(name) == words(kind)


def test_sides_are_followed_in_the_servers_ways() -> None:
    assert module("routines").union("Mirror") == words(Mirror)


def test_who_is_out_of_sight_is_so_in_the_servers_words() -> None:
    assert module("words").constant("OUT_OF_SIGHT") <= words(Silence)


def sends(*sources: ModuleType) -> dict[str, set[str]]:
    """What the server sends on `control`: each type with the fields that are named where it is."""
    calls = (
        node
        for source in sources
        for node in ast.walk(ast.parse(inspect.getsource(source)))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("control.send")
    )
    return {
        str(ast.literal_eval(call.args[0])): {word.arg for word in call.keywords if word.arg}
        for call in calls
    }


def read(source: ModuleType) -> set[str]:
    """The types of all messages that the server reads."""
    tree = ast.parse(inspect.getsource(source))
    patterns = (node for node in ast.walk(tree) if isinstance(node, ast.MatchValue))
    return {str(ast.literal_eval(pattern.value)) for pattern in patterns}


def test_every_type_of_message_is_known_to_the_other_side() -> None:
    from_server = {*sends(student_session, peer, channels), "pose"}
    types = MESSAGES.types("ServerMessage")
    assert {MESSAGES.kind(name) for name in types} == from_server
    assert MESSAGES.constant("KNOWN") == from_server
    assert MESSAGES.quoted("v: VERSION, type: ") == read(messages)
    assert f"VERSION = {messages.VERSION};" in (JS / "messages.js").read_text()


def fields(name: str) -> set[str]:
    return set(MESSAGES.properties(name)) - HEADER


def test_the_fields_of_a_cue_are_the_servers() -> None:
    cue = CueEvent(
        1, 0.0, 0.0, Joint.KNEE, Side.LEFT, Direction.BEND, -20.0, "", CueState.RAISED, True
    )
    assert fields("CueMessage") == set(cue.as_dict())
    assert strings(MESSAGES.properties("CueMessage")["state"]) == words(CueState)


def test_the_fields_of_a_pose_are_sent() -> None:
    told = pose_message(
        seq=0,
        t=0.0,
        capture_ms=None,
        keypoints=np.zeros((17, 3), np.float32),
        joints=np.zeros((17, 3), np.float32),
        lag_s=None,
        routine_t=None,
        deviations={},
    )
    assert fields("PoseMessage") <= set(ast.literal_eval(told.replace("null", "None")))


def test_the_fields_of_a_state_and_of_words_are_the_servers() -> None:
    named = sends(student_session)["state"]
    assert named
    assert fields("StateMessage") == {*CoachState().as_dict(), *named}
    assert fields("CameraMessage") == sends(student_session)["camera"]
    assert fields("WordsMessage") == set(words_of(Language.ENGLISH))


def wire_names() -> set[str]:
    """Every joint of which the server ever says that it is off."""
    ones = np.ones(len(Angle), np.float32)
    return set(_by_joint(Deviation(90 * ones, ones, ones > 0, ones > 0)))


@pytest.mark.parametrize("name", ["body", "figures/skeleton"])
def test_limbs_are_called_as_deviations_are(name: str) -> None:
    assert module(name).quoted("joint: ") == wire_names()


def test_the_joints_of_a_review_are_the_servers() -> None:
    assert module("review/lanes").quoted("  [") == wire_names()


def test_the_joints_in_space_have_the_servers_order() -> None:
    told = module("figures/skeleton").numbers()
    assert {joint.name: told.get(joint.name) for joint in H36m} == dict(H36m.__members__)


def test_routines_are_of_the_servers_levels_and_kinds() -> None:
    routines = module("routines")
    assert routines.union("Level") == words(Level)
    (segment,) = [part for part in routines.typedefs() if part.endswith("Segment")]
    assert strings(segment) == set(get_args(SegmentKind))


def test_jobs_are_of_the_servers_kinds_and_states() -> None:
    job = module("jobs").properties("Job")
    assert strings(job["state"]) == words(State)
    assert strings(job["kind"]) == set(PERFORMERS)


def test_what_is_not_there_is_not_taken_for_empty() -> None:
    told = Module("/** @typedef {'a' | 'b'} One */\n/**\n * @typedef {'c'\n *   | 'd'} Two\n */")
    assert told.union("One") == {"a", "b"}
    assert told.union("Two") == {"c", "d"}
    with pytest.raises(AssertionError):
        told.union("Three")
    with pytest.raises(AssertionError):
        told.constant("FOUR")
