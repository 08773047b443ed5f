"""Threads for engines, which may hang for ever, and must not hold the process at its end."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import Any, Final, ParamSpec, TypeAlias, TypeVar

Result = TypeVar("Result")
Params = ParamSpec("Params")

Call: TypeAlias = tuple[Future[Any], Callable[[], Any]]


class DaemonPool(Executor):
    """An executor of daemon threads, made as they are needed.

    The interpreter waits at its end for every thread of a `ThreadPoolExecutor`, whatever
    `shutdown` was told, so one call that never returns would keep the process alive.
    """

    def __init__(self, max_threads: int, *, name: str) -> None:
        self._max_threads: Final = max_threads
        self._name: Final = name
        self._calls: SimpleQueue[Call | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._unfinished = 0
        self._closed = False
        self._lock = threading.Lock()

    def submit(
        self, fn: Callable[Params, Result], /, *args: Params.args, **kwargs: Params.kwargs
    ) -> Future[Result]:
        """Call `fn` in a thread; waits for one where all are busy.

        Raises:
            RuntimeError: the pool is shut down.
        """
        future: Future[Result] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the pool is shut down")
            self._calls.put((future, lambda: fn(*args, **kwargs)))
            self._unfinished += 1
            if len(self._threads) < min(self._unfinished, self._max_threads):
                name = f"{self._name} {len(self._threads)}"
                thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # Executor's own signature
        """Take no more calls; threads end when none are left.

        Args:
            wait: until all threads have ended, however long that takes.
            cancel_futures: drop the calls that have not begun.
        """
        with self._lock:
            self._closed = True
            if cancel_futures:
                self._cancel_waiting()
            for _ in self._threads:
                self._calls.put(None)
        if wait:
            self.join()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the threads to end, at most `timeout_s`; gives whether they all have."""
        until_s = None if timeout_s is None else time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(None if until_s is None else max(0.0, until_s - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _cancel_waiting(self) -> None:
        while True:
            try:
                call = self._calls.get_nowait()
            except Empty:
                return
            if call is not None:
                call[0].cancel()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            self._run(*call)
            del call  # it holds a frame, and the next may be long in coming

    def _run(self, future: Future[Any], function: Callable[[], Any]) -> None:
        if not future.set_running_or_notify_cancel():
            self._one_finished()
            return
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001  # whoever waits for the result gets it
            self._one_finished()
            future.set_exception(error)
        else:
            self._one_finished()
            future.set_result(result)
        finally:
            del future, function  # an error holds this frame: it would hold itself

    def _one_finished(self) -> None:
        # before the result is told: who hears it may call again at once, and this thread is free
        with self._lock:
            self._unfinished -= 1
