"""The messages of the two data channels, as text and as what they mean."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from coach_server.coaching.choices import Choices, Language, Tempo
from coach_server.coaching.deviation import Strictness
from coach_server.coaching.routine import Mirror

VERSION: Final = 1
MAX_POSE_BYTES: Final = 1000
MAX_CONTROL_BYTES: Final = 4096
MAX_DEVIATIONS: Final = 6
MAX_RATE: Final = 16.0

_written: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode

Choice = TypeVar("Choice", bound=StrEnum)


class MalformedMessageError(ValueError):
    """A message of the page that is not what its type says."""


@dataclass(frozen=True, slots=True)
class PlayerMessage:
    """The instructor's film in the page.

    Attributes:
        t: seconds on the routine's clock at `at_ms`.
        playing: whether it runs.
        rate: routine seconds per second.
        at_ms: epoch milliseconds of the page's clock.
    """

    t: float
    playing: bool
    rate: float
    at_ms: float


@dataclass(frozen=True, slots=True)
class SettingsMessage:
    """What the student chose; None where the message does not say."""

    strictness: Strictness | None = None
    mirror: Mirror | None = None
    tempo: Tempo | None = None
    language: Language | None = None

    def on(self, choices: Choices) -> Choices:
        """The choices as they are with these made on top of them."""
        return replace(
            choices,
            strictness=self.strictness or choices.strictness,
            mirror=self.mirror or choices.mirror,
            tempo=self.tempo or choices.tempo,
            language=self.language or choices.language,
        )


@dataclass(frozen=True, slots=True)
class ByeMessage:
    """The student has left on purpose."""


PageMessage: TypeAlias = PlayerMessage | SettingsMessage | ByeMessage


def parse_page_message(text: str) -> PageMessage | None:
    """What the page says on `control`; None where its type or version is unknown.

    Raises:
        MalformedMessageError: no JSON object, a missing field, or a value out of range.
    """
    try:
        message = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedMessageError("no JSON") from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise MalformedMessageError("no object with a type")
    if message.get("v") != VERSION:
        return None
    match message["type"]:
        case "player":
            return PlayerMessage(
                t=_number(message, "t", low=0.0, high=86_400.0),
                playing=_flag(message, "playing"),
                rate=_number(message, "rate", low=0.0, high=MAX_RATE),
                at_ms=_number(message, "at_ms", low=0.0, high=1e14),
            )
        case "settings":
            return SettingsMessage(
                strictness=_choice(message, "strictness", Strictness),
                mirror=_choice(message, "mirror", Mirror),
                tempo=_choice(message, "tempo", Tempo),
                language=_language(message),
            )
        case "bye":
            return ByeMessage()
        case _:
            return None


def _no_constant(name: str) -> float:
    raise MalformedMessageError(f"{name} is no JSON")


def _number(message: Mapping[str, Any], name: str, *, low: float, high: float) -> float:
    value = message.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedMessageError(f"{name} is no number")
    if not low <= value <= high:  # refuses infinity (1e999 parses to it) as well
        raise MalformedMessageError(f"{name} is out of range")
    return float(value)


def _flag(message: Mapping[str, Any], name: str) -> bool:
    value = message.get(name)
    if not isinstance(value, bool):
        raise MalformedMessageError(f"{name} is neither true nor false")
    return value


def _choice(message: Mapping[str, Any], name: str, choices: type[Choice]) -> Choice | None:
    value = message.get(name)
    if value is None:
        return None
    try:
        return choices(value)
    except ValueError:
        raise MalformedMessageError(f"{name} is none of {', '.join(choices)}") from None


def _language(message: Mapping[str, Any]) -> Language | None:
    """By the tag's first part: `de-AT` is German. What nobody has translated is English."""
    tag = message.get("language")
    if tag is None:
        return None
    if not isinstance(tag, str):
        raise MalformedMessageError("language is no tag")
    try:
        return Language(tag.replace("_", "-").partition("-")[0].lower())
    except ValueError:
        return Language.ENGLISH


def control_message(kind: str, **fields: object) -> str:
    """A message of the server on `control`."""
    return _written({"v": VERSION, "type": kind, **fields})


def pose_message(
    *,
    seq: int,
    t: float,
    capture_ms: float | None,
    keypoints: NDArray[np.float32] | None,
    joints: NDArray[np.float32] | None,
    lag_s: float | None,
    routine_t: float | None,
    deviations: Mapping[str, float],
) -> str:
    """One frame's result on `pose`, at most `MAX_POSE_BYTES` bytes of ASCII.

    Args:
        seq: counts the results of a session, over all its connections, from 0.
        t: seconds since the student's first frame.
        capture_ms: epoch ms on the page's clock of the frame's capture.
        keypoints: (17, 3) x, y as fractions of width and height, score 0..1.
        joints: (17, 3) metres, camera axes.
        lag_s: player's time minus matched time.
        routine_t: matched instructor time in seconds.
        deviations: degrees by angle; the largest `MAX_DEVIATIONS` are sent.
    """
    worst = sorted(deviations.items(), key=lambda item: -abs(item[1]))[:MAX_DEVIATIONS]
    fields: dict[str, object] = {
        "v": VERSION,
        "type": "pose",
        "seq": seq,
        "capture_ms": _rounded(capture_ms, 1),
        "t": _rounded(t, 3),
        "keypoints": None if keypoints is None else _points(keypoints),
        "joints": None if joints is None else _rows(joints, 3),
        "lag_s": _rounded(lag_s, 3),
        "routine_t": _rounded(routine_t, 3),
        "deviations": {name: round(degrees) for name, degrees in worst if math.isfinite(degrees)},
    }
    text = _written(fields)
    if len(text) > MAX_POSE_BYTES and joints is not None:
        fields["joints"] = _rows(joints, 2)
        text = _written(fields)
    if len(text) > MAX_POSE_BYTES:  # figures far outside any room: the picture still matters
        fields["joints"] = None
        text = _written(fields)
    return text


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)


def _rows(values: NDArray[np.float32], digits: int) -> list[list[float]]:
    known = np.where(np.isnan(values), 0.0, values.astype(np.float64))
    rows: list[list[float]] = np.maximum(np.minimum(known, 99.0), -99.0).round(digits).tolist()
    return rows


def _points(keypoints: NDArray[np.float32]) -> list[list[float]]:
    rows = _rows(keypoints, 3)
    for row in rows:
        row[2] = round(row[2], 2)
    return rows
