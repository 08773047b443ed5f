"""Workers as processes: what they take from the queue, and what is left when they are killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from support.fake_jobs import WORKER, attempts, is_alive, ledger_of, until
from support.redis_server import redis_server

from coach_server.errors import InputError
from coach_server.library.jobs import queue as queues
from coach_server.library.jobs.job import State
from coach_server.library.jobs.queue import JobQueue
from coach_server.settings import Settings, environment_of, load_settings

pytestmark = pytest.mark.unit


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, cache=tmp_path)


@pytest.fixture(params=["sqlite", "redis"])
def broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    if request.param == "sqlite":
        yield "sqlite"
    else:
        with redis_server(tmp_path_factory.mktemp("r") / "redis") as address:
            yield address


@contextmanager
def worker(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(WORKER, env={**os.environ, **environment_of(settings)}) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def queue_of(settings: Settings) -> Iterator[JobQueue]:
    queue = JobQueue(settings)
    try:
        yield queue
    finally:
        queue.close()


def test_what_is_queued_is_done_and_what_the_queue_has_lost_too(
    settings: Settings, broker: str
) -> None:
    settings = settings.model_copy(update={"broker": broker})
    ledger = ledger_of(settings)
    queued, lost, doubled = (ledger.create("prepare", "", {"act": "work"}) for _ in range(3))
    with queue_of(settings) as queue, worker(settings):
        for job in (queued, doubled, doubled):
            queue.put(job.id)
        for job in (queued, lost, doubled):
            assert until(ledger, job.id, lambda now: now.state.is_final).state is State.DONE
        assert queue.waiting() == set()
    assert len(attempts(settings.data)) == 3


def test_a_job_waits_for_a_redis_server_that_is_away(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("r") / "redis"
    ledger = ledger_of(settings)
    with ExitStack() as stack:
        with redis_server(folder) as address:
            stack.enter_context(worker(settings.model_copy(update={"broker": address})))
            before = ledger.create("prepare", "", {"act": "work"})
            until(ledger, before.id, lambda now: now.state is State.DONE)
        during = ledger.create("prepare", "", {"act": "work"})
        with redis_server(folder):
            until(ledger, during.id, lambda now: now.state is State.DONE)


def test_a_killed_worker_s_job_is_begun_again_and_then_has_failed(settings: Settings) -> None:
    ledger = ledger_of(settings)
    job = ledger.create("prepare", "", {"act": "wait"})
    for attempt in (1, 2):
        with worker(settings) as process:
            until(ledger, job.id, lambda now: now.attempts == attempt and now.stage == "waiting")  # noqa: B023  # it is over before the next
            process.send_signal(signal.SIGKILL)
            process.wait()
    with worker(settings):
        failed = until(ledger, job.id, lambda now: now.state.is_final)
    assert failed.state is State.FAILED
    assert failed.error is not None
    assert failed.error["code"] == "job_stopped"
    assert "its worker ended" in failed.error["message"]
    assert len(attempts(settings.data)) == 2
    assert not any(map(is_alive, attempts(settings.data)))


def test_a_worker_that_is_told_to_stop_puts_its_job_back(settings: Settings) -> None:
    ledger = ledger_of(settings)
    job = ledger.create("prepare", "", {"act": "wait"})
    with worker(settings) as process:
        until(ledger, job.id, lambda now: now.stage == "waiting")
        process.terminate()
        assert process.wait(60) == 0
    back = ledger.get(job.id)
    assert (back.state, back.attempts) == (State.QUEUED, 0)
    assert not any(map(is_alive, attempts(settings.data)))


def test_two_jobs_at_once_have_a_folder_each(settings: Settings) -> None:
    ledger = ledger_of(settings)
    jobs = [ledger.create("prepare", "", {"act": "meet"}) for _ in range(2)]
    with worker(settings), worker(settings):
        for job in jobs:
            assert until(ledger, job.id, lambda now: now.state.is_final).state is State.DONE


def test_the_real_worker_ends_with_the_server_that_started_it(settings: Settings) -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "coach_server.cli.worker"],
        stdin=subprocess.PIPE,
        env={**os.environ, **environment_of(settings)},
    ) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(120) == 0


def test_a_redis_server_that_is_not_there_is_said_on_one_line(settings: Settings) -> None:
    settings = settings.model_copy(update={"broker": "redis://me:secret@127.0.0.1:1/0"})
    with queue_of(settings) as queue, pytest.raises(InputError) as refused:
        queue.check()
    assert refused.value.error_code == "no_redis"
    assert "127.0.0.1:1" in refused.value.message
    assert "secret" not in refused.value.message
    assert "\n" not in refused.value.message


def test_without_its_package_redis_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "find_spec", lambda _name: None)
    settings = settings.model_copy(update={"broker": "redis://127.0.0.1"})
    with queue_of(settings) as queue, pytest.raises(InputError, match="not installed") as refused:
        queue.check()
    assert "coach-server[redis]" in refused.value.hint


@pytest.mark.parametrize("address", ["amqp://127.0.0.1", "redis", "sqlite:///x"])
def test_no_other_broker_is_known(tmp_path: Path, address: str) -> None:
    with pytest.raises(ValueError, match="broker"):
        Settings(data=tmp_path, broker=address)


def test_workers_get_the_very_settings_of_their_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        data=tmp_path / "d",
        cache=tmp_path / "c",
        device="cpu",
        lifter="blazepose-world",
        broker="redis://127.0.0.1/3",
        max_film_minutes=1.5,
        job_workers=0,
        job_memory_mb=300,
    )
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_messages_are_no_pickles(settings: Settings) -> None:
    with queue_of(settings) as queue:
        queue.put("abc")
        (message,) = queue._huey.storage.enqueued_items()
        queue._huey.storage.close()
    assert bytes(message).startswith(b"{")
    assert b'"abc"' in bytes(message)
