"""The threads around `gathering`: students' threads ask and wait, workers run engines.

There is no watchdog: who waits for an answer keeps the time, and replaces an engine that hangs.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswerYet
from dataclasses import replace
from typing import Final, Generic, TypeAlias

import structlog

from coach_server.errors import CoachError, EngineStuckError, InternalError, SupersededError
from coach_server.inference.batching.engine import Answer, Asking, BatchEngine, Item
from coach_server.inference.batching.gathering import Ask, BatchRules, Counts, Gathering

log = structlog.get_logger(__name__)

Asked: TypeAlias = tuple[Item, Future[Answer]]
"""What somebody asks, and where the answer goes."""
_SLEPT_S: Final = 0.25
"""Who wakes so much later than they wanted to has not been running, and nor has an engine."""
_LOOKS_AGAIN_S: Final = 1.0
"""After that; short enough for what does hang to be replaced before its student is given up."""
_HUNG: Final = "the pose engine hung on this frame"
_HINT: Final = "practice goes on with the next frame"


class Scheduler(Generic[Item, Answer]):
    """Engines of one kind, and all who ask them. Threads begin with the first ask.

    Args:
        make: makes an engine, in the thread that will run it.
        rules: how asks are gathered.
        name: of the engines, for logs and threads.
    """

    def __init__(
        self,
        make: Callable[[], BatchEngine[Item, Answer]],
        rules: BatchRules,
        *,
        name: str,
    ) -> None:
        self._make = make
        self._name = name
        self._gathering: Gathering[Asked[Item, Answer]] = Gathering(rules)
        lock = threading.RLock()
        self._changed = threading.Condition(lock)
        self._ready = threading.Condition(lock)
        self._threads: dict[int, threading.Thread] = {}
        self._most_workers = rules.workers
        self._idle = 0
        self._begun = 0
        self._failure: Callable[[], CoachError] | None = None

    @property
    def counts(self) -> Counts:
        """What happened so far."""
        with self._changed:
            return replace(self._gathering.counts)

    def seat(self) -> Asking[Item, Answer]:
        """A place for a student; to be closed when they go."""
        with self._changed:
            return _Seat(self, self._gathering.join())

    def ready(self) -> None:
        """Have an engine made before anybody asks; waits for it.

        Raises:
            CoachError: it cannot be made.
        """
        with self._changed:
            if not self._threads and self._failure is None:
                self._start_worker()
            rules = self._gathering.rules
            made = self._ready.wait_for(lambda: self._idle or self._failure, rules.make_s)
            if self._failure is not None:
                raise self._failure()
        if not made:
            raise EngineStuckError(f"the engine {self._name} hung while it was made")

    def ask(self, seat: int, item: Item) -> Answer:
        """As `Asking.ask`, of the student who has that number."""
        answer: Future[Answer] = Future()
        with self._changed:
            if self._failure is not None:
                raise self._failure()
            if not self._gathering.has(seat):
                raise SupersededError("the student has gone")
            superseded = self._gathering.offer(Ask(seat, (item, answer), time.monotonic()))
            if not self._idle and len(self._threads) < self._most_workers:
                self._start_worker()
            else:
                self._changed.notify()
        if superseded is not None:
            superseded.item[1].set_exception(SupersededError("a newer frame came"))
        return self._await(answer)

    def leave(self, seat: int) -> None:
        """The student who has that number goes."""
        with self._changed:
            left = self._gathering.leave(seat)
        if left is not None:
            left.item[1].set_exception(SupersededError("the student has gone"))

    def close(self) -> None:
        """End the threads that do not hang; who still waits is told that nobody comes."""
        self._fail(lambda: InternalError(f"the engine {self._name} has been closed"))
        for thread in list(self._threads.values()):
            if thread is not threading.current_thread():
                thread.join(self._gathering.rules.stuck_s)

    def _await(self, answer: Future[Answer]) -> Answer:
        wait_s = self._gathering.rules.stuck_s
        while True:
            wakes_s = time.monotonic() + wait_s
            try:
                return answer.result(timeout=wait_s)
            except NoAnswerYet:
                if answer.done():  # it is the engine's own error that is called so
                    raise
                if time.monotonic() - wakes_s > _SLEPT_S:  # all of the machine, engines too
                    wait_s = _LOOKS_AGAIN_S
                else:
                    wait_s = self._replace_stuck()

    def _replace_stuck(self) -> float:
        """Give up what hangs; gives how long to wait until something may hang again."""
        with self._changed:
            now_s = time.monotonic()
            stuck = self._gathering.give_up(now_s)
            for worker in stuck:
                self._threads.pop(worker, None)
            replaceable = self._gathering.may_replace
            if stuck and replaceable and self._failure is None:
                self._start_worker()
            overdue_s = self._gathering.overdue_s()
            wait_s = self._gathering.rules.stuck_s if overdue_s is None else overdue_s - now_s
        for batch in stuck.values():
            log.error("an engine hangs and is replaced", engine=self._name, asks=len(batch))
            self._tell(batch, lambda: EngineStuckError(_HUNG, hint=_HINT))
        if stuck and not replaceable:
            self._fail(
                lambda: EngineStuckError(
                    f"the engine {self._name} hung too often",
                    hint="start the server again; if it goes on, look at the GPU with `nvidia-smi`",
                )
            )
        return max(wait_s, 0.001)

    def _fail(self, failure: Callable[[], CoachError]) -> None:
        """Serve nobody any more."""
        with self._changed:
            self._failure = self._failure or failure
            waiting = self._gathering.drain()
            self._changed.notify_all()
            self._ready.notify_all()
        self._tell(waiting, failure)

    def _start_worker(self) -> None:
        """With the lock held."""
        worker, self._begun = self._begun, self._begun + 1
        thread = threading.Thread(
            target=self._work, args=(worker,), name=f"{self._name} {worker}", daemon=True
        )
        self._threads[worker] = thread
        self._gathering.make(worker, time.monotonic())
        thread.start()

    def _work(self, worker: int) -> None:
        try:
            engine = self._make()
        except Exception as error:
            log.exception("an engine cannot be made", engine=self._name)
            self._go_on_without(worker, error)
            return
        with self._changed:
            in_time = self._gathering.made(worker)
        while in_time and (batch := self._next(worker)):
            self._run(engine, worker, batch)
            del batch  # it holds frames, and the next may be long in coming

    def _go_on_without(self, worker: int, error: Exception) -> None:
        """A worker has no engine: the others serve alone, or nobody does."""
        with self._changed:
            self._gathering.made(worker)
            self._threads.pop(worker, None)
            self._most_workers = len(self._threads)
        if self._most_workers:
            return
        name, said = self._name, str(error)
        if isinstance(error, CoachError):
            kind, message, hint = type(error), error.message, error.hint
            self._fail(lambda: kind(message, hint=hint))
        else:
            self._fail(lambda: InternalError(f"the engine {name} cannot be made: {said}"))

    def _next(self, worker: int) -> tuple[Ask[Asked[Item, Answer]], ...]:
        """The next batch; empty when the worker is to end."""
        with self._changed:
            self._idle += 1
            self._ready.notify_all()
            try:
                while self._failure is None and worker in self._threads:
                    now_s = time.monotonic()
                    if batch := self._gathering.take(worker, now_s):
                        return batch
                    due_s = self._gathering.due_s(now_s)
                    self._changed.wait(None if due_s is None else due_s - now_s)
                return ()
            finally:
                self._idle -= 1

    def _run(
        self,
        engine: BatchEngine[Item, Answer],
        worker: int,
        batch: tuple[Ask[Asked[Item, Answer]], ...],
    ) -> None:
        answers: Sequence[Answer] = ()
        failure: Exception | None = None
        try:
            answers = engine.run([ask.item[0] for ask in batch])
            if len(answers) != len(batch):
                failure = InternalError(f"{self._name} gave {len(answers)} of {len(batch)} answers")
        except Exception as error:  # noqa: BLE001  # whoever asked gets it
            failure = error
        with self._changed:
            in_time = self._gathering.finish(worker)
        if not in_time:
            return  # it was given up, and those who asked have been told
        if failure is not None:
            told = failure
            self._tell(batch, lambda: told)
            return
        for ask, answer in zip(batch, answers, strict=True):
            ask.item[1].set_result(answer)

    @staticmethod
    def _tell(asks: Sequence[Ask[Asked[Item, Answer]]], failure: Callable[[], Exception]) -> None:
        """An error each: one that is raised again and again would keep all of their frames."""
        for ask in asks:
            ask.item[1].set_exception(failure())


class _Seat(Generic[Item, Answer]):
    def __init__(self, scheduler: Scheduler[Item, Answer], number: int) -> None:
        self._scheduler = scheduler
        self._number = number

    def ask(self, item: Item) -> Answer:
        return self._scheduler.ask(self._number, item)

    def close(self) -> None:
        self._scheduler.leave(self._number)
