"""What is put right after something was killed, lost or left."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.fake_jobs import ledger_of

from coach_server.library.jobs.job import State
from coach_server.library.jobs.ledger import Ledger
from coach_server.library.jobs.locks import JobLocks
from coach_server.library.jobs.queue import JobQueue
from coach_server.library.jobs.recovery import KEPT_S, reconcile, tidy
from coach_server.settings import Settings

pytestmark = pytest.mark.unit


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return ledger_of(Settings(data=tmp_path))


@pytest.fixture
def locks(tmp_path: Path) -> JobLocks:
    return JobLocks(tmp_path / "jobs")


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[JobQueue]:
    queue = JobQueue(Settings(data=tmp_path))
    yield queue
    queue.close()


def test_a_job_whose_worker_is_gone_is_queued_again(
    tmp_path: Path, ledger: Ledger, queue: JobQueue, locks: JobLocks
) -> None:
    job = ledger.create("prepare", "Sun", {})
    ledger.claim(job.id, "gone")
    reconcile(tmp_path, ledger, queue, locks)
    assert ledger.get(job.id).state is State.QUEUED
    assert queue.waiting() == {job.id}


def test_a_routine_that_was_being_replaced_is_there_again(
    tmp_path: Path, ledger: Ledger, queue: JobQueue, locks: JobLocks
) -> None:
    """Its job was killed between two renames."""
    routines = tmp_path / "routines"
    for name in (".sun.abcd.replaced", ".sun.abcd.unfinished", ".moon.abcd.replaced", "moon"):
        (routines / name).mkdir(parents=True)
        (routines / name / "film").write_text(name)
    for routine in ("sun", "moon"):
        job = ledger.create("trim", "", {"routine": routine})
        ledger.claim(job.id, "gone")
    reconcile(tmp_path, ledger, queue, locks)
    left = {path.name for path in routines.iterdir() if path.is_dir()}
    assert left == {"sun", "moon"}
    assert (routines / "sun" / "film").read_text() == ".sun.abcd.replaced"
    assert (routines / "moon" / "film").read_text() == "moon"


def test_a_job_whose_worker_lives_is_let_alone(
    tmp_path: Path, ledger: Ledger, queue: JobQueue, locks: JobLocks
) -> None:
    job = ledger.create("prepare", "Sun", {})
    with locks.hold(job.id) as lock:
        assert lock is not None
        ledger.claim(job.id, "alive")
        reconcile(tmp_path, ledger, queue, locks)
    assert ledger.get(job.id).state is State.RUNNING
    assert queue.waiting() == set()


def test_what_is_queued_already_is_not_queued_twice(
    tmp_path: Path, ledger: Ledger, queue: JobQueue, locks: JobLocks
) -> None:
    job = ledger.create("prepare", "Sun", {})
    for _ in range(2):
        reconcile(tmp_path, ledger, queue, locks)
    assert len(queue._huey.pending()) == 1
    queue.close()
    assert queue.waiting() == {job.id}


def ended(ledger: Ledger, state: State) -> str:
    job = ledger.create("prepare", "Sun", {})
    ledger.claim(job.id, "me")
    if state is State.DONE:
        ledger.finish(job.id, "me", {"routine": "sun"})
    elif state is State.FAILED:
        ledger.fail(job.id, "me", {"code": "", "message": "", "hint": ""})
    elif state is State.CANCELLED:
        ledger.cancel(job.id)
    return job.id


@pytest.mark.parametrize(
    ("state", "kept_s"), [*KEPT_S.items(), (State.DONE, 0.0), (State.RUNNING, None)]
)
def test_uploads_are_kept_as_long_as_they_are_of_use(
    ledger: Ledger, locks: JobLocks, tmp_path: Path, state: State, kept_s: float | None
) -> None:
    job_id = ended(ledger, state)
    upload = tmp_path / "uploads" / job_id
    upload.mkdir(parents=True)
    job = ledger.get(job_id)
    at = job.ended_at or 1e12
    if kept_s:
        tidy(ledger, tmp_path / "uploads", locks, at + kept_s - 1)
        assert upload.exists()
    tidy(ledger, tmp_path / "uploads", locks, at + (kept_s or 0.0))
    assert upload.exists() == (kept_s is None)


def test_what_is_being_received_stays_until_it_is_given_up(
    ledger: Ledger, locks: JobLocks, tmp_path: Path
) -> None:
    upload = tmp_path / "uploads" / "half"
    upload.mkdir(parents=True)
    os.utime(upload, (1000, 1000))
    tidy(ledger, tmp_path / "uploads", locks, 1000 + 86_399)
    assert upload.exists()
    tidy(ledger, tmp_path / "uploads", locks, 1000 + 86_401)
    assert not upload.exists()


def test_the_upload_of_a_process_that_still_ends_is_not_taken_from_it(
    ledger: Ledger, locks: JobLocks, tmp_path: Path
) -> None:
    job_id = ended(ledger, State.DONE)
    upload = tmp_path / "uploads" / job_id
    upload.mkdir(parents=True)
    with locks.hold(job_id):
        tidy(ledger, tmp_path / "uploads", locks, 1e12)
        assert upload.exists()
    tidy(ledger, tmp_path / "uploads", locks, 1e12)
    assert not upload.exists()


def test_a_lock_is_held_by_one_and_free_again(locks: JobLocks) -> None:
    with locks.hold("a") as first, locks.hold("a") as second, locks.hold("b") as other:
        assert first is not None
        assert second is None
        assert other is not None
        locks.forget("a")
    with locks.hold("a") as third:
        assert third is not None


def test_a_lock_that_was_removed_is_not_mistaken_for_the_new_one(
    locks: JobLocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening and locking the file, its holder ends and removes it."""
    opened = os.open

    def then_removed(path: Path, *rest: int) -> int:
        handle = opened(path, *rest)
        Path(path).unlink()
        monkeypatch.setattr(os, "open", opened)
        return handle

    monkeypatch.setattr(os, "open", then_removed)
    with locks.hold("a") as lock:
        assert lock is None
    with locks.hold("a") as lock:
        assert lock is not None
