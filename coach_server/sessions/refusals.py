"""What live practice refuses, in the words that pages show."""

from typing import Final

from coach_server.errors import BusyError, FullError, NotFoundError
from coach_server.rtc.peer import RETRY_AFTER_S

_LATER: Final = "try again in a few seconds"


def every_place_taken() -> FullError:
    """There are as many students as may be."""
    return FullError("every place is taken at present", retry_after_s=RETRY_AFTER_S, hint=_LATER)


def too_busy() -> FullError:
    """The machine has no room for one more."""
    return FullError(
        "the coach has as many students as this machine can serve at present",
        retry_after_s=RETRY_AFTER_S,
        hint=_LATER,
    )


def making_room(retry_after_s: int) -> FullError:
    """A worker more is on its way."""
    return FullError("the coach makes room for you", retry_after_s=retry_after_s, hint=_LATER)


def stopping() -> FullError:
    """The server is going down."""
    return FullError("the server is stopping", retry_after_s=RETRY_AFTER_S, hint=_LATER)


def worker_gone() -> FullError:
    """An offer is answered once; the page makes another."""
    return FullError(
        "the process that was to serve you does not answer",
        retry_after_s=1,
        hint="try again in a second",
    )


def stale() -> BusyError:
    """The page that sent this offer does not wait for it any more."""
    return BusyError("the page has sent a newer offer", code="stale_offer")


def no_such_session() -> NotFoundError:
    """There is no session of this name, nor is its report kept."""
    return NotFoundError(
        "there is no such session",
        hint="the newest reports are kept; this one may have been too old",
    )
