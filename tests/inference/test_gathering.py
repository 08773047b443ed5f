"""Who is served next, and with whom: on a virtual clock."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach_server.inference.batching.gathering import Ask, BatchRules, Gathering
from scripts.measure_batching import FPS, Engine, simulate

pytestmark = pytest.mark.unit

FAST = Engine(batch_s=0.002, row_s=0.00025)
"""16 rows in 6 ms: 2,667 frames a second, where 64 students bring 1,920."""
SLOW = Engine(batch_s=0.004, row_s=0.0004)
"""1,538 frames a second: too slow for 64."""
RULES = BatchRules(most=16)


def test_who_is_alone_never_waits() -> None:
    outcome = simulate(1, FAST, RULES, seconds=5)
    assert max(outcome.waits_s) == 0
    assert set(outcome.rows) == {1}


def test_sixty_four_students_are_served_at_thirty_frames_a_second() -> None:
    outcome = simulate(64, FAST, RULES)
    # Whoever comes while a batch runs waits for its end, and with a queue for one batch more.
    full_s = FAST.takes(16)
    assert np.quantile(outcome.waits_s, 0.95) <= 2 * full_s + RULES.gather_s
    shares = [outcome.served[n] / outcome.offered[n] for n in outcome.served]
    assert min(shares) > 0.99
    assert np.mean(outcome.rows) > 4, "frames of several students go together"
    assert outcome.replaced_s == []


@pytest.mark.parametrize("students", [64, 200])
def test_too_many_share_what_there_is(students: int) -> None:
    outcome = simulate(students, SLOW, RULES)
    counts = list(outcome.served.values())
    assert min(counts) > 0.95 * max(counts)
    possible = 16 / SLOW.takes(16) * 30.0
    assert sum(counts) > 0.97 * possible, "the engine never idles"
    # each gets its turn once in a round of all, give or take a frame of its camera
    round_s = students / 16 * SLOW.takes(16) + 2 / FPS
    assert max(outcome.longest_gap_s(n) for n in outcome.served) < round_s + 2 * SLOW.takes(16)
    assert outcome.superseded > 0


def test_the_answer_is_always_of_a_fresh_frame() -> None:
    """However many there are, the newest frame wins: none is older than a frame and a batch."""
    outcome = simulate(200, SLOW, RULES)
    assert max(outcome.waits_s) < 1 / FPS + 0.03


def test_an_engine_that_hangs_is_replaced_while_the_others_go_on() -> None:
    rules = BatchRules(most=16, workers=2)
    outcome = simulate(64, FAST, rules, seconds=10, hang_at_s=[3.0])
    assert outcome.replaced_s == [pytest.approx(rules.stuck_s)]
    assert rules.stuck_s < 2
    assert 0 < outcome.lost <= 16
    quiet = [n for n in outcome.served if outcome.longest_gap_s(n) > 0.2]
    assert len(quiet) <= outcome.lost, "only those in the lost batch notice"


def test_with_one_engine_all_wait_for_the_new_one_and_then_go_on() -> None:
    outcome = simulate(64, FAST, RULES, seconds=10, hang_at_s=[3.0])
    assert outcome.replaced_s == [pytest.approx(RULES.stuck_s)]
    assert max(outcome.longest_gap_s(n) for n in outcome.served) < RULES.stuck_s + 0.2


def test_engines_are_not_replaced_for_ever() -> None:
    rules = BatchRules(most=1, most_hung=2)
    gathering: Gathering[None] = Gathering(rules)
    seat = gathering.join()
    for worker in range(3):
        assert gathering.may_replace
        gathering.offer(Ask(seat, None, 10.0 * worker))
        assert gathering.take(worker, 10.0 * worker)
        assert list(gathering.give_up(10.0 * worker + rules.stuck_s)) == [worker]
    assert not gathering.may_replace


def test_one_that_was_only_slow_does_not_count_for_ever() -> None:
    rules = BatchRules(most=1, most_hung=0)
    gathering: Gathering[None] = Gathering(rules)
    seat = gathering.join()
    gathering.offer(Ask(seat, None, 0.0))
    gathering.take(0, 0.0)
    gathering.give_up(rules.stuck_s)
    before = gathering.may_replace
    assert not gathering.finish(0)
    assert (before, gathering.may_replace) == (False, True)
    assert gathering.counts.replaced == 1


def test_an_engine_may_hang_while_it_is_made() -> None:
    gathering: Gathering[None] = Gathering(RULES)
    gathering.make(0, 1.0)
    gathering.make(1, 2.0)
    assert gathering.made(1)
    assert gathering.overdue_s() == 1.0 + RULES.make_s
    assert gathering.give_up(1.0 + RULES.make_s) == {0: ()}
    assert not gathering.made(0)


def test_what_a_given_up_engine_says_at_last_is_dropped() -> None:
    gathering: Gathering[None] = Gathering(RULES)
    seat = gathering.join()
    gathering.offer(Ask(seat, None, 0.0))
    gathering.take(0, 0.0)
    assert gathering.overdue_s() == RULES.stuck_s
    assert not gathering.give_up(RULES.stuck_s - 0.01)
    gathering.give_up(RULES.stuck_s)
    assert not gathering.finish(0)


def test_who_has_gone_or_sleeps_is_not_waited_for() -> None:
    gathering: Gathering[None] = Gathering(RULES)
    here, gone, asleep = (gathering.join() for _ in range(3))
    for number, seat in enumerate((here, gone, asleep)):
        gathering.offer(Ask(seat, None, 0.0))
        assert gathering.take(number, RULES.gather_s)
        gathering.finish(number)
    gathering.offer(Ask(here, None, 0.05))
    assert gathering.due_s(0.05) == pytest.approx(0.05 + RULES.gather_s)
    gathering.leave(gone)
    assert gathering.due_s(0.05) == pytest.approx(0.05 + RULES.gather_s)
    assert gathering.due_s(0.11) == 0.11, "the sleeper has not asked for a tenth of a second"


@settings(max_examples=60, deadline=None)
@given(
    events=st.lists(st.tuples(st.sampled_from("osfg"), st.integers(0, 5)), max_size=80),
    most=st.integers(1, 4),
)
def test_each_ask_ends_once(events: list[tuple[str, int]], most: int) -> None:
    gathering: Gathering[int] = Gathering(BatchRules(most=most, workers=3))
    seats = [gathering.join() for _ in range(6)]
    now_s, ended, offered = 0.0, Counter[int](), 0
    running: dict[int, tuple[Ask[int], ...]] = {}
    for number, (kind, value) in enumerate(events):
        now_s += 0.01
        if kind == "o":
            superseded = gathering.offer(Ask(seats[value], offered, now_s))
            offered += 1
            if superseded is not None:
                ended[superseded.item] += 1
        elif kind == "s" and len(running) < 3:
            batch = gathering.take(number, now_s)
            assert len(batch) <= most
            assert len({ask.seat for ask in batch}) == len(batch)
            if batch:
                running[number] = batch
        elif kind == "f" and running:
            worker = min(running)
            assert gathering.finish(worker)
            ended.update(ask.item for ask in running.pop(worker))
        elif kind == "g":
            now_s += 2.0
            for worker, batch in gathering.give_up(now_s).items():
                assert running.pop(worker) == batch
                ended.update(ask.item for ask in batch)
            assert not running
    for batch in running.values():
        ended.update(ask.item for ask in batch)
    ended.update(ask.item for ask in gathering.drain())
    assert ended == Counter(range(offered))
