"""Threads that never hold the process."""

import subprocess
import sys
import threading

import pytest

from coach_server.sessions.daemon_pool import DaemonPool

pytestmark = pytest.mark.unit


def test_results_and_errors_come_back() -> None:
    pool = DaemonPool(2, name="test")
    assert pool.submit(divmod, 7, 2).result(10) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        pool.submit(divmod, 7, 0).result(10)
    pool.shutdown()


def test_one_after_another_need_one_thread() -> None:
    pool = DaemonPool(4, name="test")
    names = {pool.submit(lambda: threading.current_thread().name).result(10) for _ in range(50)}
    pool.shutdown()
    assert names == {"test 0"}


def test_there_are_never_more_threads_than_allowed() -> None:
    pool = DaemonPool(2, name="test")
    together = threading.Barrier(2)
    first, second = (pool.submit(together.wait, 10) for _ in range(2))
    assert {first.result(10), second.result(10)} == {0, 1}, "two run at a time"
    done = threading.Event()
    waiting = [pool.submit(done.wait, 10) for _ in range(5)]
    done.set()
    assert all(future.result(10) for future in waiting)
    pool.shutdown()
    assert pool.join(0)


def test_a_hung_call_leaves_room_and_is_not_waited_for() -> None:
    pool = DaemonPool(2, name="test")
    hung = threading.Event()
    hanging = pool.submit(hung.wait, 60)
    assert pool.submit(int, "3").result(10) == 3
    pool.shutdown(wait=False, cancel_futures=True)
    assert not pool.join(0.05)
    with pytest.raises(RuntimeError):
        pool.submit(int, "4")
    hung.set()
    assert hanging.result(10)
    assert pool.join(10)


def test_what_has_not_begun_is_cancelled() -> None:
    pool = DaemonPool(1, name="test")
    begun, hung = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        hung.wait(60)

    pool.submit(hang)
    assert begun.wait(10)
    waiting = pool.submit(int, "3")
    pool.shutdown(wait=False, cancel_futures=True)
    assert waiting.cancelled()
    hung.set()
    assert pool.join(10)


def test_the_interpreter_ends_while_a_call_hangs() -> None:
    script = (
        "import time; from coach_server.sessions.daemon_pool import DaemonPool\n"
        "pool = DaemonPool(1, name='test'); pool.submit(time.sleep, 600)\n"
        "pool.shutdown(wait=False, cancel_futures=True)"
    )
    subprocess.run([sys.executable, "-c", script], timeout=60, check=True)
