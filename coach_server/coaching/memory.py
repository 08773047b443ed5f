"""What has been said to a student, and what came of it: so that the coach need not nag."""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from coach_server.coaching.cue import Direction, Joint, Side

REPEAT_AFTER_S: Final = 10.0
"""The same cue is not raised again within this time."""

LEARNT_AFTER: Final = 2
"""Who has mended something so often is shown it from then on, and not told any more."""

UNHEEDED: Final = 2
"""What was said in a pose so often, and changed nothing, is not said there again: the student
cannot, or the coach is wrong."""

IN_VAIN: Final = 3
"""And what was said so often in whichever poses, and was never mended, is not said any more."""

SURER: Final = 1.4
"""To be said again in a pose where it changed nothing, a deviation must be this far beyond."""

Key: TypeAlias = tuple[Joint, Side, Direction]
"""What a cue asks for."""


@dataclass(slots=True)
class Memory:
    """One student's, for one practice. Poses are told apart by a number (`Routine.alike`)."""

    _raised_at: dict[Key, float] = field(default_factory=dict)
    _mended: dict[Key, int] = field(default_factory=dict)
    _unheeded: dict[tuple[int, Key], int] = field(default_factory=dict)
    _in_vain: dict[Key, int] = field(default_factory=dict)

    def may_raise(self, key: Key, pose: int, t: float, excess: float) -> bool:
        """Whether a cue may be raised at `t`, of a deviation `excess` times its band."""
        if t - self._raised_at.get(key, float("-inf")) < REPEAT_AFTER_S:
            return False
        if self._in_vain.get(key, 0) >= IN_VAIN:
            return False
        unheeded = self._unheeded.get((pose, key), 0)
        return unheeded == 0 or (unheeded < UNHEEDED and excess >= SURER)

    def is_learnt(self, key: Key) -> bool:
        """Whether the student has mended this often enough to see it for themselves."""
        return self._mended.get(key, 0) >= LEARNT_AFTER

    def raised(self, key: Key, t: float) -> None:
        """A cue was raised."""
        self._raised_at[key] = t

    def mended(self, key: Key) -> None:
        """The student has followed it."""
        self._mended[key] = self._mended.get(key, 0) + 1
        self._in_vain.pop(key, None)

    def unheeded(self, key: Key, pose: int) -> None:
        """The pose has ended, and it was not followed."""
        self._unheeded[pose, key] = self._unheeded.get((pose, key), 0) + 1
        self._in_vain[key] = self._in_vain.get(key, 0) + 1
