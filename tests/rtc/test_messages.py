"""Messages of both channels."""

import json
import math
from typing import Any

import numpy as np
import pytest

from coach_server.coaching.choices import USUAL, Choices, Language, Tempo
from coach_server.coaching.deviation import Strictness
from coach_server.coaching.routine import Mirror
from coach_server.rtc.messages import (
    MAX_POSE_BYTES,
    ByeMessage,
    MalformedMessageError,
    PlayerMessage,
    SettingsMessage,
    parse_page_message,
    pose_message,
)

pytestmark = pytest.mark.unit

PLAYER: dict[str, Any] = {
    "v": 1,
    "type": "player",
    "t": 12.5,
    "playing": True,
    "rate": 1,
    "at_ms": 1.795e12,
}


def written(**fields: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "seq": 7,
        "t": 1.23456,
        "capture_ms": 1_795_000_000_000.123,
        "keypoints": np.full((17, 3), 0.12345, np.float32),
        "joints": np.full((17, 3), -0.98765, np.float32),
        "lag_s": 0.4,
        "routine_t": 30.0,
        "deviations": {"left_knee": -23.4},
    }
    text = pose_message(**(values | fields))
    assert len(text.encode()) <= MAX_POSE_BYTES
    message: dict[str, Any] = json.loads(text)
    return message


def test_a_pose_is_what_the_page_expects() -> None:
    message = written()
    assert (message["v"], message["type"], message["seq"]) == (1, "pose", 7)
    assert message["capture_ms"] == 1_795_000_000_000.1
    assert message["t"] == 1.235
    assert message["keypoints"] == [[0.123, 0.123, 0.12]] * 17
    assert message["joints"] == [[-0.988, -0.988, -0.988]] * 17
    assert message["deviations"] == {"left_knee": -23}


def test_nobody_is_null() -> None:
    message = written(keypoints=None, joints=None, lag_s=None, routine_t=None, capture_ms=None)
    assert message["keypoints"] is message["joints"] is message["capture_ms"] is None


def test_the_six_largest_deviations_are_kept() -> None:
    message = written(deviations={f"angle_{i}": (-1) ** i * i for i in range(10)})
    assert message["deviations"] == {f"angle_{i}": (-1) ** i * i for i in range(4, 10)}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e9, -123.456789])
def test_no_figure_breaks_the_message_or_its_size(value: float) -> None:
    message = written(
        keypoints=np.full((17, 3), value, np.float32),
        joints=np.full((17, 3), value, np.float32),
        lag_s=value,
        deviations={f"right_shoulder_{i}": value for i in range(9)},
        seq=10**9,
        t=86_399.999,
    )
    assert len(message["keypoints"]) == 17


def test_player() -> None:
    assert parse_page_message(json.dumps(PLAYER)) == PlayerMessage(12.5, True, 1.0, 1.795e12)


def test_settings() -> None:
    text = '{"v":1,"type":"settings","strictness":"strict","mirror":"mirrored","voice":true}'
    assert parse_page_message(text) == SettingsMessage(Strictness.STRICT, Mirror.MIRRORED)
    text = '{"v":1,"type":"settings","tempo":"free","language":"hi"}'
    assert parse_page_message(text) == SettingsMessage(tempo=Tempo.FREE, language=Language.HINDI)
    assert parse_page_message('{"v":1,"type":"settings"}') == SettingsMessage()


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de-AT", Language.GERMAN),
        ("zh_CN", Language.CHINESE),
        ("ES", Language.SPANISH),
        ("fr", Language.ENGLISH),
        ("", Language.ENGLISH),
        ("deutsch", Language.ENGLISH),
    ],
)
def test_a_language_is_known_by_the_first_part_of_its_tag(tag: str, language: Language) -> None:
    text = json.dumps({"v": 1, "type": "settings", "language": tag})
    assert parse_page_message(text) == SettingsMessage(language=language)


def test_what_a_message_does_not_say_stays_as_it_was_chosen() -> None:
    chosen = SettingsMessage(tempo=Tempo.FREE, mirror=Mirror.AUTO).on(USUAL)
    chosen = SettingsMessage(Strictness.GENTLE, language=Language.SPANISH).on(chosen)
    assert chosen == Choices(Strictness.GENTLE, Mirror.AUTO, Tempo.FREE, Language.SPANISH)
    assert SettingsMessage().on(chosen) == chosen


def test_bye() -> None:
    assert parse_page_message('{"v":1,"type":"bye"}') == ByeMessage()


@pytest.mark.parametrize(
    "text", ['{"v":1,"type":"dance"}', '{"v":2,"type":"bye"}', '{"type":"bye"}']
)
def test_what_another_version_says_is_unknown(text: str) -> None:
    assert parse_page_message(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "3",
        '{"v":1}',
        '{"v":1,"type":3}',
        "[" * 4000,
        '{"v":1,"type":"player"}',
        json.dumps(PLAYER | {"t": math.nan}),
        json.dumps(PLAYER | {"at_ms": math.inf}),
        json.dumps(PLAYER).replace("12.5", "1e999"),
        json.dumps(PLAYER).replace("12.5", "9" * 400),
        json.dumps(PLAYER | {"t": -1}),
        json.dumps(PLAYER | {"t": None}),
        json.dumps(PLAYER | {"t": "12"}),
        json.dumps(PLAYER | {"t": True}),
        json.dumps(PLAYER | {"rate": 1000}),
        json.dumps(PLAYER | {"playing": 1}),
        '{"v":1,"type":"settings","strictness":"cruel"}',
        '{"v":1,"type":"settings","mirror":["same"]}',
        '{"v":1,"type":"settings","mirror":{}}',
        '{"v":1,"type":"settings","tempo":"slow"}',
        '{"v":1,"type":"settings","language":["de"]}',
        '{"v":1,"type":"settings","language":7}',
    ],
)
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedMessageError):
        parse_page_message(text)
