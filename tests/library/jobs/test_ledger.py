"""The ledger: who may change a job when, and how many there may be."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from coach_server.errors import BusyError, FullError, NotFoundError
from coach_server.library.database import Database
from coach_server.library.jobs.job import Job, State
from coach_server.library.jobs.ledger import Ledger

pytestmark = pytest.mark.unit

WHY = {"code": "job_stopped", "message": "It was stopped.", "hint": "Try again."}


class Clock(SimpleNamespace):
    now: float

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(now=1000.0)


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Ledger:
    return Ledger(Database(tmp_path / "index.sqlite"), max_queued=3, max_kept=2, clock=clock)


def begun(ledger: Ledger) -> Job:
    job = ledger.claim(ledger.create("prepare", "Sun", {"film": "uploads/a/film"}).id, "me")
    assert job is not None
    return job


def test_a_job_from_its_beginning_to_its_end(ledger: Ledger, clock: Clock) -> None:
    job = ledger.create("prepare", "Sun", {"film": "uploads/a/film"}, job_id="a")
    assert (job.id, job.state, job.arguments) == ("a", State.QUEUED, {"film": "uploads/a/film"})
    assert job.as_dict()["percent"] is None
    clock.now = 1010.0
    running = ledger.claim("a", "me")
    assert running is not None
    assert (running.state, running.attempts, running.started_at) == (State.RUNNING, 1, 1010.0)
    clock.now = 1040.0
    assert ledger.progress("a", "me", "tracking", 0.25)
    told = ledger.get("a").as_dict()
    assert (told["stage"], told["percent"], told["left_s"]) == ("tracking", 25.0, 90.0)
    assert ledger.finish("a", "me", {"routine": "sun-1"})
    done = ledger.get("a").as_dict()
    assert done == {
        "id": "a",
        "kind": "prepare",
        "title": "Sun",
        "state": "done",
        "stage": "",
        "percent": 100.0,
        "left_s": None,
        "created_at": "1970-01-01T00:16:40.000+00:00",
        "started_at": "1970-01-01T00:16:50.000+00:00",
        "ended_at": "1970-01-01T00:17:20.000+00:00",
        "attempts": 1,
        "result": {"routine": "sun-1"},
        "error": None,
    }


def test_progress_never_goes_back(ledger: Ledger) -> None:
    job = begun(ledger)
    for share in (0.5, 0.3, None):
        ledger.progress(job.id, "me", "tracking", share)
        assert ledger.get(job.id).share == 0.5


def test_what_is_left_is_not_guessed_from_nothing(ledger: Ledger, clock: Clock) -> None:
    job = begun(ledger)
    clock.now += 5
    ledger.progress(job.id, "me", "tracking", 0.01)
    assert ledger.get(job.id).left_s is None


def test_a_job_is_claimed_once(ledger: Ledger) -> None:
    job = begun(ledger)
    assert ledger.claim(job.id, "another") is None
    assert ledger.get(job.id).worker == "me"


def test_who_does_not_hold_a_job_changes_nothing(ledger: Ledger) -> None:
    job = begun(ledger)
    assert not ledger.progress(job.id, "another", "tracking", 0.5)
    assert not ledger.finish(job.id, "another", {"routine": "a"})
    assert not ledger.fail(job.id, "another", WHY)
    assert not ledger.release(job.id, "another")
    assert ledger.lose(job.id, "another", WHY) is None
    assert ledger.get(job.id) == job


def test_a_cancelled_job_takes_no_more_from_its_worker(ledger: Ledger) -> None:
    job = begun(ledger)
    assert ledger.cancel(job.id).state is State.CANCELLED
    assert not ledger.progress(job.id, "me", "tracking", 0.5)
    assert not ledger.finish(job.id, "me", {"routine": "a"})
    assert ledger.get(job.id).state is State.CANCELLED


def test_a_job_that_ended_is_not_cancelled(ledger: Ledger) -> None:
    job = begun(ledger)
    ledger.finish(job.id, "me", {"routine": "a"})
    assert ledger.cancel(job.id).state is State.DONE


def test_a_lost_job_waits_again_once_then_it_failed(ledger: Ledger) -> None:
    job = begun(ledger)
    assert ledger.lose(job.id, "me", WHY) is State.QUEUED
    assert ledger.claim(job.id, "you") is not None
    assert ledger.lose(job.id, "you", WHY) is State.FAILED
    lost = ledger.get(job.id)
    assert (lost.error, lost.attempts) == (WHY, 2)


def test_a_job_that_was_put_back_has_lost_no_attempt(ledger: Ledger) -> None:
    job = begun(ledger)
    for _ in range(5):
        assert ledger.release(job.id, "me")
        again = ledger.claim(job.id, "me")
        assert again is not None
        assert again.attempts == 1


def test_a_retry_begins_anew(ledger: Ledger) -> None:
    job = begun(ledger)
    ledger.progress(job.id, "me", "tracking", 0.9)
    ledger.fail(job.id, "me", WHY)
    again = ledger.retry(job.id)
    assert (again.state, again.attempts, again.error) == (State.QUEUED, 0, None)
    assert (again.share, again.started_at, again.ended_at) == (None, None, None)


@pytest.mark.parametrize("ended", [False, True])
def test_what_waits_or_is_done_is_not_retried(ledger: Ledger, *, ended: bool) -> None:
    job = begun(ledger)
    if ended:
        ledger.finish(job.id, "me", {"routine": "a"})
    with pytest.raises(BusyError) as refused:
        ledger.retry(job.id)
    assert refused.value.error_code == "not_retryable"


def test_so_many_may_wait(ledger: Ledger) -> None:
    failed = begun(ledger)
    ledger.fail(failed.id, "me", WHY)
    for _ in range(3):
        ledger.create("compare", "Moon", {})
    with pytest.raises(FullError) as full:
        ledger.create("compare", "Moon", {})
    assert full.value.retry_after_s > 0
    with pytest.raises(FullError):
        ledger.retry(failed.id)
    assert len(ledger.all()) == 4


def test_so_many_stay_listed_and_what_is_dropped_is_counted(ledger: Ledger, clock: Clock) -> None:
    ended = []
    for _ in range(4):
        clock.now += 1
        job = begun(ledger)
        ledger.finish(job.id, "me", {"routine": "a"})
        ended.append(job.id)
    clock.now += 1
    waits = ledger.create("prepare", "Sun", {})
    assert [job.id for job in ledger.all()] == [waits.id, ended[3], ended[2]]
    assert ledger.dropped == 2


def test_a_job_is_taken_off_the_list_once_it_ended(ledger: Ledger) -> None:
    job = begun(ledger)
    with pytest.raises(BusyError):
        ledger.remove(job.id)
    ledger.cancel(job.id)
    assert ledger.remove(job.id).state is State.CANCELLED
    with pytest.raises(NotFoundError):
        ledger.get(job.id)


def test_unfinished_jobs_come_in_their_turn(ledger: Ledger, clock: Clock) -> None:
    first = begun(ledger)
    clock.now += 1
    second = ledger.create("prepare", "Sun", {})
    assert [job.id for job in ledger.unfinished()] == [first.id, second.id]
    assert set(ledger.some([first.id, second.id, "none"])) == {first.id, second.id}
    assert ledger.some([]) == {}


def test_a_kind_that_nobody_performs_is_no_job(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="bake"):
        ledger.create("bake", "Bread", {})
