"""What engines raise in frames: told to the log and the page, and let go of where it was raised.

An exception holds the frames that it went through, they hold session, coach and picture, and
whoever renders it keeps copies of what they held. Handed to another thread, in a future, it would
keep them until the collector comes.
"""

import math
import time
from dataclasses import dataclass
from typing import Final

import structlog

from coach_server.errors import CoachError, InternalError, SupersededError

log = structlog.get_logger(__name__)

TELL_EVERY_S: Final = 2.0
"""An engine that raises in one frame may well do so in each."""


@dataclass(frozen=True, slots=True)
class FailedFrame:
    """What a frame gave instead of a result.

    Attributes:
        message: for the page, in the shape of every error; None where it heard of one just now.
    """

    message: dict[str, dict[str, str]] | None


class Failures:
    """Those of one session's frames, one at a time."""

    def __init__(self, session: str) -> None:
        self._session = session
        self._told_s = -math.inf

    def told(self, error: Exception) -> FailedFrame:
        """Log what an engine raised unless one was logged just now, and cut it from its frames.

        For the thread in which it was raised: a traceback reads source files.
        """
        try:
            if time.monotonic() - self._told_s < TELL_EVERY_S:
                return FailedFrame(None)
            if isinstance(error, SupersededError):  # its student has gone
                return FailedFrame(None)
            self._told_s = time.monotonic()
            log.error("an engine raised", session=self._session, exc_info=error)
            return FailedFrame(_for_the_page(error).as_dict())
        finally:
            _cut(error)


def _for_the_page(error: Exception) -> CoachError:
    if isinstance(error, CoachError):
        return error
    return InternalError(
        "the pose engine failed on this frame", hint="practice goes on with the next one"
    )


def _cut(error: BaseException | None) -> None:
    if error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        _cut(error.__cause__)
        _cut(error.__context__)
