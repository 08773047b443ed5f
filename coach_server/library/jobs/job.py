"""One piece of long work, as the ledger knows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

KINDS: Final = ("prepare", "compare", "import", "trim")
"""What jobs do; each has a performer."""

ATTEMPTS: Final = 2
"""So often a job is begun whose process was stopped in the middle; then it has failed."""

_TELLS_LEFT: Final = 0.02
"""From this share on what is done says something of what is left."""


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens, unless somebody asks for it."""
        return self in (State.DONE, State.FAILED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Job:
    """What the ledger says of a job; times are seconds since 1970.

    Attributes:
        id: letters and digits; also of its folder of uploads.
        kind: one of `KINDS`.
        title: what people call it.
        arguments: for its performer, JSON; paths are relative to the data folder.
        state: where it stands.
        stage: what is being done, in plain words; empty before it begins.
        share: 0..1 of the work that is done; None while that is not known.
        created_at, started_at, ended_at: None where that has not happened (again).
        changed_at: when the last of this was written.
        attempts: how often it was begun.
        worker: who runs it, by a name that no other attempt has.
        result: ids of what came of it: `routine` or `comparison`.
        error: code, message and hint of a job that failed.
    """

    id: str
    kind: str
    title: str
    arguments: Mapping[str, Any]
    state: State
    stage: str
    share: float | None
    created_at: float
    started_at: float | None
    ended_at: float | None
    changed_at: float
    attempts: int
    worker: str | None
    result: Mapping[str, str] | None
    error: Mapping[str, str] | None

    @property
    def left_s(self) -> float | None:
        """Seconds that a running job would still take at the speed it has had; None: not known."""
        if self.state is not State.RUNNING or self.started_at is None:
            return None
        if self.share is None or self.share < _TELLS_LEFT:
            return None
        elapsed_s = max(self.changed_at - self.started_at, 0.0)
        return elapsed_s * (1 - self.share) / self.share

    def as_dict(self) -> dict[str, Any]:
        """As HTTP and `coach jobs` tell it."""
        share = 1.0 if self.state is State.DONE else self.share
        left_s = self.left_s
        return {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "state": self.state.value,
            "stage": self.stage,
            "percent": None if share is None else round(100 * share, 1),
            "left_s": None if left_s is None else round(left_s, 1),
            "created_at": _iso(self.created_at),
            "started_at": _iso(self.started_at),
            "ended_at": _iso(self.ended_at),
            "attempts": self.attempts,
            "result": None if self.result is None else dict(self.result),
            "error": None if self.error is None else dict(self.error),
        }


def _iso(at: float | None) -> str | None:
    return (
        None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    )
