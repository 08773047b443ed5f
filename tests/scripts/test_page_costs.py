"""What a trace and samples of a page's memory come to."""

from typing import Any

import pytest

from scripts.pages.drawing import MARK, SHOWN, frame_costs, heaviest
from scripts.pages.drawing import summary as drawing_summary
from scripts.pages.growth import Sample, slopes
from scripts.pages.practice import preferring, window_size

pytestmark = pytest.mark.unit

PAGE, OTHER = (1, 1), (1, 2)


def event(name: str, at_ms: float, ms: float, thread: tuple[int, int] = PAGE) -> dict[str, Any]:
    pid, tid = thread
    span = {"ts": at_ms * 1000, "dur": ms * 1000, "tdur": ms * 500}
    return {"name": name, "ph": "X", "pid": pid, "tid": tid, **span}


def mark(at_ms: float) -> dict[str, Any]:
    return {"name": MARK, "ph": "I", "ts": at_ms * 1000, "pid": PAGE[0], "tid": PAGE[1]}


TRACE = [
    event("RunTask", 0, 3),
    mark(1),
    event("RunTask", 33, 4),
    event("FunctionCall", 34, 2),
    event("FunctionCall", 34.5, 1),  # within the other
    mark(34.2),
    event("RunTask", 45, 2),
    event("Paint", 45.5, 1),
    event("RunTask", 50, 30, OTHER),
    event("RunTask", 65.5, 8),
    mark(66),
]


def test_a_frame_costs_all_that_its_thread_does_until_the_next() -> None:
    first, second = frame_costs(reversed(TRACE))
    assert (first.wall, first.cpu) == (3, 1.5)
    assert (second.wall, second.cpu) == (6, 3)
    assert second.parts == {"script": 2, "page": 1, "garbage": 0}


def test_frames_of_the_screen_begin_where_the_page_is_handed_on() -> None:
    trace = [*TRACE, event(SHOWN, 46.6, 0.1), event(SHOWN, 60, 1, OTHER), event(SHOWN, 67, 0.1)]
    (only,) = frame_costs(trace, SHOWN)
    assert only.wall == 2


def test_the_figures_of_a_trace_say_how_many_frames_they_are_of() -> None:
    told = drawing_summary(frame_costs(TRACE), seconds=0.5)
    assert (told["frames"], told["frames_per_s"]) == (2, 4)
    assert told["main_thread_ms"] == {"median": 4.5, "p95": 5.85, "most": 6}
    nothing = drawing_summary(frame_costs(TRACE[:1]), seconds=0.5)
    assert nothing["frames"] == 0
    assert nothing["main_thread_ms"]["p95"] is None


def test_the_heaviest_are_told_without_what_lies_in_them() -> None:
    told = heaviest(TRACE, frames=2)
    assert told == {"RunTask": 3.5, "FunctionCall": 0.5, "Paint": 0.25}
    named = [{**one, "args": {"data": {"functionName": "draw"}}} for one in TRACE[2:5]]
    assert "FunctionCall draw" in heaviest([mark(0), *named[1:]], frames=1)


def held(minute: float, heap_kb: float, nodes: int = 500) -> Sample:
    return Sample(minute, heap_kb, 100.0, 10.0, nodes, 40, 90.0)


def test_growth_is_told_from_when_the_page_has_settled() -> None:
    settling = [held(0, 2000), held(1, 5000)]
    samples = [*settling, *(held(minute, 4000 + 3 * minute) for minute in range(2, 9))]
    grows = slopes(samples)
    assert grows["heap_kb"] == pytest.approx(3)
    assert grows["nodes"] == pytest.approx(0)
    assert slopes(samples[:4]) == {}


def test_a_practice_begins_with_the_wishes_given() -> None:
    assert r"""setItem('practice-preferences', "{\"view\": \"over\"}")""" in preferring(view="over")


def test_a_window_is_named_by_its_sides() -> None:
    assert window_size("390x844") == (390, 844)
    with pytest.raises(ValueError, match="invalid literal"):
        window_size("wide")
