"""Who is served next, and with whom: decisions alone, on a clock that is passed in.

- Of a student at most one ask waits; a newer one takes its place (the newest frame wins).
- A batch goes when it is full, when all students who are about wait in it, or when its first ask
  has waited `gather_s`. So who is alone never waits.
- Where more wait than a batch takes, those served longest ago come first: nobody starves.
- A worker whose batch runs longer than `stuck_s` is given up, its asks with it; another takes its
  place, and what it may answer one day is dropped.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class BatchRules:
    """How asks are gathered.

    Attributes:
        most: asks in a batch.
        workers: batches that run at a time, each on an engine of its own.
        gather_s: the longest that an ask waits for company.
        stuck_s: an engine that takes longer for a batch hangs.
        about_s: who has not asked for so long is not waited for.
        make_s: an engine that takes longer to be made hangs as well.
        most_hung: engines that hang at a time, each with a thread; then no more are made.
    """

    most: int = 1
    workers: int = 1
    gather_s: float = 0.003
    stuck_s: float = 1.5
    about_s: float = 0.1
    make_s: float = 120.0
    most_hung: int = 8


@dataclass(slots=True, eq=False)
class Ask(Generic[Item]):
    """One item of one student.

    Attributes:
        seat: whose.
        item: for the engine.
        offered_s: when it came.
    """

    seat: int
    item: Item
    offered_s: float


@dataclass(slots=True)
class Counts:
    """What happened so far.

    Attributes:
        batches: that were begun.
        asks: in them.
        waited_s: how long those asks waited in all before they were begun.
        superseded: asks that a newer one replaced.
        stuck: asks that were given up with an engine that hung.
        replaced: engines that hung.
    """

    batches: int = 0
    asks: int = 0
    waited_s: float = 0.0
    superseded: int = 0
    stuck: int = 0
    replaced: int = 0


@dataclass(slots=True)
class _Seat:
    asked_s: float = float("-inf")
    served_s: float = float("-inf")
    running: int = 0


@dataclass(slots=True)
class _Running(Generic[Item]):
    begun_s: float
    batch: tuple[Ask[Item], ...]


@dataclass(slots=True)
class Gathering(Generic[Item]):
    """The asks of all students at one kind of engine. Not thread-safe.

    Attributes:
        rules: how asks are gathered.
        counts: what happened so far.
    """

    rules: BatchRules
    counts: Counts = field(default_factory=Counts)
    _seats: dict[int, _Seat] = field(default_factory=dict)
    _waiting: dict[int, Ask[Item]] = field(default_factory=dict)
    _running: dict[int, _Running[Item]] = field(default_factory=dict)
    _making: dict[int, float] = field(default_factory=dict)
    _hung: set[int] = field(default_factory=set)
    _next_seat: int = 0

    def join(self) -> int:
        """A new student's number."""
        seat, self._next_seat = self._next_seat, self._next_seat + 1
        self._seats[seat] = _Seat()
        return seat

    def leave(self, seat: int) -> Ask[Item] | None:
        """A student goes; gives the ask that nobody will serve now."""
        self._seats.pop(seat, None)
        return self._waiting.pop(seat, None)

    def has(self, seat: int) -> bool:
        """Whether a student is here, and has not gone."""
        return seat in self._seats

    def offer(self, ask: Ask[Item]) -> Ask[Item] | None:
        """Take in an ask of a student who is here; gives the one whose place it takes."""
        self._seats[ask.seat].asked_s = ask.offered_s
        superseded = self._waiting.pop(ask.seat, None)
        if superseded is not None:
            self.counts.superseded += 1
        self._waiting[ask.seat] = ask
        return superseded

    def due_s(self, now_s: float) -> float | None:
        """When a batch is to go: at once if that has passed; None while nobody waits."""
        if not self._waiting:
            return None
        if len(self._waiting) >= self.rules.most or not self._is_anybody_awaited(now_s):
            return now_s
        return min(ask.offered_s for ask in self._waiting.values()) + self.rules.gather_s

    def take(self, worker: int, now_s: float) -> tuple[Ask[Item], ...]:
        """The batch that an idle worker begins now; empty while none is due."""
        due_s = self.due_s(now_s)
        if due_s is None or due_s > now_s:
            return ()
        # Who was served longest ago comes first; among those, who has waited longest.
        order = sorted(
            self._waiting.values(),
            key=lambda ask: (self._seats[ask.seat].served_s, ask.offered_s),
        )
        batch = tuple(order[: self.rules.most])
        for ask in batch:
            del self._waiting[ask.seat]
            seat = self._seats[ask.seat]
            seat.served_s = now_s
            seat.running += 1
            self.counts.waited_s += now_s - ask.offered_s
        self._running[worker] = _Running(now_s, batch)
        self.counts.batches += 1
        self.counts.asks += len(batch)
        return batch

    def make(self, worker: int, now_s: float) -> None:
        """A worker begins to make its engine."""
        self._making[worker] = now_s

    def made(self, worker: int) -> bool:
        """A worker has its engine, or cannot have one; False where it had been given up."""
        self._hung.discard(worker)
        return self._making.pop(worker, None) is not None

    def finish(self, worker: int) -> bool:
        """A worker's batch is answered; False where it had been given up."""
        running = self._running.pop(worker, None)
        if running is None:
            self._hung.discard(worker)  # it was only slow: its thread ends
            return False
        self._end(running)
        return True

    def overdue_s(self) -> float | None:
        """When the first of what is under way counts as stuck; None where nothing is."""
        rules = self.rules
        running = [running.begun_s + rules.stuck_s for running in self._running.values()]
        making = [begun_s + rules.make_s for begun_s in self._making.values()]
        return min([*running, *making], default=None)

    def give_up(self, now_s: float) -> dict[int, tuple[Ask[Item], ...]]:
        """Workers that hang, each with the batch that is lost with it."""
        stuck = {
            worker: running
            for worker, running in self._running.items()
            if now_s >= running.begun_s + self.rules.stuck_s
        }
        for worker, running in stuck.items():
            del self._running[worker]
            self._end(running)
            self.counts.stuck += len(running.batch)
        lost = {worker: running.batch for worker, running in stuck.items()}
        for worker, begun_s in list(self._making.items()):
            if now_s >= begun_s + self.rules.make_s:
                del self._making[worker]
                lost[worker] = ()
        self._hung.update(lost)
        self.counts.replaced += len(lost)
        return lost

    @property
    def may_replace(self) -> bool:
        """Whether one more engine may take the place of one that hung."""
        return len(self._hung) <= self.rules.most_hung

    def drain(self) -> list[Ask[Item]]:
        """All that wait, which nobody will serve."""
        waiting = list(self._waiting.values())
        self._waiting.clear()
        return waiting

    def _end(self, running: _Running[Item]) -> None:
        for ask in running.batch:
            if seat := self._seats.get(ask.seat):
                seat.running -= 1

    def _is_anybody_awaited(self, now_s: float) -> bool:
        """Whether a student who is about neither waits nor is being served."""
        since_s = now_s - self.rules.about_s
        return any(
            seat.asked_s >= since_s and not seat.running and number not in self._waiting
            for number, seat in self._seats.items()
        )
