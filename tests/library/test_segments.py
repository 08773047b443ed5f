"""A routine is divided into holds, repetitions and what lies between, without a gap."""

import pytest

from coach_server.library.routine_file import Segment
from coach_server.library.segments import with_transitions

pytestmark = pytest.mark.unit


def hold(start_s: float, end_s: float) -> Segment:
    return Segment(start_s=start_s, end_s=end_s)


def repeated(start_s: float, end_s: float) -> Segment:
    return Segment(kind="repetitions", start_s=start_s, end_s=end_s, count=4)


def kinds(segments: tuple[Segment, ...]) -> list[tuple[str, float, float]]:
    return [(segment.kind, segment.start_s, segment.end_s) for segment in segments]


def test_what_is_neither_is_a_transition() -> None:
    made = with_transitions([hold(2, 5), hold(5.1, 8)], [repeated(9, 20)], 22)
    assert kinds(made) == [
        ("transition", 0, 2),
        ("hold", 2, 5),
        ("hold", 5.1, 8),
        ("transition", 8, 9),
        ("repetitions", 9, 20),
        ("transition", 20, 22),
    ]


def test_short_pauses_lie_within_repetitions() -> None:
    made = with_transitions([hold(3, 4.5), hold(7, 8.2)], [repeated(1, 10)], 10)
    assert kinds(made) == [
        ("transition", 0, 1),
        ("repetitions", 1, 10),
        ("hold", 3, 4.5),
        ("hold", 7, 8.2),
    ]


def test_nothing_is_repeated_where_somebody_keeps_still() -> None:
    made = with_transitions([hold(3, 9)], [repeated(1, 10)], 10)
    assert kinds(made) == [("transition", 0, 3), ("hold", 3, 9), ("transition", 9, 10)]


def test_a_film_without_holds_is_one_transition() -> None:
    assert kinds(with_transitions([], [], 4)) == [("transition", 0, 4)]
