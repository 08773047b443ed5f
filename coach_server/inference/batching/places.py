"""Places at an engine: behind a scheduler where students run side by side, else one's own.

Who reads a film is alone: a thread between would only cost, and a machine that is busy with live
students may well keep it waiting for longer than an engine may hang.
"""

import os
from collections.abc import Callable
from typing import Final, Generic

from coach_server.inference.batching.engine import Answer, Asking, BatchEngine, Direct, Item
from coach_server.inference.batching.gathering import BatchRules, Counts
from coach_server.inference.batching.scheduler import Scheduler

PATIENCE_S: Final = 3.0
"""With a run on a core, which others use too. Of four students at a time in two hours, on a machine
with six times as much to do as it has cores, three runs took more than 1.5 s."""


class Places(Generic[Item, Answer]):
    """Hands out places at engines of one kind.

    Args:
        make: makes an engine.
        name: of the engines, for logs, threads and metrics.
        shared: whether students run side by side.
        rules: how their asks are gathered; by default one in a run, and a run a core.
    """

    def __init__(
        self,
        make: Callable[[], BatchEngine[Item, Answer]],
        *,
        name: str,
        shared: bool,
        rules: BatchRules | None = None,
    ) -> None:
        self.name = name
        self._make = make
        rules = rules or BatchRules(workers=os.cpu_count() or 1, stuck_s=PATIENCE_S)
        self._scheduler = Scheduler(make, rules, name=name) if shared else None

    def place(self) -> Asking[Item, Answer]:
        """A place for one student, to be closed when they go."""
        if self._scheduler is not None:
            return self._scheduler.seat()
        return Direct(self._make())

    def ready(self) -> None:
        """Have an engine made before the first student comes, where they share it.

        Raises:
            CoachError: it cannot be made.
        """
        if self._scheduler is not None:
            self._scheduler.ready()

    @property
    def counts(self) -> Counts:
        """What happened so far where students run side by side."""
        return self._scheduler.counts if self._scheduler is not None else Counts()

    def close(self) -> None:
        """End the threads that run the engines."""
        if self._scheduler is not None:
            self._scheduler.close()
