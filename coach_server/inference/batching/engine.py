"""What batching asks of an engine, and what it offers to those who ask one."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Item_contra = TypeVar("Item_contra", contravariant=True)
Answer_co = TypeVar("Answer_co", covariant=True)


class BatchEngine(Protocol[Item_contra, Answer_co]):
    """Answers many items at once; for one thread at a time."""

    @property
    def most(self) -> int:
        """How many items a run takes."""

    def run(self, items: Sequence[Item_contra]) -> Sequence[Answer_co]:
        """One answer an item, in their order."""


class Asking(Protocol[Item_contra, Answer_co]):
    """One student's place at an engine."""

    def ask(self, item: Item_contra) -> Answer_co:
        """The engine's answer; waits for it.

        Raises:
            SupersededError: a newer item of this student came before this one was begun.
            EngineStuckError: the engine hung in it, and has been replaced.
        """

    def close(self) -> None:
        """Give the place back."""


class Direct(Generic[Item, Answer]):
    """A place at an engine of one's own, without a thread between: for tests and measurements."""

    def __init__(self, engine: BatchEngine[Item, Answer]) -> None:
        self._engine = engine

    def ask(self, item: Item) -> Answer:
        """As `Asking.ask`, in the caller's thread."""
        return self._engine.run([item])[0]

    def close(self) -> None:
        """There is nothing to give back."""
