"""A job's own process: what it may use, how it may end, and what is said of it."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.fake_jobs import JOB, attempts, is_alive, ledger_of, until

from coach_server.library.folders import Folders
from coach_server.library.jobs.job import Job, State
from coach_server.library.jobs.worker import Worker
from coach_server.settings import Settings

pytestmark = pytest.mark.unit


class Place:
    """A data folder with a worker that has the queue's part done by the test."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.settings(job_memory_mb=256)

    def settings(self, **limits: Any) -> None:
        settings = Settings(data=self.data, cache=self.data, **limits)
        self.ledger = ledger_of(settings)
        self.worker = Worker(settings, command=JOB)

    def submit(self, act: str) -> Job:
        (self.data / "uploads" / act).mkdir(parents=True)
        arguments = {"act": act, "routine": "sun-1"}
        return self.ledger.create("prepare", act, arguments, job_id=act)

    def do(self, act: str) -> Job:
        job = self.submit(act)
        self.worker.perform(job.id)
        return self.ledger.get(job.id)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_job_is_done_and_its_upload_removed(place: Place) -> None:
    done = place.do("work")
    assert (done.state, done.result, done.error) == (State.DONE, {"routine": "sun-1"}, None)
    assert not (place.data / "uploads" / "work").exists()
    assert list((place.data / "jobs").iterdir()) == []  # nor is its lock left


def test_a_refusal_is_told_and_the_upload_kept_for_another_try(place: Place) -> None:
    failed = place.do("refuse")
    assert failed.state is State.FAILED
    assert failed.error == {
        "code": "bad_media",
        "message": "squat.mp4 is cut short.",
        "hint": "Upload it again.",
    }
    assert (place.data / "uploads" / "refuse").exists()


def test_a_fault_of_ours_is_not_told_in_its_own_words(place: Place) -> None:
    failed = place.do("break")
    assert failed.error is not None
    assert failed.error["code"] == "internal"
    assert "fault of ours" not in str(failed.error)


def test_a_process_that_dies_once_is_begun_again(place: Place) -> None:
    assert place.do("die once").state is State.QUEUED
    place.worker.perform("die once")
    done = place.ledger.get("die once")
    assert (done.state, done.attempts) == (State.DONE, 2)


def test_a_process_that_dies_twice_has_failed(place: Place) -> None:
    place.do("die")
    place.worker.perform("die")
    failed = place.ledger.get("die")
    assert failed.state is State.FAILED
    assert failed.error is not None
    assert failed.error["code"] == "job_stopped"
    assert failed.error["hint"]
    assert len(attempts(place.data)) == 2


@pytest.mark.parametrize("act", ["eat", "eat in disguise"])
def test_too_much_memory_is_named_however_it_came_out(place: Place, act: str) -> None:
    failed = place.do(act)
    assert failed.error is not None
    assert failed.error["code"] == "job_memory"
    assert "256 MB" in failed.error["message"]


@pytest.mark.parametrize("act", ["fill", "fill and die"])
def test_too_large_a_file_is_named(place: Place, act: str) -> None:
    place.settings(max_film_mb=300)
    failed = place.do(act)
    assert failed.error is not None
    assert failed.error["code"] == "job_file"
    assert "1200 MB" in failed.error["message"]


def test_too_much_computing_is_named(place: Place) -> None:
    place.settings(job_cpu_s=1)
    failed = place.do("burn")
    assert failed.error is not None
    assert failed.error["code"] == "job_cpu"


def test_too_long_is_named(place: Place) -> None:
    place.settings(job_wall_s=15)  # time enough to begin on a busy machine
    failed = place.do("wait")
    assert failed.error is not None
    assert failed.error["code"] == "job_time"
    (pid,) = attempts(place.data)
    assert not is_alive(pid)


def in_the_middle(place: Place, act: Callable[[], object], what: str = "wait") -> int:
    """Begin a job that waits, and do something then; gives the job's process."""
    job = place.submit(what)
    working = threading.Thread(target=place.worker.perform, args=(job.id,))
    working.start()
    try:
        until(place.ledger, job.id, lambda now: now.stage == "waiting")
        act()
    finally:
        working.join(30)
    assert not working.is_alive()
    (pid,) = attempts(place.data)
    return pid


def test_a_job_that_is_called_off_ends_with_its_process(place: Place) -> None:
    pid = in_the_middle(place, lambda: place.ledger.cancel("wait"))
    assert not is_alive(pid)
    assert place.ledger.get("wait").state is State.CANCELLED


def test_half_a_routine_goes_with_its_process(place: Place) -> None:
    routines = place.data / "routines"
    halves: list[str] = []

    def cancel() -> None:
        halves.extend(path.name for path in routines.iterdir() if path.is_dir())
        place.ledger.cancel("wait in the middle")

    in_the_middle(place, cancel, "wait in the middle")
    assert len(halves) == 1
    assert list(routines.iterdir()) == []


def test_half_a_routine_of_another_is_let_alone(place: Place) -> None:
    with Folders(place.data / "routines", "routine").writing("sun-2") as folder:
        place.do("work")
        assert folder.is_dir()


def test_a_job_that_is_off_the_list_leaves_nothing(place: Place) -> None:
    def forget() -> None:
        place.ledger.cancel("wait")
        place.ledger.remove("wait")

    pid = in_the_middle(place, forget)
    assert not is_alive(pid)
    assert not (place.data / "uploads" / "wait").exists()


def test_a_job_is_not_begun_while_its_process_of_before_lives(place: Place) -> None:
    def begin_again() -> None:
        place.ledger.cancel("wait")
        place.ledger.retry("wait")
        with place.worker._locks.hold("wait") as lock:
            assert lock is None

    in_the_middle(place, begin_again)
    with place.worker._locks.hold("wait") as lock:
        assert lock is not None
    assert place.ledger.get("wait").state is State.QUEUED


def test_what_does_not_wait_is_not_begun(place: Place) -> None:
    place.submit("work")
    place.ledger.cancel("work")
    place.worker.perform("work")
    place.worker.perform("nobody")
    assert not (place.data / "began").exists()
