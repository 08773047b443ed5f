"""What HTTP alone can refuse, in the one error shape."""

from coach_server.errors import CoachError


class RefusalError(CoachError):
    """A request that is turned away for how it comes, not for what it asks.

    Args:
        status: the HTTP status.
        code: stable, for programs.
        message, hint: as for `CoachError`.
    """

    def __init__(self, status: int, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint, code=code)
        self.http_status = status


class TooOftenError(RefusalError):
    """Somebody asks more often than is served.

    Args:
        what: is asked for.
        retry_after_s: when asking again makes sense, in seconds.
    """

    def __init__(self, what: str, *, retry_after_s: int) -> None:
        super().__init__(
            429, "too_often", f"there are too many {what}", hint="wait a moment, then try again"
        )
        self.retry_after_s = retry_after_s


class TokenError(RefusalError):
    """A request without the token, or with a wrong one."""

    def __init__(self, message: str) -> None:
        super().__init__(
            401,
            "token",
            message,
            hint="open the address that the server printed when it started, all of it",
        )
        self.headers = {"WWW-Authenticate": "Bearer"}
