"""The one exception tree; only the edges (`cli`, `web`) catch it.

CoachError
├── InputError         what the person at the keyboard can mend      exit 2, HTTP 400
│   ├── OfferError     an SDP offer that cannot be accepted          HTTP 400
│   ├── TooLargeError  a body, film or picture over its limit        HTTP 413
│   ├── MediaError     a film that is none, is cut short or is empty HTTP 400
│   ├── KindError      a file of a kind that is not taken            HTTP 415
│   ├── StorageError   the disk does not take or give what it should HTTP 507
│   ├── BusyError      somebody else is at it at this moment         HTTP 409
│   ├── NotFoundError  no such routine, session or file              HTTP 404
│   └── EngineError    a model is missing, broken or cannot run here exit 2, HTTP 503
├── FullError          no slot is free at present                    HTTP 503
├── StartingError      the engines are not loaded yet                HTTP 503
├── SupersededError    a newer frame took this one's place           (nobody hears of it)
└── InternalError      our fault                                     exit 1, HTTP 500
    └── EngineStuckError  an engine hung, and was replaced           HTTP 500
"""

from typing import ClassVar


class CoachError(Exception):
    """Base of all errors raised on purpose.

    Args:
        message: one plain sentence: what went wrong, and why where it is known.
        hint: the way out, as an instruction; empty where there is none.
        code: overrides the class's stable code with a narrower one.
    """

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1
    http_status: int = 500

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.error_code = code or self.code

    def as_dict(self) -> dict[str, dict[str, str]]:
        """The JSON error shape of every HTTP answer."""
        return {"error": {"code": self.error_code, "message": self.message, "hint": self.hint}}


class InputError(CoachError):
    """Something the user gave or can change."""

    code = "bad_input"
    exit_code = 2
    http_status = 400


class OfferError(InputError):
    """An SDP offer that cannot be accepted; says which rule it broke."""

    code = "bad_offer"


class TooLargeError(InputError):
    """A body, film or picture over its limit."""

    code = "too_large"
    http_status = 413


class MediaError(InputError):
    """A file that is no film, is cut short, or holds no picture."""

    code = "bad_media"


class KindError(InputError):
    """A file of a kind that is not taken, whatever it is called."""

    code = "wrong_kind"
    http_status = 415


class StorageError(InputError):
    """A disk that is full or broken, or a folder that may not be written."""

    code = "unwritable"
    http_status = 507


class BusyError(InputError):
    """Somebody else is changing it at this moment."""

    code = "busy"
    http_status = 409


class NotFoundError(InputError):
    """No such routine, session or file."""

    code = "not_found"
    http_status = 404


class EngineError(InputError):
    """A model is missing, broken, or cannot run on this machine."""

    code = "engine"
    http_status = 503


class FullError(CoachError):
    """No slot is free at present.

    Args:
        message: as for `CoachError`.
        retry_after_s: when asking again makes sense, in seconds.
    """

    code = "full"
    http_status = 503

    def __init__(self, message: str, *, retry_after_s: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class StartingError(CoachError):
    """The engines are not loaded yet."""

    code = "starting"
    http_status = 503
    retry_after_s = 2


class InternalError(CoachError):
    """A fault of ours."""


class EngineStuckError(InternalError):
    """An engine that hung in a frame, and has been replaced."""

    code = "engine_stuck"


class SupersededError(CoachError):
    """A newer frame of the same student took this one's place."""

    code = "superseded"
