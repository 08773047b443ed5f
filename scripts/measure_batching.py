"""How long frames wait for an engine, by how many students share it: on a virtual clock.

The decisions are those of the server (`inference.batching.gathering`); the engine is a model that
takes so long a batch and so long a row more. `python -m scripts.measure_batching [--json FILE]`.
"""

import argparse
import heapq
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from coach_server.inference.batching.gathering import Ask, BatchRules, Gathering

FPS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Engine:
    """How long a batch takes: `batch_s`, and `row_s` for each row."""

    batch_s: float
    row_s: float

    def takes(self, rows: int) -> float:
        """Seconds for a batch of `rows`."""
        return self.batch_s + self.row_s * rows


@dataclass(slots=True)
class Outcome:
    """What happened.

    Attributes:
        waits_s: from a frame's coming to its batch's beginning, of those that were begun.
        ages_s: from a frame's coming to its answer, of those that were answered.
        served: frames answered, by student.
        served_s: when each student's frames were answered.
        offered: frames that came, by student.
        lost: frames whose engine hung.
        replaced_s: how long each engine hung before it was replaced.
        rows: of each batch.
        superseded: frames whose place a newer one took.
    """

    waits_s: list[float] = field(default_factory=list)
    ages_s: list[float] = field(default_factory=list)
    served: dict[int, int] = field(default_factory=dict)
    served_s: dict[int, list[float]] = field(default_factory=dict)
    offered: dict[int, int] = field(default_factory=dict)
    lost: int = 0
    replaced_s: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    superseded: int = 0

    def longest_gap_s(self, student: int) -> float:
        """The longest time between two answers for a student."""
        return float(np.diff(self.served_s[student]).max())


def simulate(
    students: int,
    engine: Engine,
    rules: BatchRules,
    *,
    seconds: float = 30.0,
    seed: int = 0,
    hang_at_s: Sequence[float] = (),
) -> Outcome:
    """Students with cameras of 30 frames a second that come when they like.

    Args:
        students: how many.
        engine: how long it takes.
        rules: of the batching.
        seconds: of the virtual clock.
        seed: of when cameras begin, and how evenly their frames come.
        hang_at_s: the batch that begins next after each of these never ends.
    """
    run = _Run(engine, rules, list(hang_at_s))
    rng = np.random.default_rng(seed)
    for _ in range(students):
        seat = run.gathering.join()
        run.outcome.served[seat] = run.outcome.offered[seat] = 0
        run.outcome.served_s[seat] = []
        frames = np.arange(rng.uniform(0, 1 / FPS), seconds, 1 / FPS)
        for at_s in np.sort(frames + rng.normal(0, 0.004, len(frames))):
            run.at(max(float(at_s), 0.0), ("frame", seat))
    run.until(seconds)
    run.outcome.superseded = run.gathering.counts.superseded
    return run.outcome


class _Run:
    def __init__(self, engine: Engine, rules: BatchRules, hang_at_s: list[float]) -> None:
        self.engine = engine
        self.gathering: Gathering[None] = Gathering(rules)
        self.outcome = Outcome()
        self._hang_at_s = hang_at_s
        self._events: list[tuple[float, int, tuple[Any, ...]]] = []
        self._order = itertools.count()
        self._workers = itertools.count()
        self._idle = {next(self._workers) for _ in range(rules.workers)}
        self._begun: dict[int, tuple[float, tuple[Ask[None], ...]]] = {}

    def at(self, time_s: float, event: tuple[Any, ...]) -> None:
        heapq.heappush(self._events, (time_s, next(self._order), event))

    def until(self, end_s: float) -> None:
        while self._events and self._events[0][0] <= end_s:
            now_s, _, event = heapq.heappop(self._events)
            match event:
                case ("frame", seat):
                    self.outcome.offered[seat] += 1
                    self.gathering.offer(Ask(seat, None, now_s))
                case ("done", worker):
                    self._answer(worker, now_s)
                case ("overdue",):
                    self._replace(now_s)
            self._begin(now_s)

    def _begin(self, now_s: float) -> None:
        for worker in sorted(self._idle):
            batch = self.gathering.take(worker, now_s)
            if not batch:
                break
            self._idle.discard(worker)
            self._begun[worker] = (now_s, batch)
            self.outcome.rows.append(len(batch))
            self.outcome.waits_s += [now_s - ask.offered_s for ask in batch]
            if self._hang_at_s and now_s >= self._hang_at_s[0]:
                self._hang_at_s.pop(0)
                self.at(now_s + self.gathering.rules.stuck_s, ("overdue",))
            else:
                self.at(now_s + self.engine.takes(len(batch)), ("done", worker))
        due_s = self.gathering.due_s(now_s)
        if self._idle and due_s is not None and due_s > now_s:
            self.at(due_s, ("due",))

    def _answer(self, worker: int, now_s: float) -> None:
        if not self.gathering.finish(worker):
            return
        _, batch = self._begun.pop(worker)
        self._idle.add(worker)
        for ask in batch:
            self.outcome.served[ask.seat] += 1
            self.outcome.served_s[ask.seat].append(now_s)
            self.outcome.ages_s.append(now_s - ask.offered_s)

    def _replace(self, now_s: float) -> None:
        for worker, batch in self.gathering.give_up(now_s).items():
            begun_s, _ = self._begun.pop(worker)
            self.outcome.lost += len(batch)
            self.outcome.replaced_s.append(now_s - begun_s)
            if self.gathering.may_replace:
                self._idle.add(next(self._workers))


def row(students: int, engine: Engine, rules: BatchRules) -> dict[str, float]:
    """A row of the table."""
    outcome = simulate(students, engine, rules)
    waits, ages = np.array(outcome.waits_s) * 1000, np.array(outcome.ages_s) * 1000
    served = np.array([outcome.served[n] / outcome.offered[n] for n in outcome.served])
    return {
        "students": students,
        "rows_a_batch": float(np.mean(outcome.rows)),
        "wait_ms_p50": float(np.median(waits)),
        "wait_ms_p95": float(np.quantile(waits, 0.95)),
        "age_ms_p95": float(np.quantile(ages, 0.95)),
        "served_least": float(served.min()),
        "served_most": float(served.max()),
        "longest_gap_ms": max(outcome.longest_gap_s(n) for n in outcome.served) * 1000,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch-ms", type=float, default=4.0, help="an engine takes for a batch")
    parser.add_argument("--row-ms", type=float, default=0.4, help="and for each row of it")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    engine = Engine(asked.batch_ms / 1000, asked.row_ms / 1000)
    rules = BatchRules(most=16)
    rows = [row(students, engine, rules) for students in (1, 4, 16, 32, 64, 96, 128, 200)]
    print("| " + " | ".join(rows[0]) + " |")
    print("| " + " | ".join("---" for _ in rows[0]) + " |")
    for values in rows:
        print("| " + " | ".join(f"{value:.3g}" for value in values.values()) + " |")
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
