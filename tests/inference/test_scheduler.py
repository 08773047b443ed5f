"""The threads around the gathering: answers come back to who asked, and nothing is left behind."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from coach_server.errors import EngineError, EngineStuckError, InternalError, SupersededError
from coach_server.inference.batching import places
from coach_server.inference.batching import scheduler as scheduling
from coach_server.inference.batching.engine import Direct
from coach_server.inference.batching.gathering import BatchRules
from coach_server.inference.batching.scheduler import Scheduler
from coach_server.sessions.student_session import STEP_S

pytestmark = pytest.mark.unit


class Doubling:
    """Doubles numbers; what is asked in words makes it hang, or fail."""

    most = 4

    def __init__(self, hold: threading.Event | None = None) -> None:
        self.hold = hold or threading.Event()
        self.rows: list[int] = []

    def run(self, items: Sequence[object]) -> Sequence[int]:
        self.rows.append(len(items))
        if "hang" in items:
            self.hold.wait(10)
        if "fail" in items:
            raise ValueError("no number")
        if "miscount" in items:
            return []
        return [2 * item if isinstance(item, int) else -1 for item in items]


@pytest.fixture
def hold() -> Iterator[threading.Event]:
    """Frees what hangs, at the end."""
    event = threading.Event()
    yield event
    event.set()


def scheduler(
    hold: threading.Event | None = None, **rules: float
) -> tuple[Scheduler[object, int], list[Doubling]]:
    made: list[Doubling] = []

    def make() -> Doubling:
        made.append(Doubling(hold))
        return made[-1]

    kinds = {"most": 4, "workers": 1, "gather_s": 0.002, "stuck_s": 1.0, **rules}
    return Scheduler(make, BatchRules(**kinds), name="doubling"), made  # type: ignore[arg-type]  # counts are whole


def test_each_gets_the_answer_to_what_they_asked() -> None:
    doubling, made = scheduler(workers=2)
    seats = [doubling.seat() for _ in range(6)]
    with ThreadPoolExecutor(6) as students:
        for round_ in range(20):
            answers = students.map(lambda n: seats[n].ask(n + 100 * round_), range(6))  # noqa: B023  # they end within the round
            assert list(answers) == [2 * (n + 100 * round_) for n in range(6)]
    assert doubling.counts.asks == 120
    assert max(row for engine in made for row in engine.rows) <= 4
    doubling.close()


def test_no_thread_before_the_first_ask_and_none_after_the_end() -> None:
    before = threading.active_count()
    doubling, made = scheduler()
    seat = doubling.seat()
    assert threading.active_count() == before
    assert seat.ask(4) == 8
    assert threading.active_count() == before + 1
    doubling.close()
    assert threading.active_count() == before
    assert len(made) == 1
    with pytest.raises(InternalError, match="has been closed"):
        seat.ask(1)


def test_who_has_gone_is_told_so() -> None:
    doubling, _ = scheduler()
    seat = doubling.seat()
    seat.close()
    with pytest.raises(SupersededError, match="has gone"):
        seat.ask(1)
    doubling.close()


def test_what_an_engine_raises_is_for_those_in_the_batch() -> None:
    doubling, _ = scheduler()
    seat = doubling.seat()
    with pytest.raises(ValueError, match="no number"):
        seat.ask("fail")
    with pytest.raises(InternalError, match="0 of 1 answers"):
        seat.ask("miscount")
    assert seat.ask(3) == 6
    doubling.close()


def test_a_hung_engine_is_replaced_and_the_others_go_on(hold: threading.Event) -> None:
    doubling, made = scheduler(hold, workers=2)
    unlucky, lucky = doubling.seat(), doubling.seat()
    with ThreadPoolExecutor(1) as student:
        hanging = student.submit(unlucky.ask, "hang")
        while not made or not made[0].rows:
            threading.Event().wait(0.001)
        assert lucky.ask(1) == 2
        with pytest.raises(EngineStuckError, match="hung"):
            hanging.result(30)
    assert unlucky.ask(2) == 4
    assert doubling.counts.replaced == 1
    hold.set()
    doubling.close()


def test_a_machine_that_stood_still_has_no_engine_replaced(
    hold: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept_s, has_looked = 0.0, threading.Event()

    def monotonic() -> float:
        if slept_s and threading.current_thread().name.startswith("student"):
            has_looked.set()
        return time.monotonic() + slept_s

    clock = SimpleNamespace(monotonic=monotonic)
    monkeypatch.setattr(scheduling, "time", clock)
    doubling, made = scheduler(hold, stuck_s=1.0)
    seat = doubling.seat()
    with ThreadPoolExecutor(1, thread_name_prefix="student") as student:
        answer = student.submit(seat.ask, "hang")
        while not (made and made[0].rows):
            time.sleep(0.001)
        time.sleep(0.1)  # until who asked waits
        slept_s = 60.0
        assert has_looked.wait(20)  # when an engine's time was over
        hold.set()
        assert answer.result(20) == -1
    assert doubling.counts.replaced == 0
    doubling.close()


def test_an_engine_is_replaced_before_its_student_is_given_up() -> None:
    looks_again_s = places.PATIENCE_S + scheduling._SLEPT_S + scheduling._LOOKS_AGAIN_S
    assert BatchRules().stuck_s <= places.PATIENCE_S < looks_again_s < STEP_S


def test_one_that_hangs_too_often_serves_nobody(hold: threading.Event) -> None:
    doubling, _ = scheduler(hold, stuck_s=0.02, most_hung=1)
    seat = doubling.seat()
    for _ in range(2):
        with pytest.raises(EngineStuckError):
            seat.ask("hang")
    with pytest.raises(EngineStuckError, match="too often"):
        seat.ask(1)


def test_a_newer_ask_of_a_student_takes_the_place_of_the_one_that_waits(
    hold: threading.Event,
) -> None:
    doubling, made = scheduler(hold, stuck_s=5.0)
    busy, seat = doubling.seat(), doubling.seat()
    with ThreadPoolExecutor(3) as students:
        first = students.submit(busy.ask, "hang")
        while not made or not made[0].rows:
            threading.Event().wait(0.001)
        older = students.submit(seat.ask, 1)
        while not doubling._gathering._waiting:
            threading.Event().wait(0.001)
        newer = students.submit(seat.ask, 2)
        with pytest.raises(SupersededError):
            older.result(5)
        hold.set()
        assert (first.result(5), newer.result(5)) == (-1, 4)
    doubling.close()


def test_an_engine_that_cannot_be_made_says_so_to_who_asks() -> None:
    def make() -> Doubling:
        raise EngineError("no GPU")

    broken: Scheduler[object, int] = Scheduler(make, BatchRules(), name="broken")
    seat = broken.seat()
    for _ in range(2):
        with pytest.raises(EngineError, match="no GPU"):
            seat.ask(1)


def test_where_one_engine_of_two_can_be_made_that_one_serves(hold: threading.Event) -> None:
    made: list[Doubling] = []

    def make() -> Doubling:
        if made:
            raise EngineError("no memory for a second one")
        made.append(Doubling(hold))
        return made[-1]

    one: Scheduler[object, int] = Scheduler(make, BatchRules(workers=2), name="one of two")
    first, second = one.seat(), one.seat()
    with ThreadPoolExecutor(2) as students:
        busy = students.submit(first.ask, "hang")
        while not made or not made[0].rows:
            threading.Event().wait(0.001)
        waiting = students.submit(second.ask, 4)
        while len(one._threads) > 1 or not one._gathering._waiting:
            threading.Event().wait(0.001)
        hold.set()
        assert (busy.result(5), waiting.result(5)) == (-1, 8)
    one.close()


def test_an_error_that_is_told_again_and_again_does_not_grow() -> None:
    doubling, _ = scheduler()
    seat = doubling.seat()
    doubling.close()
    errors = []
    for _ in range(3):
        with pytest.raises(InternalError) as refused:
            seat.ask(1)
        errors.append(refused.value)
    assert len(set(map(id, errors))) == 3


def test_an_engine_that_hangs_while_it_is_made_is_given_up(hold: threading.Event) -> None:
    tries: list[int] = []

    def make() -> Doubling:
        tries.append(1)
        if len(tries) == 1:
            hold.wait(10)
        return Doubling(hold)

    slow: Scheduler[object, int] = Scheduler(
        make, BatchRules(stuck_s=1.0, make_s=2.0), name="slow to make"
    )
    assert slow.seat().ask(3) == 6
    assert len(tries) == 2
    assert slow.counts.replaced == 1
    hold.set()
    slow.close()


def test_a_place_of_ones_own_needs_no_thread() -> None:
    before = threading.active_count()
    seat: Direct[object, int] = Direct(Doubling())
    assert seat.ask(5) == 10
    assert threading.active_count() == before
